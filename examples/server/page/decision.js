// The decision on the typed number, updated while typing, and its format.

import * as api from "./api.js";
import { element, named, notice } from "./element.js";
import { described, reason } from "./words.js";

const byId = (id) => document.getElementById(id);

/** The pause in typing after which a decision is requested. */
const PAUSE_MS = 250;

/** Reasons that only mean that the number is incomplete, and are not shown while typing. */
const UNFINISHED = ["empty", "missing_plus", "too_short", "unknown_calling_code", "impossible"];

/** Shows the formatted number, unless the user went on typing or edits within it. */
function format(typed, text) {
  const field = byId("number");
  if (text && field.value === typed && field.selectionStart === typed.length) field.value = text;
}

export class Ask {
  #project;
  #say;
  #round = 0;
  #pause;

  /** `say` announces a text to screen readers. */
  constructor(project, say) {
    [this.#project, this.#say] = [project, say];
    byId("number").addEventListener("input", () => this.#soon());
    for (const radio of document.getElementsByName("channel")) {
      radio.addEventListener("change", () => byId("number").value && this.now());
    }
  }

  channel() {
    return document.querySelector("input[name=channel]:checked").value;
  }

  /** Requests and shows the decision on the current input. Returns nothing if that fails. */
  async now() {
    clearTimeout(this.#pause);
    return this.#decide((decision) => this.#show(decision));
  }

  /** Shows an error of the API. */
  refused(error) {
    this.#refuse(error.message, error.wire);
  }

  clear() {
    clearTimeout(this.#pause);
    this.#round += 1;
    this.#hide();
  }

  #soon() {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      const typed = byId("number").value;
      this.#decide((decision) => {
        format(typed, decision.text);
        UNFINISHED.includes(decision.reason) ? this.#hide() : this.#show(decision);
      });
    }, PAUSE_MS);
  }

  async #decide(show) {
    const credentials = this.#project.current();
    if (!credentials) return this.#refuse("Enter the project id and its secret first.");
    const round = (this.#round += 1);
    try {
      const decision = await api.decision(credentials, this.#question());
      if (round === this.#round) show(decision);
      return decision;
    } catch (error) {
      if (round === this.#round) this.refused(error);
    }
  }

  /** A number without `+` is parsed as dialled in the browser's region. */
  #question() {
    return { phone_number: byId("number").value, channel: this.channel(), region: api.region };
  }

  #show(decision) {
    if (!decision.allowed) {
      const told = decision.number ? `${decision.number} · ${described(decision)}` : "";
      return this.#refuse(reason(decision, this.channel()), decision.wire, told);
    }
    const about = decision.sandbox ? "Sandbox number: nothing is sent, and its code is 000000." : described(decision);
    notice(
      byId("decision"),
      "allowed",
      element("strong", {}, "Allowed"),
      element("span", {}, `${decision.number} · ${about}`),
    );
    byId("number").removeAttribute("aria-invalid");
    this.#say(`Allowed: ${about}`);
  }

  #refuse(words, wire, told) {
    const parts = [element("strong", {}, words), told ? element("span", {}, told) : "", named(wire)];
    notice(byId("decision"), "refused", ...parts);
    byId("number").setAttribute("aria-invalid", "true");
    this.#say(words);
  }

  #hide() {
    byId("decision").hidden = true;
    byId("number").removeAttribute("aria-invalid");
  }
}
