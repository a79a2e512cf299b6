// The second factor of a login: a code of the authenticator app, or a recovery code.

import * as api from "./api.js";
import { once, right, say, wrong } from "./field.js";

const byId = (id) => document.getElementById(id);

/** Whether the user has confirmed an authenticator app. */
export const hasApp = (user) => user.totps.some(({ verified }) => verified);

export class Second {
  #project;
  #minutes;
  #passed;
  #first;

  /** `passed` is called with the answer. The session then has both factors. */
  constructor(project, minutes, passed) {
    [this.#project, this.#minutes, this.#passed] = [project, minutes, passed];
    byId("second-form").addEventListener("submit", once(() => this.#verify()));
    byId("second-other").addEventListener("click", () => this.#choose(!this.#recovers()));
  }

  /** Asks for the factor. `first` is the answer to the first one, whose session is continued. */
  ask(first) {
    this.#first = first;
    this.#choose(false);
    say("Enter the code of your authenticator app.");
  }

  #recovers = () => byId("second-app").hidden;

  #field = () => (this.#recovers() ? "recovery-code" : "second-code");

  #choose(recovers) {
    byId("second-app").hidden = recovers;
    byId("second-recovery").hidden = !recovers;
    byId("second-other").textContent = recovers ? "Use the authenticator app" : "Use a recovery code";
    for (const id of ["second-code", "recovery-code"]) {
      byId(id).value = "";
      right(id);
    }
    byId(this.#field()).focus();
  }

  async #verify() {
    const [id, { user_id, session_token }] = [this.#field(), this.#first];
    const code = byId(id).value.trim();
    const body = { user_id, session_token, session_duration_minutes: this.#minutes };
    let answer;
    try {
      answer = this.#recovers()
        ? await api.recover(this.#project.current(), { ...body, recovery_code: code })
        : await api.authenticateTotp(this.#project.current(), { ...body, totp_code: code });
    } catch (error) {
      wrong(id, error);
      byId(id).select();
      return;
    }
    right(id);
    this.#passed(answer);
  }
}
