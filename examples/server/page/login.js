// A login in three steps: the number and its decision, the code, and the proof. Users who have an
// authenticator app prove a second factor before the last.

import * as api from "./api.js";
import { Countdown } from "./countdown.js";
import { credentials } from "./credentials.js";
import { Ask } from "./decision.js";
import { element, notice } from "./element.js";
import { Enrolment } from "./enrol.js";
import { once, right, say, wrong } from "./field.js";
import { Phone } from "./phone.js";
import { Second, hasApp } from "./second.js";
import { channelName, described, factors } from "./words.js";

const byId = (id) => document.getElementById(id);

/** The lifetime of a code. It is requested explicitly, so that the countdown matches the server. */
const MINUTES = 2;
const SESSION_MINUTES = 60;

const STEPS = ["number-step", "code-step", "second-step", "result-step"];
const [NUMBER, CODE, SECOND, RESULT] = STEPS.keys();

/** The last code sent: `{ number, channel, locale, method_id, decision, user_created }`. */
let sent;

const project = await credentials().catch((error) => {
  notice(byId("decision"), "refused", error.message);
  throw error;
});
byId("number").placeholder = project.example ?? "";
const phone = project.dev ? new Phone(fill) : null;
const ask = new Ask(project, say);
const countdown = new Countdown(byId("life"), byId("life-bar"), () => say("The code has expired. Send a new one."));

const second = new Second(project, SESSION_MINUTES, loggedIn);
const enrolment = new Enrolment(project, SESSION_MINUTES, facts);

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
  step(CODE);
  byId("code").focus();
}

async function resend() {
  try {
    await send(sent);
  } catch (error) {
    return wrong("code", error);
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
  right("code");
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
    wrong("code", error);
    byId("code").select();
    return;
  }
  countdown.stop();
  if (!hasApp(answer.user)) return loggedIn(answer);
  // The session has one factor so far. A service must not accept it before it has the second.
  byId("second-step").hidden = false;
  byId("result-title").dataset.step = 4;
  step(SECOND);
  second.ask(answer);
}

/** Shows the result of a login with all of the user's factors. */
function loggedIn(answer) {
  byId("result-told").textContent = `Verified: ${sent.number} is yours.`;
  facts(answer);
  say(byId("result-told").textContent);
  step(RESULT);
  enrolment.offer(answer);
  byId("result-title").focus();
}

function facts({ user_id, session }) {
  const rows = [
    ["User", user_id],
    ["Session", session.session_id],
    ["Factors", factors(session)],
    ["Valid until", new Date(session.expires_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })],
  ];
  byId("result-facts").replaceChildren(
    ...rows.flatMap(([term, fact]) => [element("dt", {}, term), element("dd", {}, fact)]),
  );
}

function toNumber() {
  sent = undefined;
  countdown.stop();
  right("code");
  enrolment.clear();
  byId("second-step").hidden = true;
  byId("result-title").dataset.step = 3;
  step(NUMBER);
  byId("number").focus();
}

/** Shows a step. Earlier steps are done; later ones wait. */
function step(current) {
  STEPS.forEach((id, place) => {
    byId(id).dataset.state = place < current ? "done" : place === current ? "current" : "waiting";
  });
  byId("number-form").hidden = current !== NUMBER;
  byId("number-summary").hidden = current === NUMBER;
  byId("change").hidden = current === RESULT;
  byId("code-form").hidden = current !== CODE;
  byId("second-form").hidden = current !== SECOND;
  byId("result").hidden = current !== RESULT;
}

function fill(code) {
  byId("code").value = code;
  byId("code").focus();
}
