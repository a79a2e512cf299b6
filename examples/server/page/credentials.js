// The project's credentials. In development mode the server provides them; otherwise they are typed
// in, and only kept in the two fields.

import { settings } from "./api.js";

const byId = (id) => document.getElementById(id);

/**
 * Requests the settings, and shows the fields unless in development mode. `current()` returns the
 * credentials, or null; `example` is a number for a placeholder, if there is one.
 */
export async function credentials() {
  const told = await settings();
  const { dev, example } = told;
  if (dev) return { dev, example, current: () => told };
  byId("credentials").hidden = false;
  return { dev, example, current: typed };
}

function typed() {
  const [project_id, secret] = [byId("project-id").value.trim(), byId("secret").value];
  return project_id && secret ? { project_id, secret } : null;
}
