// Texts for the names used by the API and the library.

const names = new Intl.DisplayNames(["en"], { type: "region" });

/** Returns a country's name: the server sends only codes, and the browser knows the names. */
export const country = (code) => names.of(code);

const KINDS = {
  fixed_line: "landline",
  mobile: "mobile",
  fixed_line_or_mobile: "landline or mobile",
  toll_free: "toll free",
  premium_rate: "premium rate",
  shared_cost: "shared cost",
  voip: "internet telephony",
  personal_number: "personal number",
  pager: "pager",
  uan: "company number",
  voicemail: "voicemail",
  unallocated: "a range that is not in use",
  impossible: "not a possible number",
};

/** Returns a description such as `France, mobile`. */
export const described = ({ region, allocation }) =>
  [region ? country(region) : "No country", KINDS[allocation]].filter(Boolean).join(", ");

const CHANNELS = { sms: "SMS", whatsapp: "WhatsApp" };

export const channelName = (channel) => CHANNELS[channel];

const FACTORS = {
  sms: "SMS passcode",
  whatsapp: "WhatsApp passcode",
  email: "email passcode",
  authenticator_app: "authenticator app",
  recovery_code: "recovery code",
};

/** Returns the names of a session's factors, in order of use. */
export const factors = (session) =>
  session.authentication_factors.map(({ delivery_method }) => FACTORS[delivery_method]).join(", ");

const REASONS = {
  empty: () => "Enter a phone number.",
  missing_plus: () => "Begin with + and the country code, such as +44 for the United Kingdom.",
  not_a_digit: () => "Phone numbers can’t contain this character.",
  too_short: () => "That is too short for a phone number.",
  too_long: () => "That is too long for a phone number.",
  unknown_calling_code: () => "No country code starts like this.",
  impossible: () => "No number with this country code has this length.",
  unallocated: () => "No such number is in use, as far as the numbering plan knows.",
  no_country: () => "The number belongs to a satellite or global service, not to a country.",
  unsupported_country: ({ region, channel }) => `Codes can’t be sent to ${country(region)} by ${channel}.`,
  country_denied: ({ region, channel }) => `${country(region)} is on this project’s denylist for ${channel}.`,
  country_not_allowed: ({ region, channel }) => `${country(region)} is not on this project’s allowlist for ${channel}.`,
};

/** Returns the reason for a refusal; if there is no text for it, the library's own message. */
export function reason(decision, channel) {
  const words = REASONS[decision.reason];
  if (words) return words({ region: decision.region, channel: channelName(channel) });
  const kind = KINDS[decision.reason];
  return kind ? `Codes are not sent to numbers of this kind: ${kind}.` : decision.message;
}

const PROBLEMS = {
  bad_request: "The server did not understand the request. Reload the page.",
  invalid_phone_number: "This number can’t be sent a code.",
  invalid_phone_number_country_code: "Codes are not sent to this number’s country.",
  invalid_code: "A code is six digits.",
  otp_code_not_found: "That is not the code. Check the latest message.",
  unable_to_auth_otp_code: "This code no longer works: it has expired, was used, or a newer one was sent. Send a new one.",
  unable_to_authenticate_totp: "That is not the app’s code. Codes change every 30 seconds.",
  totp_code_already_authenticated: "This code was already used. Wait for the next one.",
  unable_to_authenticate_recovery_code: "That is not one of your unused recovery codes.",
  active_totp_exists: "You already have an authenticator app.",
  user_lock_limit_reached: "Too many wrong codes: you are locked out.",
  too_many_requests: "Too many codes in a short time.",
  unauthorized_credentials: "The project id or the secret is wrong.",
  service_unavailable: "The server’s storage is not available at the moment. Try again.",
  message_queue_full: "Too many messages are waiting to be sent. Try again in a moment.",
  request_timed_out: "The server took too long. Try again.",
  internal_server_error: "The server failed. Try again.",
};

/** Returns a text for an API error, with the time to retry if known. Without an error type, there was no answer. */
export function problem(wire, seconds) {
  if (!wire) return "The server does not answer. Is it still running?";
  const words = PROBLEMS[wire] ?? `The server refused: ${wire}.`;
  return seconds ? `${words} Try again in ${span(seconds)}.` : words;
}

function span(seconds) {
  const [count, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(count);
}
