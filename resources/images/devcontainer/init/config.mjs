// What `claude-env init` changes in Claude Code's user configuration, as pure functions: only entries that it wrote itself and
// that nobody has changed since. Anything else in the file stays as it is.

/**
 * @typedef {{server: string, port: number, path: string, state: string, reason: string | null}} ServerStatus one server of the bundle
 * @typedef {Record<string, string>} Entry as `claude mcp add --transport http --scope user` writes it: type, url, headersHelper
 * @typedef {Record<string, string>} Registered what was registered by us: name to address
 * @typedef {{name: string, url: string, lacks?: string}} Wanted one entry; `lacks`: why it is not to be there now
 * @typedef {'registered' | 'already' | 'updated' | 'removed' | 'skipped' | 'foreign'} Outcome
 * @typedef {{name: string, outcome: Outcome, detail: string}} Report
 * @typedef {{config: Record<string, unknown>, registered: Registered, reports: Report[], changed: boolean}} Reconciled
 *   `config` is the same object when nothing changed
 */

/**
 * Brings the registered servers in line with those that run.
 * @param {object} options
 * @param {Record<string, unknown>} options.config the parsed `.claude.json`
 * @param {Registered} options.registered from the last time
 * @param {readonly ServerStatus[]} options.servers what the bundle says
 * @param {string} options.host name by which the bundle is reached, such as `mcp-bundle`
 * @returns {Reconciled}
 */
export function reconcileServers({ config, registered, servers, host }) {
  const wanted = servers.map(({ server, port, path, state, reason }) => ({
    name: server,
    url: `http://${host}:${port}${path}`,
    ...(state === 'needs-setup' ? { lacks: `needs setup: ${reason ?? 'a key'}` } : {}),
  }));
  return reconcileEntries({
    config,
    registered,
    wanted,
    toEntry: (url) => ({ type: 'http', url }),
    gone: 'it runs no more',
  });
}

/**
 * The same for any entries of one kind.
 * @param {object} options
 * @param {Record<string, unknown>} options.config the parsed `.claude.json`
 * @param {Registered} options.registered from the last time
 * @param {readonly Wanted[]} options.wanted
 * @param {(url: string) => Entry} options.toEntry
 * @param {string} options.gone why one that is not wanted any more is taken away
 * @returns {Reconciled}
 */
export function reconcileEntries({ config, registered, wanted, toEntry, gone }) {
  const before = toEntries(config);
  const entries = { ...before };
  /** @type {Registered} */
  const ours = {};
  /** @type {Report[]} */
  const reports = [];
  /** @param {unknown} entry @param {string | undefined} url */
  const isEntryFor = (entry, url) => url !== undefined && isSame(entry, toEntry(url));

  for (const { name, url, lacks } of wanted) {
    const present = entries[name];
    const isOurs = present !== undefined && isEntryFor(present, registered[name]);
    if (present !== undefined && !isOurs && !isEntryFor(present, url)) {
      reports.push({
        name,
        outcome: 'foreign',
        detail: 'left alone: it is configured otherwise, and not by claude-env',
      });
    } else if (lacks !== undefined) {
      if (isOurs) {
        delete entries[name];
      }
      reports.push({ name, outcome: isOurs ? 'removed' : 'skipped', detail: lacks });
    } else if (isEntryFor(present, url)) {
      // An equal entry of the user's own stays theirs: we would not remove it later.
      if (isOurs) {
        ours[name] = url;
      }
      reports.push({ name, outcome: 'already', detail: url });
    } else {
      entries[name] = toEntry(url);
      ours[name] = url;
      reports.push({ name, outcome: isOurs ? 'updated' : 'registered', detail: url });
    }
  }

  for (const [name, url] of Object.entries(registered)) {
    if (!wanted.some((one) => one.name === name) && isEntryFor(entries[name], url)) {
      delete entries[name];
      reports.push({ name, outcome: 'removed', detail: gone });
    }
  }

  const changed = reports.some(({ name }) => entries[name] !== before[name]);
  return { config: changed ? { ...config, mcpServers: entries } : config, registered: ours, reports, changed };
}

/** @param {unknown} entry @param {Entry} wanted */
function isSame(entry, wanted) {
  if (typeof entry !== 'object' || entry === null) {
    return false;
  }
  const keys = Object.keys(wanted);
  const fields = /** @type {Record<string, unknown>} */ (entry);
  return Object.keys(entry).length === keys.length && keys.every((key) => fields[key] === wanted[key]);
}

/**
 * @param {Record<string, unknown>} config
 * @returns {Record<string, unknown>}
 * @throws {Error} when `mcpServers` is there and is no object
 */
function toEntries(config) {
  const entries = config.mcpServers ?? {};
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw new Error('`mcpServers` in .claude.json is not an object; nothing was changed');
  }
  return { .../** @type {Record<string, unknown>} */ (entries) };
}

/**
 * Claude Code 2.1 asks for a theme and a login at its first start, also where a token is given with which it could begin
 * (https://github.com/anthropics/claude-code/issues/8938): whoever gives one has been through that elsewhere.
 * @param {Record<string, unknown>} config the parsed `.claude.json`
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {Record<string, unknown>} the same object when nothing changed
 */
export function skipWelcome(config, env) {
  const login = env.CLAUDE_CODE_OAUTH_TOKEN || env.ANTHROPIC_API_KEY;
  return !login || 'hasCompletedOnboarding' in config ? config : { ...config, hasCompletedOnboarding: true };
}

/**
 * @param {string} text of `.claude.json`; empty means a new file
 * @returns {Record<string, unknown>}
 * @throws {Error} when it is no JSON object
 */
export function parseConfig(text) {
  if (text.trim() === '') {
    return {};
  }
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`.claude.json is not valid JSON (${String(error)}); nothing was changed`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('.claude.json is not an object; nothing was changed');
  }
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @param {Report} report
 * @returns {string} one line for the terminal
 */
export function toLine({ name, outcome, detail }) {
  const words = {
    registered: 'registered',
    already: 'already registered',
    updated: 'registered at its new address',
    removed: 'unregistered',
    skipped: 'not registered',
    foreign: 'not registered',
  };
  return `${name}: ${words[outcome]}: ${detail}`;
}
