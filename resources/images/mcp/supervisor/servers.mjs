// The servers this image carries. Each speaks MCP on stdin and stdout, so none of them opens a port: the supervisor's
// endpoint is the only way in. (context7 has an HTTP mode too, but reads its key from the environment on stdio only.)

const modules = '/opt/mcp/node_modules';

/**
 * @typedef {object} ServerDefinition
 * @property {string} name
 * @property {number} port where the supervisor serves it
 * @property {number} uid user and group it runs as; the image creates them and its home
 * @property {string} command
 * @property {readonly string[]} args
 * @property {{variable: string, required: boolean, where: string} | null} key the one secret it is given
 * @property {string | null} cloud address of the service its tools call, when it has one
 */

/** @type {readonly ServerDefinition[]} */
export const serverDefinitions = [
  {
    name: 'context7',
    port: 3001,
    uid: 3001,
    command: process.execPath,
    args: [`${modules}/@upstash/context7-mcp/dist/index.js`, '--transport', 'stdio'],
    key: { variable: 'CONTEXT7_API_KEY', required: false, where: 'https://context7.com/dashboard' },
    cloud: 'https://context7.com',
  },
  {
    name: 'sequential',
    port: 3002,
    uid: 3002,
    command: process.execPath,
    args: [`${modules}/@modelcontextprotocol/server-sequential-thinking/dist/index.js`],
    key: null,
    cloud: null,
  },
  {
    name: 'magic',
    port: 3003,
    uid: 3003,
    command: process.execPath,
    args: [`${modules}/@21st-dev/magic/dist/index.js`],
    key: { variable: 'TWENTY_FIRST_API_KEY', required: true, where: 'https://21st.dev/mcp' },
    // Its own answer to `initialize` says whether the service is there: no second question is asked.
    cloud: null,
  },
  {
    name: 'playwright',
    port: 3004,
    uid: 3004,
    command: process.execPath,
    args: [
      `${modules}/@playwright/mcp/cli.js`,
      '--headless',
      '--isolated',
      // Chromium's own sandbox needs user namespaces, which Docker's default seccomp profile denies: the container and
      // the server's own uid are the sandbox here.
      '--no-sandbox',
      '--executable-path',
      '/usr/bin/chromium',
      '--output-dir',
      '/var/lib/mcp/playwright/output',
    ],
    key: null,
    cloud: null,
  },
];

/**
 * The servers to run.
 * @param {string | undefined} setting MCP_SERVERS, comma-separated; absent or empty means all
 * @param {readonly ServerDefinition[]} [known]
 * @returns {readonly ServerDefinition[]} in the table's order
 * @throws {Error} when a name is not known
 */
export function selectServers(setting, known = serverDefinitions) {
  const wanted = (setting ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = wanted.filter((name) => !known.some((server) => server.name === name));
  if (unknown.length > 0) {
    const names = known.map((server) => server.name).join(', ');
    throw new Error(`MCP_SERVERS names ${unknown.join(', ')}; this image has ${names}`);
  }
  return wanted.length === 0 ? known : known.filter((server) => wanted.includes(server.name));
}

const passedOn = [
  'PATH',
  'LANG',
  'TZ',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_ENV_PROXY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/**
 * The environment of one server: what every program needs, and its own key. No other server's key is in it.
 * @param {ServerDefinition} definition
 * @param {Record<string, string | undefined>} env the supervisor's own
 * @returns {Record<string, string>}
 */
export function toServerEnvironment(definition, env) {
  const home = `/var/lib/mcp/${definition.name}`;
  const own = definition.key === null ? [] : [definition.key.variable];
  const kept = [...passedOn, ...own].flatMap((name) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [[name, value]];
  });
  // The cache takes a quarter off the time that Node needs to load a server.
  return { ...Object.fromEntries(kept), HOME: home, TMPDIR: `${home}/tmp`, NODE_COMPILE_CACHE: `${home}/tmp/node` };
}

/**
 * Why a server cannot be started yet, or null.
 * @param {ServerDefinition} definition
 * @param {Record<string, string | undefined>} env
 * @returns {string | null}
 */
export function toMissingKey(definition, env) {
  const { key } = definition;
  if (key?.required !== true || (env[key.variable] ?? '').trim() !== '') {
    return null;
  }
  return `${key.variable} is not set; get a key at ${key.where}`;
}
