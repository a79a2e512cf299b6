// Sessions started with a code, and their JWTs, which the SDK verifies locally with the published
// keys.
"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const stytch = require("stytch");
const {
  PROJECT_ID, UUID, EMAIL, SMS, useServer, connect, unknown, sent, succeeded, authenticate, fails, eachChannel,
} = require("./support");

const server = useServer();

async function login(channel = SMS, options = {}) {
  const { to, method_id, code } = await sent(server, channel);
  const answer = await authenticate(server, method_id, code, { session_duration_minutes: 60, ...options });
  return { to, ...answer };
}

const verify = (session_jwt, client = server.client) => client.sessions.authenticateJwtLocal({ session_jwt });
const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

const rejected = (token, client) =>
  assert.rejects(verify(token, client), (error) => error instanceof stytch.ClientError && error.code === "jwt_invalid");

eachChannel("starts a session", async (channel) => {
  const { to, user_id, method_id, session, session_token } = await login(channel);
  assert.match(session.session_id, new RegExp(`^session-test-${UUID}$`));
  assert.equal(session.user_id, user_id);
  assert.ok(session_token.length > 30);
  assert.equal(new Date(session.expires_at) - new Date(session.started_at), 3_600_000);
  const [factor, ...others] = session.authentication_factors;
  assert.deepEqual(others, []);
  assert.deepEqual([factor.type, factor.delivery_method], ["otp", channel.name]);
  if (channel === EMAIL) assert.deepEqual(factor.email_factor, { email_id: method_id, email_address: to });
  else assert.deepEqual(factor.phone_number_factor, { phone_id: method_id, phone_number: to });
});

test("session durations", async () => {
  for (const minutes of [5, 527_040]) {
    const { session } = await login(SMS, { session_duration_minutes: minutes });
    assert.equal(new Date(session.expires_at) - new Date(session.started_at), minutes * 60_000);
  }
  for (const session_duration_minutes of [4, 0, -1, 527_041]) {
    const { method_id, code } = await sent(server);
    const call = server.client.otps.authenticate({ method_id, code, session_duration_minutes });
    await fails(400, "invalid_session_duration_minutes", call);
    // An invalid request does not use up the code.
    await authenticate(server, method_id, code);
  }
});

eachChannel("the SDK accepts the JWT", async (channel) => {
  const { session, session_jwt, user_id } = await login(channel);
  const local = await verify(session_jwt);
  assert.deepEqual([local.session_id, local.user_id], [session.session_id, user_id]);
  assert.deepEqual(local.authentication_factors, session.authentication_factors);
  assert.deepEqual(local.roles, session.roles);
  assert.deepEqual([local.started_at, new Date(local.expires_at)], [session.started_at, new Date(session.expires_at)]);
});

test("the claims and published keys", async () => {
  const { session_jwt, user_id } = await login();
  const header = JSON.parse(Buffer.from(session_jwt.split(".")[0], "base64url"));
  assert.deepEqual([header.alg, header.typ], ["RS256", "JWT"]);
  const { iss, aud, sub, exp, iat } = claims(session_jwt);
  assert.deepEqual([iss, aud, sub, exp - iat], [`stytch.com/${PROJECT_ID}`, [PROJECT_ID], user_id, 300]);
  const { keys } = succeeded(await server.client.sessions.getJWKS({ project_id: PROJECT_ID }));
  assert.ok(keys.some((key) => key.kid === header.kid));
  for (const key of keys) assert.deepEqual([key.d, key.p, key.q], [undefined, undefined, undefined]);
});

test("the SDK rejects altered JWTs", async () => {
  const mine = await login();
  const theirs = await login();
  await verify(mine.session_jwt);
  const [header, payload, signature] = mine.session_jwt.split(".");
  const forged = { ...claims(mine.session_jwt), sub: theirs.user_id };
  await rejected(`${header}.${Buffer.from(JSON.stringify(forged)).toString("base64url")}.${signature}`);
  await rejected(`${header}.${payload}.${theirs.session_jwt.split(".")[2]}`);
  await rejected(`${header}.${payload}.`);
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
  await rejected(`${unsigned}.${payload}.`);
});

test("the SDK rejects another project's JWT", async () => {
  const { session_jwt } = await login();
  const stranger = connect(server, { project_id: unknown("project") });
  // With this project's keys, so that only its name differs.
  stranger.sessions.jwksClient = server.client.sessions.jwksClient;
  await rejected(session_jwt, stranger);
});

test("custom claims", async () => {
  const own = { plan: "gold", seats: 3, nested: { flags: [true, null] } };
  const { session, session_jwt } = await login(SMS, { session_custom_claims: own });
  assert.deepEqual(session.custom_claims, own);
  assert.deepEqual((await verify(session_jwt)).custom_claims, own);
});

test("ignores reserved custom claims", async () => {
  const own = { sub: "user-test-x", iss: "me", aud: "you", exp: 9_999_999_999, plan: "gold" };
  const { session_jwt, user_id } = await login(SMS, { session_custom_claims: own });
  const local = await verify(session_jwt);
  assert.deepEqual([local.user_id, local.custom_claims], [user_id, { plan: "gold" }]);
});

test("ignores custom claims without a session", async () => {
  const { method_id, code } = await sent(server);
  const answer = await authenticate(server, method_id, code, { session_custom_claims: { plan: "gold" } });
  assert.deepEqual([answer.session, answer.session_token, answer.session_jwt], [null, "", ""]);
});
