// `send` and `loginOrCreate` on each channel: recipients, contents and refusals.
"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const {
  EMAIL, SMS, WHATSAPP, UUID, useServer, outbox, newestCode, number, address, unknown, send, loginOrCreate,
  sent, succeeded, authenticate, fails, eachChannel,
} = require("./support");

const server = useServer();
const CALLS = [send, loginOrCreate];
// Some words of each language's messages, the same on all channels.
const WORDS = { en: "valid for", es: "caduca en", fr: "valable", "pt-br": "vale por" };

async function factors(channel, user_id) {
  const user = await server.client.users.get({ user_id });
  return channel === EMAIL
    ? user.emails.map((email) => [email.email, email.verified])
    : user.phone_numbers.map((phone) => [phone.phone_number, phone.verified]);
}

eachChannel("loginOrCreate creates a user once", async (channel) => {
  const to = channel.fresh();
  const first = succeeded(await loginOrCreate(server.client, channel, to));
  assert.equal(first.user_created, true);
  assert.match(first.user_id, new RegExp(`^user-test-${UUID}$`));
  assert.match(first[channel.id], new RegExp(`^${channel.kind}-test-${UUID}$`));
  const again = succeeded(await loginOrCreate(server.client, channel, to));
  assert.deepEqual([again.user_created, again.user_id, again[channel.id]], [false, first.user_id, first[channel.id]]);
});

eachChannel("the contents of a message", async (channel) => {
  const { to, code } = await sent(server, channel);
  const [message, ...others] = await outbox(server, to);
  assert.deepEqual(others, []);
  assert.deepEqual([message.to, message.channel], [to, channel.name]);
  assert.match(code, /^[0-9]{6}$/);
  assert.ok(message.body.includes(code));
});

eachChannel("send to an existing user", async (channel) => {
  const to = channel.fresh();
  const user = await server.client.users.create({ [channel.field]: to });
  const response = succeeded(await send(server.client, channel, to));
  assert.deepEqual([response.user_id, response[channel.id]], [user.user_id, user[channel.id]]);
  await authenticate(server, response[channel.id], await newestCode(server, to));
});

eachChannel("the method_id is stable across resends", async (channel) => {
  const { to, method_id } = await sent(server, channel);
  for (let round = 0; round < 4; round++)
    for (const call of CALLS) assert.equal((await call(server.client, channel, to))[channel.id], method_id);
  assert.equal((await outbox(server, to)).length, 9);
});

test("a phone number has one id for both channels", async () => {
  const { to, method_id } = await sent(server, SMS);
  assert.equal((await send(server.client, WHATSAPP, to)).phone_id, method_id);
});

eachChannel("send to an unknown recipient", async (channel) => {
  const to = channel.fresh();
  await fails(404, channel.notFound, send(server.client, channel, to));
  assert.deepEqual(await outbox(server, to), []);
});

test("rejects invalid phone numbers", async () => {
  const texts = ["not a number", "2015550123", "+1 201 555 0123", "+12015550123abc", "+1201555", "+11234567890"];
  for (const channel of [SMS, WHATSAPP])
    for (const call of CALLS)
      for (const to of [...texts, "+999123456789", "+", ""])
        await fails(400, "invalid_phone_number", call(server.client, channel, to));
});

test("rejects invalid email addresses", async () => {
  for (const call of CALLS)
    for (const to of ["nobody", "@example.com", "a@", "a b@example.com", "a@b@example.com", ""])
      await fails(400, "invalid_email", call(server.client, EMAIL, to));
});

eachChannel("accepts lifetimes of one to ten minutes", async (channel) => {
  const to = channel.fresh();
  for (let minutes = 1; minutes <= 10; minutes++) {
    await loginOrCreate(server.client, channel, to, { expiration_minutes: minutes });
    assert.ok((await outbox(server, to)).at(-1).body.includes(` ${minutes} min`));
  }
  // Unset options may be null, which means the default.
  await loginOrCreate(server.client, channel, to, { expiration_minutes: null });
  assert.ok((await outbox(server, to)).at(-1).body.includes(" 2 min"));
});

eachChannel("rejects other lifetimes", async (channel) => {
  const to = channel.fresh();
  const fresh = channel.fresh();
  await server.client.users.create({ [channel.field]: to });
  for (const expiration_minutes of [0, -1, 11, 60, 1e9]) {
    await fails(400, "invalid_expiration_otp", send(server.client, channel, to, { expiration_minutes }));
    await fails(400, "invalid_expiration_otp", loginOrCreate(server.client, channel, fresh, { expiration_minutes }));
  }
  assert.deepEqual([await outbox(server, to), await outbox(server, fresh)], [[], []]);
  await fails(404, channel.notFound, send(server.client, channel, fresh));
});

eachChannel("sends messages in each language", async (channel) => {
  const to = channel.fresh();
  const tags = [undefined, null, "en", "es", "fr", "pt-br", "ptbr"];
  const languages = ["en", "en", "en", "es", "fr", "pt-br", "pt-br"];
  for (const [index, locale] of tags.entries())
    for (const call of [loginOrCreate, send]) {
      await call(server.client, channel, to, { locale });
      const message = (await outbox(server, to)).at(-1);
      assert.equal(message.locale.toLowerCase(), languages[index]);
      for (const [language, words] of Object.entries(WORDS))
        assert.equal(message.body.toLowerCase().includes(words), language === languages[index], message.body);
    }
});

eachChannel("rejects other languages", async (channel) => {
  const to = channel.fresh();
  await server.client.users.create({ [channel.field]: to });
  for (const locale of ["it", "de-DE", "zhHans", "not a language"])
    for (const call of CALLS) await fails(400, "invalid_locale", call(server.client, channel, to, { locale }));
  assert.deepEqual(await outbox(server, to), []);
});

eachChannel("rejects fields of the wrong type", async (channel) => {
  const to = channel.fresh();
  for (const call of CALLS) {
    for (const no of [undefined, null, 12015550123, [to]])
      await fails(400, "bad_request", call(server.client, channel, no));
    for (const options of [{ expiration_minutes: "5" }, { expiration_minutes: 2.5 }, { locale: 1 }])
      await fails(400, "bad_request", call(server.client, channel, to, options));
  }
  assert.deepEqual(await outbox(server, to), []);
});

eachChannel("ignores fields that it does not use", async (channel) => {
  const attributes = { ip_address: "192.0.2.1", user_agent: "a browser" };
  const templates = channel === EMAIL ? { login_template_id: "hello", signup_template_id: null } : {};
  const { to, method_id, code } = await sent(server, channel, { attributes, ...templates });
  const options = { ip_match_required: false, user_agent_match_required: false };
  await authenticate(server, method_id, code, { attributes, options, telemetry_id: "t", session_token: null });
  succeeded(await send(server.client, channel, to, { attributes: { ip_address: "192.0.2.1" }, user_id: null }));
});

eachChannel("adds a number to a user", async (channel) => {
  const { user_id } = await server.client.users.create({});
  const to = channel.fresh();
  const response = succeeded(await send(server.client, channel, to, { user_id }));
  assert.equal(response.user_id, user_id);
  assert.deepEqual(await factors(channel, user_id), [[to, false]]);
  await authenticate(server, response[channel.id], await newestCode(server, to));
  assert.deepEqual(await factors(channel, user_id), [[to, true]]);
});

eachChannel("adds a number to a session's user", async (channel) => {
  for (const key of ["session_token", "session_jwt"]) {
    const { method_id, code } = await sent(server);
    const login = await authenticate(server, method_id, code, { session_duration_minutes: 10 });
    const response = await send(server.client, channel, channel.fresh(), { [key]: login[key] });
    assert.equal(response.user_id, login.user_id);
  }
});

eachChannel("rejects an unknown user", async (channel) => {
  const to = channel.fresh();
  await fails(404, "user_not_found", send(server.client, channel, to, { user_id: unknown("user") }));
  assert.deepEqual(await outbox(server, to), []);
});

test("rejects another user's number", async () => {
  for (const channel of [SMS, WHATSAPP]) {
    const to = number();
    await server.client.users.create({ phone_number: to });
    const { user_id } = await server.client.users.create({});
    await fails(400, "duplicate_phone_number", send(server.client, channel, to, { user_id }));
    await fails(400, "duplicate_phone_number", server.client.users.create({ phone_number: to }));
    assert.deepEqual(await outbox(server, to), []);
    assert.deepEqual(await factors(channel, user_id), []);
  }
});

eachChannel("limits unverified factors", async (channel) => {
  const { user_id } = await server.client.users.create({});
  let attached = 0;
  let to = channel.fresh();
  const refused = async () => {
    for (; attached < 50; attached++, to = channel.fresh()) await send(server.client, channel, to, { user_id });
  };
  await fails(400, "too_many_unverified_factors", refused);
  assert.ok(attached > 0);
  assert.deepEqual(await outbox(server, to), []);
  assert.equal((await factors(channel, user_id)).length, attached);
});

test("creates and returns users", async () => {
  const phone_number = number();
  const email = address();
  const name = { first_name: "Ada", last_name: "Byron" };
  const created = succeeded(await server.client.users.create({ phone_number, email, name }));
  const got = succeeded(await server.client.users.get({ user_id: created.user_id }));
  for (const user of [created.user, got]) {
    assert.equal(user.user_id, created.user_id);
    assert.deepEqual([user.name.first_name, user.name.last_name], ["Ada", "Byron"]);
    assert.deepEqual(user.phone_numbers, [{ phone_id: created.phone_id, phone_number, verified: false }]);
    assert.deepEqual(user.emails, [{ email_id: created.email_id, email, verified: false }]);
    for (const list of ["webauthn_registrations", "providers", "totps", "crypto_wallets", "biometric_registrations"])
      assert.deepEqual(user[list], []);
    assert.ok(Array.isArray(user.roles));
    assert.equal(user.is_locked, false);
  }
  const bare = succeeded(await server.client.users.create({}));
  assert.deepEqual([bare.phone_id, bare.email_id, bare.status], ["", "", "active"]);
  await fails(404, "user_not_found", server.client.users.get({ user_id: unknown("user") }));
});

eachChannel("a pending user is active once verified", async (channel) => {
  const to = channel.fresh();
  const response = await loginOrCreate(server.client, channel, to, { create_user_as_pending: true });
  assert.equal((await server.client.users.get({ user_id: response.user_id })).status, "pending");
  const answer = await authenticate(server, response[channel.id], await newestCode(server, to));
  assert.equal(answer.user.status, "active");
});
