// What the page asks the server, as a service of the host would: JSON over Basic credentials.

import { problem } from "./words.js";

/** No answer, or one that was a refusal: `message` says it in words, and `wire` is its name on the wire. */
export class Refused extends Error {
  constructor(wire, seconds) {
    super(problem(wire, seconds));
    this.wire = wire;
  }
}

/** Whether the server is in dev, and if so the credentials of its project. */
export const settings = () => call("/page/settings", { method: "GET" });

export const decision = (credentials, question) => post("/page/decision", credentials, question);

export const countries = (credentials) => call("/page/countries", { method: "GET", headers: basic(credentials) });

/** Has a code sent. A number that nobody has yet makes a user. */
export const send = (credentials, channel, body) => post(`/v1/otps/${channel}/login_or_create`, credentials, body);

export const authenticate = (credentials, body) => post("/v1/otps/authenticate", credentials, body);

/** In dev: the messages to a number, the oldest first. */
export const outbox = (number) => call(`/dev/outbox?to=${encodeURIComponent(number)}`, { method: "GET" });

const post = (path, credentials, body) =>
  call(path, {
    method: "POST",
    headers: { ...basic(credentials), "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

async function call(path, options) {
  let response, answer;
  try {
    response = await fetch(path, { ...options, credentials: "omit", cache: "no-store" });
    answer = await response.json();
  } catch {
    throw new Refused();
  }
  if (!response.ok) throw new Refused(answer.error_type, Number(response.headers.get("Retry-After")));
  return answer;
}

function basic({ project_id, secret }) {
  const bytes = new TextEncoder().encode(`${project_id}:${secret}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
