// Calls the server's API as a host's service would: JSON with Basic credentials.

import { problem } from "./words.js";

/** A refusal, or no answer. `message` is for the user, and `wire` is the error type. */
export class Refused extends Error {
  constructor(wire, seconds) {
    super(problem(wire, seconds));
    this.wire = wire;
  }
}

/** The region of the browser, such as `US`, or undefined if its language is no valid tag. */
export const region = regionOf(navigator.language);

/**
 * Returns whether the server is in development mode, and if so the project's credentials; and an
 * example of a mobile number in the browser's region.
 */
export const settings = () => call(region ? `/page/settings?region=${region}` : "/page/settings", { method: "GET" });

export const decision = (credentials, question) => post("/page/decision", credentials, question);

export const countries = (credentials) => call("/page/countries", { method: "GET", headers: basic(credentials) });

/** Sends a code. A new number creates a user. */
export const send = (credentials, channel, body) => post(`/v1/otps/${channel}/login_or_create`, credentials, body);

export const authenticate = (credentials, body) => post("/v1/otps/authenticate", credentials, body);

/** Begins the enrolment of an authenticator app. */
export const createTotp = (credentials, body) => post("/v1/totps", credentials, body);

export const authenticateTotp = (credentials, body) => post("/v1/totps/authenticate", credentials, body);

export const recover = (credentials, body) => post("/v1/totps/recover", credentials, body);

/** In development mode: returns the messages to a number, oldest first. */
export const outbox = (number) => call(`/dev/outbox?to=${encodeURIComponent(number)}`, { method: "GET" });

const post = (path, credentials, body) =>
  call(path, {
    method: "POST",
    headers: { ...basic(credentials), "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

function regionOf(language) {
  try {
    return new Intl.Locale(language).maximize().region;
  } catch {
    return undefined;
  }
}

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
