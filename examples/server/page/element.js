// Creates elements from text: the server's answers are never interpreted as HTML.

/** Creates an element, for example `element("a", { href: "/" }, "Home")`. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Fills and shows a notice. The status element announces it, not this. */
export function notice(place, kind, ...children) {
  place.dataset.kind = kind;
  place.replaceChildren(...children);
  place.hidden = false;
}

/** Returns a link from an error type to its explanation, or nothing if there is none. */
export const named = (wire) =>
  wire ? element("a", { href: `/errors#${wire}`, class: "wire" }, wire) : "";
