// Authenticator apps and recovery codes.
"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const {
  UUID, useServer, connect, advance, newestCode, number, unknown, totpCode, sent, succeeded, authenticate, fails,
} = require("./support");

const server = useServer();
const totps = () => server.client.totps;
const user = (user_id) => server.client.users.get({ user_id });

const UNABLE = [401, "unable_to_authenticate_totp"];
const UNABLE_TO_RECOVER = [401, "unable_to_authenticate_recovery_code"];
const LOCKED = [429, "user_lock_limit_reached"];

async function create(user_id, options = {}) {
  user_id ??= (await server.client.users.create({ phone_number: number() })).user_id;
  return succeeded(await totps().create({ user_id, ...options }));
}

/** Returns the code that the app shows. */
const code = ({ secret }) => totpCode(server, secret);

/** Returns a code that is wrong now and in the steps around. */
function wrong({ secret }) {
  const near = [-3, -2, -1, 0, 1, 2, 3].map((steps) => totpCode(server, secret, steps));
  return ["111111", "222222", "333333", "444444"].find((code) => !near.includes(code));
}

async function enrol(user_id) {
  const created = await create(user_id);
  succeeded(await totps().authenticate({ user_id: created.user_id, totp_code: code(created) }));
  await advance(server, 30);
  return created;
}

const attempt = (user_id, totp_code, options) => totps().authenticate({ user_id, totp_code, ...options });
const recover = (user_id, recovery_code, options) => totps().recover({ user_id, recovery_code, ...options });

test("create", async () => {
  const created = await create();
  assert.match(created.totp_id, new RegExp(`^totp-test-${UUID}$`));
  assert.match(created.secret, /^[A-Z2-7]{32}$/);
  assert.ok(created.qr_code.startsWith("data:image/png;base64,iVBOR"));
  assert.equal(new Set(created.recovery_codes).size, 10);
  for (const code of created.recovery_codes) assert.match(code, /^([a-z0-9]{4}-){2}[a-z0-9]{4}$/);
  const totp = { totp_id: created.totp_id, verified: false };
  for (const { totps } of [created.user, await user(created.user_id)]) assert.deepEqual(totps, [totp]);
});

test("the first code confirms the app, and each works once", async () => {
  const created = await create();
  const { user_id, totp_id } = created;
  const first = code(created);
  const answer = succeeded(await attempt(user_id, first));
  assert.deepEqual([answer.user_id, answer.totp_id], [user_id, totp_id]);
  assert.deepEqual([answer.session, answer.session_token, answer.session_jwt], [null, "", ""]);
  for (const { totps } of [answer.user, await user(user_id)]) assert.deepEqual(totps, [{ totp_id, verified: true }]);
  await fails(401, "totp_code_already_authenticated", attempt(user_id, first));
  await fails(400, "active_totp_exists", totps().create({ user_id }));
  await advance(server, 30);
  succeeded(await attempt(user_id, code(created)));
});

test("one of many concurrent submissions succeeds", async () => {
  const created = await create();
  const first = code(created);
  const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => attempt(created.user_id, first)));
  const verdicts = attempts.map(({ value, reason }) => value?.status_code ?? reason.error_type).sort();
  assert.deepEqual(verdicts, [200, ...Array(19).fill("totp_code_already_authenticated")]);
});

test("wrong and malformed codes", async () => {
  const created = await enrol();
  for (const text of [wrong(created), "", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
    await fails(...UNABLE, attempt(created.user_id, text));
  succeeded(await attempt(created.user_id, code(created)));
});

test("users without an app, and unknown users", async () => {
  const { user_id } = await server.client.users.create({});
  await fails(...UNABLE, attempt(user_id, "123456"));
  await fails(...UNABLE_TO_RECOVER, recover(user_id, "aaaa-bbbb-cccc"));
  assert.deepEqual(succeeded(await totps().recoveryCodes({ user_id })).totps, []);
  const nobody = unknown("user");
  for (const call of [
    () => totps().create({ user_id: nobody }),
    () => attempt(nobody, "123456"),
    () => totps().recoveryCodes({ user_id: nobody }),
    () => recover(nobody, "aaaa-bbbb-cccc"),
  ])
    await fails(404, "user_not_found", call);
});

test("expiration", async () => {
  const { user_id } = await server.client.users.create({});
  for (const expiration_minutes of [4, 1441, 0, -1, "60"])
    await fails(400, "bad_request", totps().create({ user_id, expiration_minutes }));
  for (const expiration_minutes of [5, 1440, undefined]) {
    const created = await create(user_id, { expiration_minutes });
    await advance(server, 60 * (expiration_minutes ?? 1440) + 1);
    await fails(...UNABLE, attempt(user_id, code(created)));
    assert.deepEqual((await user(user_id)).totps, []);
  }
});

test("a restarted enrolment replaces the secret and the recovery codes", async () => {
  const first = await create();
  const second = await create(first.user_id);
  await fails(...UNABLE, attempt(first.user_id, code(first)));
  succeeded(await attempt(first.user_id, code(second)));
  await fails(...UNABLE_TO_RECOVER, recover(first.user_id, first.recovery_codes[0]));
  succeeded(await recover(first.user_id, second.recovery_codes[0]));
});

test("a second factor extends a session", async () => {
  const { method_id, code: passcode } = await sent(server);
  const first = await authenticate(server, method_id, passcode, { session_duration_minutes: 60 });
  const created = await create(first.user_id);
  const totp_code = code(created);
  await fails(400, "invalid_session_duration_minutes", attempt(first.user_id, totp_code, { session_duration_minutes: 4 }));
  const options = { session_token: first.session_token, session_duration_minutes: 120 };
  const second = succeeded(await attempt(first.user_id, totp_code, options));
  assert.deepEqual([second.session_token, second.session.session_id], [first.session_token, first.session.session_id]);
  const [one, two, ...others] = second.session.authentication_factors;
  assert.deepEqual([one.type, two.type, two.delivery_method, others], ["otp", "totp", "authenticator_app", []]);
  assert.deepEqual(two.authenticator_app_factor, { totp_id: created.totp_id });
  // The SDK would check the JWT's times by its own clock, which other tests leave behind.
  const claims = JSON.parse(Buffer.from(second.session_jwt.split(".")[1], "base64url"));
  const inner = claims["https://stytch.com/session"];
  assert.deepEqual(inner.authentication_factors, second.session.authentication_factors);
});

test("delete", async () => {
  const { user_id, totp_id, ...app } = await enrol();
  const deleted = succeeded(await server.client.users.deleteTOTP({ totp_id }));
  assert.deepEqual([deleted.user_id, deleted.user.totps], [user_id, []]);
  await fails(...UNABLE, attempt(user_id, code(app)));
  await fails(404, "totp_not_found", server.client.users.deleteTOTP({ totp_id }));
  await enrol(user_id);
});

test("recovery codes", async () => {
  const pending = await create();
  const { user_id } = pending;
  const shown = async () => succeeded(await totps().recoveryCodes({ user_id })).totps;
  const listed = ({ totp_id }, verified, recovery_codes) => [{ totp_id, verified, recovery_codes }];
  assert.deepEqual(await shown(), listed(pending, false, pending.recovery_codes));
  await fails(...UNABLE_TO_RECOVER, recover(user_id, pending.recovery_codes[0]));
  const created = await enrol(user_id);
  for (const [place, recovery_code] of created.recovery_codes.entries()) {
    const typed = place % 2 ? recovery_code : recovery_code.toUpperCase().replaceAll("-", " ");
    const answer = succeeded(await recover(user_id, typed, { session_duration_minutes: 60 }));
    assert.deepEqual([answer.user_id, answer.totp_id], [user_id, created.totp_id]);
    const [factor] = answer.session.authentication_factors;
    assert.deepEqual([factor.type, factor.delivery_method], ["recovery_codes", "recovery_code"]);
    const { totp_recovery_code_id } = factor.recovery_code_factor;
    assert.match(totp_recovery_code_id, new RegExp(`^totp-recovery-code-test-${UUID}$`));
    assert.deepEqual(await shown(), listed(created, true, created.recovery_codes.slice(place + 1)));
    await fails(...UNABLE_TO_RECOVER, recover(user_id, recovery_code));
  }
});

test("ten wrong codes lock the user for an hour", async () => {
  const { to, method_id, code: passcode } = await sent(server);
  const { user_id } = await authenticate(server, method_id, passcode);
  const created = await enrol(user_id);
  for (const times of [5, 5]) {
    // A passcode does not clear the failures of the app.
    await server.client.otps.sms.send({ phone_number: to });
    await authenticate(server, method_id, await newestCode(server, to));
    for (let round = 0; round < times; round++) await fails(...UNABLE, attempt(user_id, wrong(created)));
  }
  await fails(...LOCKED, attempt(user_id, code(created)));
  await fails(...LOCKED, recover(user_id, created.recovery_codes[0]));
  await fails(...LOCKED, server.client.otps.sms.send({ phone_number: to }));
  const { is_locked, lock_expires_at } = await user(user_id);
  assert.ok(is_locked && new Date(lock_expires_at) > new Date());
  await advance(server, 3600);
  assert.equal((await user(user_id)).is_locked, false);
  succeeded(await attempt(user_id, code(created)));
});

test("rejects a wrong secret", async () => {
  const created = await create();
  const { user_id } = created;
  const others = connect(server, { secret: "secret-test-of-another" }).totps;
  for (const call of [
    () => others.create({ user_id }),
    () => others.authenticate({ user_id, totp_code: code(created) }),
    () => others.recoveryCodes({ user_id }),
    () => others.recover({ user_id, recovery_code: created.recovery_codes[0] }),
  ])
    await fails(401, "unauthorized_credentials", call);
  succeeded(await attempt(user_id, code(created)));
});
