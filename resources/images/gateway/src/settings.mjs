// What the environment says, read once at the start. A mistake ends the program with the setting's name in its message.

/** @typedef {'guest' | 'member' | 'operator'} Role */
/**
 * Where something listens: a service's name, asked of the DNS (`tasks.<name>`), or an address.
 * @typedef {{ readonly host: string, readonly port: number }} Endpoint
 */
/**
 * @typedef {object} McpServer
 * @property {string} name as in /mcp/<name>
 * @property {readonly Endpoint[]} endpoints
 * @property {number} timeoutMs until the first byte of an answer
 * @property {Role} role the least role that may use it
 */

const roles = /** @type {const} */ (['guest', 'member', 'operator']);

/** @param {Role} role @param {Role} least */
export const mayUse = (role, least) => roles.indexOf(role) >= roles.indexOf(least);

/** @param {string | undefined} text @returns {string[]} the parts between commas, trimmed, without the empty ones */
export const parseList = (text) =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/**
 * @param {string} text `mcp-context7:3001`, `10.0.0.5:3001`, `[fd00::1]:3001`; several with `|` between them
 * @param {string} setting for the message
 * @returns {Endpoint[]}
 */
export function parseEndpoints(text, setting) {
  return text.split('|').map((part) => {
    const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+)):(\d{1,5})$/i.exec(part.trim());
    const port = Number(match?.[3]);
    if (match === null || port < 1 || port > 65_535) {
      throw new Error(`${setting}: "${part.trim()}" is not HOST:PORT, such as mcp-context7:3001 or 10.0.0.5:3001`);
    }
    return { host: (match[1] ?? match[2] ?? '').toLowerCase(), port };
  });
}

/**
 * @param {string | undefined} text `name=value,name=value`
 * @param {string} setting
 * @returns {Map<string, string>}
 */
function parsePairs(text, setting) {
  const pairs = new Map();
  for (const part of parseList(text)) {
    const [, name, value] = /^([a-z0-9][a-z0-9-]{0,62})\s*=\s*(.+)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) throw new Error(`${setting}: "${part}" is not name=value`);
    if (pairs.has(name)) throw new Error(`${setting} names ${name} twice`);
    pairs.set(name, value);
  }
  return pairs;
}

/** @param {string} text @param {string} setting @param {{ min: number, max: number }} range */
function toNumber(text, setting, { min, max }) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${setting}: "${text}" is not a whole number from ${min} to ${max}`);
  }
  return value;
}

/** @param {string} text @param {string} setting @returns {Role} */
function toRole(text, setting) {
  const role = roles.find((known) => known === text);
  if (role === undefined) throw new Error(`${setting}: "${text}" is none of ${roles.join(', ')}`);
  return role;
}

/** @param {ReadonlyMap<string, unknown>} pairs @param {ReadonlyMap<string, unknown>} servers @param {string} setting */
function onlyKnown(pairs, servers, setting) {
  for (const name of pairs.keys()) {
    if (!servers.has(name)) throw new Error(`${setting} names ${name}, which GATEWAY_SERVERS does not`);
  }
}

/**
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {readonly McpServer[]}
 */
function toServers(env) {
  const servers = parsePairs(env.GATEWAY_SERVERS, 'GATEWAY_SERVERS');
  const timeouts = parsePairs(
    env.GATEWAY_TIMEOUTS ?? (servers.has('sequential') ? 'sequential=300' : ''),
    'GATEWAY_TIMEOUTS',
  );
  const least = parsePairs(env.GATEWAY_ROLES, 'GATEWAY_ROLES');
  onlyKnown(timeouts, servers, 'GATEWAY_TIMEOUTS');
  onlyKnown(least, servers, 'GATEWAY_ROLES');
  return [...servers].map(([name, where]) => ({
    name,
    endpoints: parseEndpoints(where, 'GATEWAY_SERVERS'),
    timeoutMs: 1000 * toNumber(timeouts.get(name) ?? '30', 'GATEWAY_TIMEOUTS', { min: 1, max: 3600 }),
    role: toRole(least.get(name) ?? 'guest', 'GATEWAY_ROLES'),
  }));
}

/** @typedef {ReturnType<typeof readSettings>} Settings */

/**
 * @param {Readonly<Record<string, string | undefined>>} env
 * @throws {Error} that names the setting
 */
export function readSettings(env) {
  /** @param {string} name @param {number} usual @param {{ min: number, max: number }} range */
  const number = (name, usual, range) => toNumber(env[name] ?? String(usual), name, range);
  /** @param {string} name @param {string} usual */
  const endpoints = (name, usual) => parseEndpoints(env[name] ?? usual, name);
  const port = { min: 0, max: 65_535 };
  return {
    servers: toServers(env),
    controller: {
      api: endpoints('GATEWAY_CONTROLLER_API', 'controller:8080'),
      live: endpoints('GATEWAY_CONTROLLER_LIVE', 'controller:8081'),
      internal: endpoints('GATEWAY_CONTROLLER_INTERNAL', 'controller:8082'),
    },
    plain: env.GATEWAY_PLAIN === 'true',
    ports: {
      tls: number('GATEWAY_PORT', 8443, port),
      plain: number('GATEWAY_PLAIN_PORT', 8080, port),
      internal: number('GATEWAY_INTERNAL_PORT', 9090, port),
    },
    hosts: parseList(env.GATEWAY_ALLOWED_HOSTS),
    origins: parseList(env.GATEWAY_ALLOWED_ORIGINS),
    perMinute: number('GATEWAY_PER_MINUTE', 600, { min: 1, max: 1_000_000 }),
    recheckMs: 1000 * number('GATEWAY_RECHECK', 30, { min: 1, max: 3600 }),
    openPerPerson: number('GATEWAY_OPEN_PER_PERSON', 64, { min: 1, max: 10_000 }),
  };
}
