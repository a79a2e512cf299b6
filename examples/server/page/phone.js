// In development mode: the phone that messages arrive on.

import { outbox } from "./api.js";
import { element } from "./element.js";
import { channelName } from "./words.js";

const byId = (id) => document.getElementById(id);

/** How often the outbox is polled, and for how long after a code was sent. */
const EVERY_MS = 400;
const FOR_MS = 20_000;

/** The number of messages that fit on the screen. */
const SHOWN = 3;

export class Phone {
  #number;
  #seen = 0;
  #round = 0;

  /** `fill` is called with the code when it is tapped, as on phones that offer it above the keyboard. */
  constructor(fill) {
    byId("phone").hidden = false;
    byId("fill").addEventListener("click", () => fill(byId("fill").value));
  }

  /** Counts the messages before a code is sent, so that only later ones are shown. */
  async before(number) {
    this.#round += 1;
    if (this.#number !== number) this.clear();
    this.#number = number;
    this.#seen = (await outbox(number)).length;
  }

  /** Waits for the message and shows it. */
  async arrives() {
    const [round, until] = [this.#round, performance.now() + FOR_MS];
    while (performance.now() < until) {
      const messages = await outbox(this.#number).catch(() => []);
      if (round !== this.#round) return;
      if (messages.length > this.#seen) return this.#show(messages.slice(this.#seen));
      await new Promise((later) => setTimeout(later, EVERY_MS));
    }
  }

  clear() {
    this.#round += 1;
    this.#number = undefined;
    byId("messages").replaceChildren();
    byId("no-messages").hidden = false;
    byId("fill").hidden = true;
  }

  #show(messages) {
    byId("no-messages").hidden = true;
    for (const { body, channel, locale } of messages) {
      const via = element("span", { class: "via" }, `${channelName(channel) ?? channel}, ${now()}`);
      byId("messages").append(element("li", {}, via, element("p", { class: "bubble", lang: locale ?? "" }, body)));
    }
    while (byId("messages").children.length > SHOWN) byId("messages").firstElementChild.remove();
    const { code } = messages.at(-1);
    const fill = byId("fill");
    fill.value = code;
    fill.replaceChildren("From messages: ", element("strong", {}, code));
    fill.hidden = !code;
  }
}

const now = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
