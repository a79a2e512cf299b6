// Whose credentials the page shows to the API. In dev the server tells them; else they are typed in, and kept nowhere but in
// the two fields.

import { settings } from "./api.js";

const byId = (id) => document.getElementById(id);

/** Asks the server, and shows the fields if it is not in dev. `current()` are the credentials of the moment, or none. */
export async function credentials() {
  const told = await settings();
  if (told.dev) return { dev: true, current: () => told };
  byId("credentials").hidden = false;
  return { dev: false, current: typed };
}

function typed() {
  const [project_id, secret] = [byId("project-id").value.trim(), byId("secret").value];
  return project_id && secret ? { project_id, secret } : null;
}
