// `authenticate`: a correct code succeeds once, and others fail; the sandbox; wrong credentials.
"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const {
  EMAIL, SMS, WHATSAPP, useServer, connect, outbox, newestCode, number, unknown, another, send, loginOrCreate,
  sent, succeeded, authenticate, fails, eachChannel,
} = require("./support");

const server = useServer();
const attempt = (method_id, code, options) => server.client.otps.authenticate({ method_id, code, ...options });
const refused = (method_id, code) => fails(401, "unable_to_auth_otp_code", attempt(method_id, code));

/** Checks that the older code fails and the newer one succeeds. */
async function superseded({ to, method_id, code }) {
  await refused(method_id, code);
  await authenticate(server, method_id, await newestCode(server, to));
  await refused(method_id, code);
}

eachChannel("the correct code succeeds", async (channel) => {
  const { to, method_id, code } = await sent(server, channel);
  const answer = await authenticate(server, method_id, code);
  assert.equal(answer.method_id, method_id);
  assert.equal(answer.user_id, answer.user.user_id);
  assert.equal(answer.reset_sessions, false);
  assert.equal(answer.session, null);
  assert.deepEqual([answer.session_token, answer.session_jwt], ["", ""]);
  const [factor] = channel === EMAIL ? answer.user.emails : answer.user.phone_numbers;
  assert.deepEqual([factor[channel.field], factor.verified], [to, true]);
});

eachChannel("a wrong code does not invalidate the correct one", async (channel) => {
  const { method_id, code } = await sent(server, channel);
  for (const wrong of [another(code), another(another(code))])
    await fails(404, "otp_code_not_found", attempt(method_id, wrong));
  await authenticate(server, method_id, code);
});

eachChannel("a code succeeds once", async (channel) => {
  const { method_id, code } = await sent(server, channel);
  await authenticate(server, method_id, code);
  for (let round = 0; round < 3; round++) await refused(method_id, code);
});

test("one of many concurrent submissions succeeds", async () => {
  const { method_id, code } = await sent(server);
  const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => attempt(method_id, code)));
  const verdicts = attempts.map(({ value, reason }) => value?.status_code ?? reason.error_type).sort();
  assert.deepEqual(verdicts, [200, ...Array(19).fill("unable_to_auth_otp_code")]);
});

eachChannel("a newer code supersedes the older one", async (channel) => {
  for (const resend of [send, loginOrCreate]) {
    const old = await sent(server, channel);
    await resend(server.client, channel, old.to);
    await superseded(old);
  }
});

eachChannel("a newer code with another lifetime supersedes the older one", async (channel) => {
  for (const [first, second] of [[10, 1], [1, 10], [undefined, 5]]) {
    const old = await sent(server, channel, { expiration_minutes: first });
    await send(server.client, channel, old.to, { expiration_minutes: second });
    await superseded(old);
  }
});

test("a newer code on another channel supersedes the older one", async () => {
  for (const [first, second] of [[SMS, WHATSAPP], [WHATSAPP, SMS]])
    for (const resend of [send, loginOrCreate]) {
      const old = await sent(server, first);
      await resend(server.client, second, old.to);
      await superseded(old);
    }
});

eachChannel("a refused resend does not invalidate the code", async (channel) => {
  const { to, method_id, code } = await sent(server, channel);
  await fails(400, "invalid_expiration_otp", send(server.client, channel, to, { expiration_minutes: 11 }));
  await fails(400, "invalid_locale", send(server.client, channel, to, { locale: "xx" }));
  await authenticate(server, method_id, code);
});

eachChannel("rejects malformed codes", async (channel) => {
  const { method_id, code } = await sent(server, channel);
  for (const text of ["", "12345", "1234567", "abcdef", "12 345", "12345a", "١٢٣٤٥٦", "-12345"])
    await fails(400, "invalid_code", attempt(method_id, text));
  await authenticate(server, method_id, code);
});

test("rejects malformed method_ids", async () => {
  const { user_id } = await server.client.users.create({ phone_number: number() });
  for (const text of ["", "nonsense", "phone-number-test-", "email-test-1", user_id])
    await fails(400, "invalid_method_id", attempt(text, "123456"));
});

test("rejects fields of the wrong type", async () => {
  const { method_id, code } = await sent(server);
  for (const no of [undefined, null, 123456]) {
    await fails(400, "bad_request", attempt(method_id, no));
    await fails(400, "bad_request", attempt(no, code));
  }
  await fails(400, "bad_request", attempt(method_id, code, { session_duration_minutes: "60" }));
  await authenticate(server, method_id, code);
});

test("rejects methods without a code", async () => {
  const user = await server.client.users.create({ phone_number: number() });
  for (const method_id of [user.phone_id, unknown("phone-number"), unknown("email")])
    await fails(404, "otp_code_not_found", attempt(method_id, "123456"));
});

eachChannel("sandbox recipients", async (channel) => {
  const to = channel === EMAIL ? "sandbox@stytch.com" : "+10000000000";
  for (const call of [send, loginOrCreate, send]) {
    const response = succeeded(await call(server.client, channel, to));
    const method_id = response[channel.id];
    for (const code of ["000001", "123456"]) await fails(404, "otp_code_not_found", attempt(method_id, code));
    const answer = await authenticate(server, method_id, "000000");
    assert.equal(answer.user_id, response.user_id);
  }
  assert.deepEqual(await outbox(server, to), []);
});

eachChannel("the sandbox code fails for other recipients", async (channel) => {
  const { method_id, code } = await sent(server, channel);
  if (code !== "000000") await fails(404, "otp_code_not_found", attempt(method_id, "000000"));
});

test("rejects a wrong secret", async () => {
  const { to, method_id, code } = await sent(server);
  const email = "a@example.com";
  for (const options of [{ secret: "secret-test-of-another" }, { project_id: unknown("project") }]) {
    const { otps, users } = connect(server, options);
    for (const call of [
      ...[otps.sms, otps.whatsapp].flatMap((channel) => [
        () => channel.send({ phone_number: to }),
        () => channel.loginOrCreate({ phone_number: to }),
      ]),
      () => otps.email.send({ email }),
      () => otps.email.loginOrCreate({ email }),
      () => otps.authenticate({ method_id, code }),
      () => users.create({}),
      () => users.get({ user_id: unknown("user") }),
    ])
      await fails(401, "unauthorized_credentials", call);
  }
  assert.equal((await outbox(server, to)).length, 1);
  assert.deepEqual(await outbox(server, email), []);
  await authenticate(server, method_id, code);
});
