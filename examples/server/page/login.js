// A login in three steps: the number and its decision, the code, and the proof.

import * as api from "./api.js";
import { Countdown } from "./countdown.js";
import { credentials } from "./credentials.js";
import { Ask } from "./decision.js";
import { element, named, notice } from "./element.js";
import { Phone } from "./phone.js";
import { channelName, described } from "./words.js";

const byId = (id) => document.getElementById(id);

/** The lifetime of a code. It is requested explicitly, so that the countdown matches the server. */
const MINUTES = 2;
const SESSION_MINUTES = 60;

const STEPS = ["number-step", "code-step", "result-step"];

/** The last code sent: `{ number, channel, locale, method_id, decision, user_created }`. */
let sent;

const project = await credentials().catch((error) => {
  notice(byId("decision"), "refused", error.message);
  throw error;
});
const phone = project.dev ? new Phone(fill) : null;
const ask = new Ask(project, say);
const countdown = new Countdown(byId("life"), byId("life-bar"), () => say("The code has expired. Send a new one."));

byId("number-form").addEventListener("submit", once(start));
byId("code-form").addEventListener("submit", once(verify));
byId("again").addEventListener("click", once(resend));
byId("change").addEventListener("click", () => toNumber());
byId("over").addEventListener("click", () => {
  byId("number").value = "";
  ask.clear();
  phone?.clear();
  toNumber();
});
byId("credentials-form").addEventListener("submit", (event) => {
  event.preventDefault();
  byId("number").focus();
});
byId(project.dev ? "number" : "project-id").focus();

async function start() {
  const decision = await ask.now();
  if (!decision?.allowed) return byId("number").focus();
  const channel = ask.channel();
  try {
    await send({ number: decision.number, channel, locale: byId("locale").value, decision });
  } catch (error) {
    ask.refused(error);
    return byId("number").focus();
  }
  byId("number-told").replaceChildren(
    element("strong", {}, sent.number),
    ` · ${described(decision)} · allowed by ${channelName(channel)}`,
  );
  step(1);
  byId("code").focus();
}

async function resend() {
  try {
    await send(sent);
  } catch (error) {
    return wrong(error);
  }
  byId("code").focus();
}

async function send(to) {
  await phone?.before(to.number);
  const answer = await api.send(project.current(), to.channel, {
    phone_number: to.number,
    expiration_minutes: MINUTES,
    locale: to.locale,
  });
  const again = sent?.number === to.number;
  sent = { ...to, method_id: answer.phone_id };
  byId("code").value = "";
  right();
  countdown.start(MINUTES * 60);
  say(again ? "A new code was sent. The older one no longer works." : `A code was sent to ${to.number}.`);
  phone?.arrives();
}

async function verify() {
  const code = byId("code").value.trim();
  let answer;
  try {
    answer = await api.authenticate(project.current(), {
      method_id: sent.method_id,
      code,
      session_duration_minutes: SESSION_MINUTES,
    });
  } catch (error) {
    wrong(error);
    byId("code").select();
    return;
  }
  countdown.stop();
  result(answer);
  step(2);
  byId("result-title").focus();
}

function result({ user_id, session }) {
  byId("result-told").textContent = `Verified: ${sent.number} is yours.`;
  const facts = [
    ["User", user_id],
    ["Session", session.session_id],
    ["Valid until", new Date(session.expires_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })],
  ];
  byId("result-facts").replaceChildren(
    ...facts.flatMap(([term, fact]) => [element("dt", {}, term), element("dd", {}, fact)]),
  );
  say(byId("result-told").textContent);
}

function toNumber() {
  sent = undefined;
  countdown.stop();
  right();
  step(0);
  byId("number").focus();
}

/** Shows a step. Earlier steps are done; later ones wait. */
function step(current) {
  STEPS.forEach((id, place) => {
    byId(id).dataset.state = place < current ? "done" : place === current ? "current" : "waiting";
  });
  byId("number-form").hidden = current !== 0;
  byId("number-summary").hidden = current === 0;
  byId("change").hidden = current === 2;
  byId("code-form").hidden = current !== 1;
  byId("result").hidden = current !== 2;
}

function fill(code) {
  byId("code").value = code;
  byId("code").focus();
}

function wrong(error) {
  notice(byId("code-error"), "refused", element("strong", {}, error.message), named(error.wire));
  byId("code").setAttribute("aria-invalid", "true");
  say(error.message);
}

function right() {
  byId("code-error").hidden = true;
  byId("code").removeAttribute("aria-invalid");
}

/** Announces a text to screen readers. */
function say(words) {
  byId("status").textContent = words;
}

/** Ignores events while the previous one is still being handled. */
function once(work) {
  let busy = false;
  return async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      await work();
    } finally {
      busy = false;
    }
  };
}
