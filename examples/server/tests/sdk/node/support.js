// Test support: a server for each file, clients, unique users, and checks of errors.
"use strict";

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const http = require("node:http");
const readline = require("node:readline");
const test = require("node:test");
const { createHmac, randomUUID } = require("node:crypto");
const stytch = require("stytch");

const PROJECT_ID = "project-test-5d0b8f6a-6c5e-4c65-8f0b-0d7d2b1c7a90";
const SECRET = "secret-test-of-this-suite";
const KEY_ID = "workspace-key-of-this-suite";
const KEY_SECRET = "workspace-secret-of-this-suite";
const CREDENTIALS = {
  ...{ PROJECT_ID, SECRET, MGMT_KEY_ID: KEY_ID, MGMT_KEY_SECRET: KEY_SECRET },
  WEBHOOK_SECRET: "whsec_d2hhdCB0aGUgd2ViaG9vayBpcyBzaWduZWQgd2l0aA==",
};
const READY = "countersign-server listening on ";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
// A code, phone number or email address that might leak into an error message.
const PRIVATE = /\b\d{6}\b|\+\d{7,15}|\S+@\S+\.\S+/;

/** Starts a server before a file's tests and stops it after them. In development mode unless `options` say otherwise. */
function useServer(options = async () => ["--dev"]) {
  const server = { url: undefined, client: undefined };
  let child;
  test.before(async () => {
    const program = process.env.COUNTERSIGN_SERVER;
    assert.ok(
      program,
      "COUNTERSIGN_SERVER is not set: it must be the path of the server's executable. " +
        "`cargo test -p countersign-server --test sdk` builds it, sets it, and runs this.",
    );
    child = spawn(program, ["--listen", "127.0.0.1:0", ...(await options())], {
      env: { ...process.env, ...CREDENTIALS },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let log = "";
    child.stderr.on("data", (text) => (log += text));
    const lines = readline.createInterface(child.stdout);
    const [first] = await Promise.race([once(lines, "line"), once(child, "exit").then(() => [""])]);
    assert.ok(first.startsWith(READY), `${program} did not start: ${first}\n${log}`);
    server.url = first.slice(READY.length) + "/";
    server.client = connect(server);
  });
  test.after(async () => {
    if (child?.exitCode === null) {
      child.kill();
      await once(child, "exit");
    }
  });
  return server;
}

function connect(server, options = {}) {
  const warn = console.warn;
  // The SDK warns that this is not the provider's address.
  console.warn = () => {};
  try {
    return new stytch.Client({ project_id: PROJECT_ID, secret: SECRET, env: server.url, ...options });
  } finally {
    console.warn = warn;
  }
}

/** Returns the messages sent to a recipient, oldest first. */
async function outbox(server, to) {
  const answer = await fetch(`${server.url}dev/outbox?to=${encodeURIComponent(to)}`);
  assert.equal(answer.status, 200);
  return answer.json();
}

/** Returns the newest code sent to a recipient. */
async function newestCode(server, to) {
  return (await outbox(server, to)).at(-1).code;
}

/** Advances the server's clock. */
async function advance(server, seconds) {
  const answer = await fetch(`${server.url}dev/clock`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ advance_seconds: seconds }),
  });
  assert.equal(answer.status, 200);
  advanced.set(server, (advanced.get(server) ?? 0) + seconds);
}

/** Starts a webhook receiver that keeps messages and answers 200. */
async function gateway() {
  const messages = [];
  const receiver = http.createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    messages.push(JSON.parse(body));
    response.end();
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  return {
    url: `http://127.0.0.1:${receiver.address().port}/messages`,
    stop: () => receiver.close().closeAllConnections(),
    /** Returns the messages to a recipient, once there are at least `number`. */
    async wait(to, number) {
      for (let attempt = 0; attempt < 1200; attempt++) {
        const theirs = messages.filter((message) => message.to === to);
        if (theirs.length >= number) return theirs;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`too few messages arrived for ${to}`);
    },
  };
}

/** The seconds by which the clock was advanced, by server. */
const advanced = new Map();

/** Returns the code of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds), some steps from now. */
function totpCode(server, secret, steps = 0) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const seconds = Math.floor(Date.now() / 1000) + (advanced.get(server) ?? 0);
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30) + steps));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

let users = 0;
const AREAS = [201, 202, 203, 205, 206, 207, 208, 209, 210, 212];

/** Returns a valid phone number that no other test in the file uses, from the ranges reserved for fiction. */
function number() {
  const person = users++;
  return `+1${AREAS[Math.floor(person / 100)]}5550${100 + (person % 100)}`;
}

function address() {
  return `person-${users++}@example.com`;
}

/** Returns a well-formed id that the server has not issued. */
const unknown = (kind) => `${kind}-test-${randomUUID()}`;

/** Returns a different code. */
const another = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

const SMS = {
  name: "sms",
  fresh: number,
  field: "phone_number",
  id: "phone_id",
  kind: "phone-number",
  notFound: "phone_number_not_found",
};
const WHATSAPP = { ...SMS, name: "whatsapp" };
const EMAIL = {
  name: "email",
  fresh: address,
  field: "email",
  id: "email_id",
  kind: "email",
  notFound: "email_not_found",
};
const CHANNELS = [SMS, WHATSAPP, EMAIL];

const send = (client, channel, to, options) => client.otps[channel.name].send({ [channel.field]: to, ...options });

const loginOrCreate = (client, channel, to, options) =>
  client.otps[channel.name].loginOrCreate({ [channel.field]: to, ...options });

/** Sends a code to a new user. */
async function sent(server, channel = SMS, options = {}) {
  const to = channel.fresh();
  const response = await loginOrCreate(server.client, channel, to, options);
  return { to, method_id: response[channel.id], code: await newestCode(server, to) };
}

function succeeded(response) {
  assert.equal(response.status_code, 200);
  assert.match(response.request_id, new RegExp(`^request-id-test-${UUID}$`));
  return response;
}

async function authenticate(server, method_id, code, options = {}) {
  return succeeded(await server.client.otps.authenticate({ method_id, code, ...options }));
}

/** Checks that a call rejects with the SDK's own error, with all of its fields. */
async function fails(status, type, call) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof stytch.StytchError, String(error));
    assert.deepEqual([error.error_type, error.status_code], [type, status]);
    assert.match(error.request_id, new RegExp(`^request-id-test-${UUID}$`));
    assert.match(error.error_url, /^https?:\/\//);
    assert.ok(error.error_message.length > 10);
    assert.doesNotMatch(error.error_message, PRIVATE);
    return true;
  });
}

/** Defines a test for each channel. */
function eachChannel(name, body) {
  for (const channel of CHANNELS) test(`${name} (${channel.name})`, () => body(channel));
}

module.exports = {
  ...{ PROJECT_ID, SECRET, KEY_ID, KEY_SECRET, UUID, SMS, WHATSAPP, EMAIL },
  ...{ useServer, connect, outbox, newestCode, advance, gateway },
  ...{ number, address, unknown, another, totpCode },
  ...{ send, loginOrCreate, sent, succeeded, authenticate, fails, eachChannel },
};
