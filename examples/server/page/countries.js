// The list of countries, and whether codes may be sent there.

import * as api from "./api.js";
import { credentials } from "./credentials.js";
import { element, notice } from "./element.js";
import { channelName, country } from "./words.js";

const byId = (id) => document.getElementById(id);

const CHANNELS = ["sms", "whatsapp"];

/** The server's lists. A country on none of them is refusable: refused, but it can be allowed. */
const STATUS = {
  allowed: "Allowed",
  refusable: "Can be allowed",
  unsupported: "Unsupported",
  denied: "Denied",
};

const project = await credentials().catch(fail);
byId("credentials-form").addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
byId("filter").addEventListener("input", filter);
byId("show").addEventListener("change", filter);
if (project?.dev) show();

async function show() {
  const current = project.current();
  if (!current) return fail(new Error("Enter the project id and its secret first."));
  let lists;
  try {
    lists = await api.countries(current);
  } catch (error) {
    return fail(error);
  }
  byId("problem").hidden = true;
  const rows = lists.regions
    .map((code) => ({ code, name: country(code), ...statuses(lists, code) }))
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
  const used = Object.keys(STATUS).filter((status) => status !== "denied" || rows.some((row) => has(row, status)));
  byId("counts").replaceChildren(...used.map((status) => counts(rows, status)));
  byId("show").replaceChildren(element("option", { value: "" }, "All countries"), ...CHANNELS.flatMap((channel) => choices(used, channel)));
  byId("list").replaceChildren(...rows.map(row));
  byId("answer").hidden = false;
  filter();
}

function statuses(lists, code) {
  const of = (channel) => Object.keys(lists[channel]).find((status) => lists[channel][status].includes(code)) ?? "refusable";
  return Object.fromEntries(CHANNELS.map((channel) => [channel, of(channel)]));
}

const has = (row, status) => CHANNELS.some((channel) => row[channel] === status);

function counts(rows, status) {
  const count = (channel) => String(rows.filter((row) => row[channel] === status).length);
  return element(
    "tr",
    { "data-status": status },
    element("th", { scope: "row" }, pill(status)),
    ...CHANNELS.map((channel) => element("td", { "data-channel": channel }, count(channel))),
  );
}

const choices = (used, channel) =>
  used.map((status) => element("option", { value: `${channel} ${status}` }, `${channelName(channel)}: ${STATUS[status].toLowerCase()}`));

function row({ code, name, ...status }) {
  const found = `${name} ${code}`.toLowerCase();
  return element(
    "tr",
    { "data-found": found, "data-sms": status.sms, "data-whatsapp": status.whatsapp },
    element("th", { scope: "row" }, name, " ", element("span", { class: "iso" }, code)),
    ...CHANNELS.map((channel) => element("td", {}, pill(status[channel]))),
  );
}

const pill = (status) => element("span", { class: "pill", "data-kind": status }, STATUS[status]);

function filter() {
  const words = byId("filter").value.trim().toLowerCase();
  const [channel, status] = byId("show").value.split(" ");
  const rows = [...byId("list").rows];
  for (const row of rows) {
    row.hidden = !row.dataset.found.includes(words) || Boolean(channel && row.dataset[channel] !== status);
  }
  const shown = rows.filter((row) => !row.hidden).length;
  byId("shown").textContent = `${shown} of ${rows.length} countries`;
  byId("status").textContent = byId("shown").textContent;
}

function fail(error) {
  notice(byId("problem"), "refused", error.message);
  byId("status").textContent = error.message;
}
