// The enrolment of an authenticator app, after a login: the QR code, the first code, and the
// recovery codes.

import * as api from "./api.js";
import { element } from "./element.js";
import { once, refused, right, say, wrong } from "./field.js";
import { hasApp } from "./second.js";

const byId = (id) => document.getElementById(id);

export class Enrolment {
  #project;
  #minutes;
  #confirmed;
  #login;
  #created;

  /** `confirmed` is called with the answer to the first code. */
  constructor(project, minutes, confirmed) {
    [this.#project, this.#minutes, this.#confirmed] = [project, minutes, confirmed];
    byId("app-add").addEventListener("click", once(() => this.#begin()));
    byId("app-form").addEventListener("submit", once(() => this.#confirm()));
  }

  /** Offers the enrolment to a user who has logged in, unless there is an app. */
  offer(login) {
    this.#login = login;
    byId("app-step").hidden = hasApp(login.user);
    this.#show("app-offer");
  }

  /** Hides everything, and forgets the secret and the recovery codes. */
  clear() {
    this.#created = this.#login = undefined;
    byId("app-step").hidden = true;
    byId("app-qr").removeAttribute("src");
    byId("app-secret").textContent = "";
    byId("recovery-codes").replaceChildren();
  }

  async #begin() {
    try {
      this.#created = await api.createTotp(this.#project.current(), { user_id: this.#login.user_id });
    } catch (error) {
      return refused("app-add-error", error);
    }
    byId("app-add-error").hidden = true;
    byId("app-qr").src = this.#created.qr_code;
    byId("app-secret").textContent = this.#created.secret.match(/.{1,4}/g).join(" ");
    byId("app-code").value = "";
    right("app-code");
    this.#show("app-form");
    byId("app-code").focus();
    say("Scan the QR code with your authenticator app, and enter the code that it shows.");
  }

  async #confirm() {
    const { user_id, session_token } = this.#login;
    const body = { user_id, session_token, session_duration_minutes: this.#minutes };
    let answer;
    try {
      const totp_code = byId("app-code").value.trim();
      answer = await api.authenticateTotp(this.#project.current(), { ...body, totp_code });
    } catch (error) {
      wrong("app-code", error);
      byId("app-code").select();
      return;
    }
    const codes = this.#created.recovery_codes.map((code) => element("li", {}, element("code", {}, code)));
    byId("recovery-codes").replaceChildren(...codes);
    this.#show("app-done");
    byId("app-title").focus();
    say("Your authenticator app is set up. Save the recovery codes.");
    this.#confirmed(answer);
  }

  #show(part) {
    for (const id of ["app-offer", "app-form", "app-done"]) byId(id).hidden = id !== part;
  }
}
