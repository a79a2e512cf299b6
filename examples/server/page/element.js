// Elements from text: nothing that the server says is ever read as HTML.

/** Such as `element("a", { href: "/" }, "Home")`. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Fills a notice and shows it. It is not announced: that is the status' business. */
export function notice(place, kind, ...children) {
  place.dataset.kind = kind;
  place.replaceChildren(...children);
  place.hidden = false;
}

/** An error by its name on the wire, if it has one, and where the server says what it means. */
export const named = (wire) =>
  wire ? element("a", { href: `/errors#${wire}`, class: "wire" }, wire) : "";
