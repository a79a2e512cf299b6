// Fields that the server refuses, and events that are handled one at a time.

import { element, named, notice } from "./element.js";

const byId = (id) => document.getElementById(id);

/** Shows an error at a field. Its place is the one that describes the field. */
export function wrong(id, error) {
  refused(place(id), error);
  byId(id).setAttribute("aria-invalid", "true");
}

/** Shows an error in this place. */
export function refused(place, error) {
  notice(byId(place), "refused", element("strong", {}, error.message), named(error.wire));
  say(error.message);
}

export function right(id) {
  byId(place(id)).hidden = true;
  byId(id).removeAttribute("aria-invalid");
}

const place = (id) => byId(id).getAttribute("aria-describedby").split(" ").at(-1);

/** Announces a text to screen readers. */
export function say(words) {
  byId("status").textContent = words;
}

/** Ignores events while the previous one is still being handled. */
export function once(work) {
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
