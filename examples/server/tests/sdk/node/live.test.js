// A production server: messages are sent by webhook, and the limits on sends apply.
"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { useServer, gateway, send, loginOrCreate, authenticate, fails, eachChannel } = require("./support");

let receiver;
const server = useServer(async () => {
  receiver = await gateway();
  return ["--webhook", receiver.url];
});
test.after(() => receiver.stop());

eachChannel("a second send is rate limited", async (channel) => {
  const to = channel.fresh();
  const response = await loginOrCreate(server.client, channel, to);
  for (const call of [send, loginOrCreate]) await fails(429, "too_many_requests", call(server.client, channel, to));
  const [message, ...others] = await receiver.wait(to, 1);
  assert.deepEqual(others, []);
  assert.deepEqual([message.to, message.channel], [to, channel.name]);
  // The code that was sent succeeds.
  await authenticate(server, response[channel.id], message.code);
});

test("the sandbox is disabled", async () => {
  const call = server.client.otps.sms.loginOrCreate({ phone_number: "+10000000000" });
  await fails(400, "invalid_phone_number", call);
});
