// Expiry of codes, locks and unverified claims, on a server whose clock is advanced.
"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const {
  EMAIL, useServer, outbox, newestCode, advance, another, send, loginOrCreate, sent, authenticate, fails,
  eachChannel,
} = require("./support");

const server = useServer();
const attempt = (method_id, code) => server.client.otps.authenticate({ method_id, code });
const user = (user_id) => server.client.users.get({ user_id });

async function wrong(method_id, code, times) {
  for (let round = 0; round < times; round++) await fails(404, "otp_code_not_found", attempt(method_id, another(code)));
}

eachChannel("codes expire", async (channel) => {
  for (const expiration_minutes of [undefined, 1, 10]) {
    const lifetime = 60 * (expiration_minutes ?? 2);
    const live = await sent(server, channel, { expiration_minutes });
    await advance(server, lifetime - 20);
    await authenticate(server, live.method_id, live.code);
    const expired = await sent(server, channel, { expiration_minutes });
    await advance(server, lifetime + 1);
    await fails(401, "unable_to_auth_otp_code", attempt(expired.method_id, expired.code));
  }
});

eachChannel("ten wrong codes lock the user for an hour", async (channel) => {
  const { to, method_id, code } = await sent(server, channel, { expiration_minutes: 10 });
  await wrong(method_id, code, 10);
  const locked = "user_lock_limit_reached";
  await fails(429, locked, attempt(method_id, code));
  for (const call of [send, loginOrCreate]) await fails(429, locked, call(server.client, channel, to));
  assert.equal((await outbox(server, to)).length, 1);

  await advance(server, 3600 - 60);
  await fails(429, locked, send(server.client, channel, to));
  await advance(server, 61);
  const { user_id } = await send(server.client, channel, to);
  assert.equal((await user(user_id)).is_locked, false);
  await authenticate(server, method_id, await newestCode(server, to));

  await send(server.client, channel, to);
  await wrong(method_id, await newestCode(server, to), 10);
  const { is_locked, lock_expires_at } = await user(user_id);
  assert.equal(is_locked, true);
  assert.ok(new Date(lock_expires_at) > new Date());
});

test("a success resets the failure count, a newer code does not", async () => {
  const { to, method_id, code } = await sent(server);
  await wrong(method_id, code, 9);
  await authenticate(server, method_id, code);
  await server.client.otps.sms.send({ phone_number: to });
  await wrong(method_id, await newestCode(server, to), 5);
  await server.client.otps.sms.send({ phone_number: to });
  await wrong(method_id, await newestCode(server, to), 5);
  await fails(429, "user_lock_limit_reached", attempt(method_id, await newestCode(server, to)));
});

eachChannel("unverified numbers are removed after five minutes", async (channel) => {
  const { user_id } = await server.client.users.create({});
  const values = async () => {
    const { emails, phone_numbers } = await user(user_id);
    return channel === EMAIL ? emails.map(({ email }) => email) : phone_numbers.map((phone) => phone.phone_number);
  };
  const to = channel.fresh();
  await send(server.client, channel, to, { user_id, expiration_minutes: 10 });
  await advance(server, 4 * 60);
  assert.deepEqual(await values(), [to]);
  await advance(server, 61);
  assert.deepEqual(await values(), []);
  await fails(404, channel.notFound, send(server.client, channel, to));
  assert.equal((await loginOrCreate(server.client, channel, to)).user_created, true);
});
