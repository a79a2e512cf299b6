// Allowed countries: the default, and changes through the management endpoints, for which there is
// no
// published Node SDK.
"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const {
  PROJECT_ID, SECRET, KEY_ID, KEY_SECRET, UUID, SMS, WHATSAPP, useServer, outbox, number, send, loginOrCreate,
  succeeded, fails,
} = require("./support");

const server = useServer();
const NUMBERS = {
  CA: "+14165550123",
  GB: "+447400123456",
  FR: "+33612345678",
  // Jersey and the Bahamas share calling codes with the United Kingdom and the United States.
  JE: "+447797712345",
  BS: "+12423591234",
  NG: "+2348021234567",
};

async function manage(channel, country_codes, [id, secret] = [KEY_ID, KEY_SECRET]) {
  const path = `pwa/v3/projects/a-project/environments/a-place/allowed_country_codes/${channel.name}`;
  const answer = await fetch(server.url + path, {
    method: country_codes ? "POST" : "GET",
    headers: { Authorization: `Basic ${btoa(`${id}:${secret}`)}`, "Content-Type": "application/json" },
    body: country_codes && JSON.stringify({ country_codes }),
  });
  return [answer.status, await answer.json()];
}

async function allowed(channel, country_codes) {
  const [status, answer] = await manage(channel, country_codes);
  assert.equal(status, 200);
  return succeeded(answer).country_codes.sort();
}

async function refused(status, type, managing) {
  const [actual, error] = await managing;
  assert.deepEqual([actual, error.status_code, error.error_type], [status, status, type]);
  assert.match(error.request_id, new RegExp(`^request-id-test-${UUID}$`));
  assert.match(error.error_url, /^https?:\/\//);
  assert.ok(error.error_message.length > 10);
}

async function denied(channel, to) {
  const before = await outbox(server, to);
  for (const call of [send, loginOrCreate])
    await fails(400, "invalid_phone_number_country_code", call(server.client, channel, to));
  assert.deepEqual(await outbox(server, to), before);
}

test("the default allowlist", async () => {
  for (const channel of [SMS, WHATSAPP]) {
    assert.deepEqual(await allowed(channel), ["CA", "US"]);
    for (const country of ["GB", "FR", "JE", "BS", "NG"]) await denied(channel, NUMBERS[country]);
    for (const to of [number(), NUMBERS.CA]) succeeded(await loginOrCreate(server.client, channel, to));
  }
});

test("changes and refused changes", async () => {
  for (const [channel, other] of [[SMS, WHATSAPP], [WHATSAPP, SMS]]) {
    assert.deepEqual(await allowed(other, ["US", "CA"]), ["CA", "US"]);
    assert.deepEqual(await allowed(channel, ["GB", "US"]), ["GB", "US"]);
    assert.deepEqual(await allowed(other), ["CA", "US"]);
    for (const codes of [["NG"], ["FR", "NG"], ["FR", "YF"], ["FR", "ZZ"], ["FR", ""]])
      await refused(400, "country_code_allowlist_invalid_country_codes", manage(channel, codes));
    await refused(400, "country_code_allowlist_empty", manage(channel, []));
    assert.deepEqual(await allowed(channel), ["GB", "US"]);
    succeeded(await loginOrCreate(server.client, channel, NUMBERS.GB));
    await denied(other, NUMBERS.GB);
    for (const country of ["FR", "CA", "JE"]) await denied(channel, NUMBERS[country]);
  }
});

test("requires the management key", async () => {
  for (const key of [[KEY_ID, "another"], ["another", KEY_SECRET], [PROJECT_ID, SECRET]]) {
    await refused(401, "unauthorized_credentials", manage(SMS, undefined, key));
    await refused(401, "unauthorized_credentials", manage(SMS, ["FR"], key));
  }
  await denied(SMS, NUMBERS.FR);
});
