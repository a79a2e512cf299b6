// Runs the official verifier on a message: JSON from standard input, its verdict to standard
// output.
"use strict";

const { readFileSync } = require("node:fs");
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

const { secret, headers, body, later } = JSON.parse(readFileSync(0, "utf8"));

// The verifier's clock, shifted by this many seconds.
const now = Date.now;
Date.now = () => now() + later * 1000;

let verdict;
try {
  verdict = { accepted: new Webhook(secret).verify(Buffer.from(body), headers) };
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  verdict = { rejected: error.message };
}
console.log(JSON.stringify(verdict));
