// What of a message's headers goes on to the next machine. Lists are flat, as node:http's rawHeaders: name, value, name, value.

/** https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1, and what stands for one connection only besides. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What says where a request came from: only this gateway says that. */
const claims = /^(?:forwarded|x-forwarded-.*|x-real-ip|x-claude-env-gateway)$/;

const nothing = /** @type {ReadonlySet<string>} */ (new Set());

/** @param {string | undefined} connection the Connection header @returns {ReadonlySet<string>} what it names besides */
const namedBy = (connection) =>
  connection === undefined || connection === 'keep-alive'
    ? nothing
    : new Set(connection.split(',').map((name) => name.trim().toLowerCase()));

/**
 * @param {readonly string[]} raw
 * @param {string | undefined} connection
 * @param {(name: string) => boolean} [isLeftOut] by lower-case name
 * @returns {string[]} without what ends here
 */
export function endToEnd(raw, connection, isLeftOut = () => false) {
  const named = namedBy(connection);
  const kept = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = /** @type {string} */ (raw[index]);
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && !named.has(lower) && !isLeftOut(lower)) {
      kept.push(name, /** @type {string} */ (raw[index + 1]));
    }
  }
  return kept;
}

/**
 * For the controller: everything but what is this connection's, and the address that asks, as this gateway sees it. The service
 * key shows that it is a gateway that says so.
 * @param {import('node:http').IncomingMessage} request
 * @param {string} serviceKey
 * @returns {string[]}
 */
export const toController = ({ rawHeaders, headers, socket }, serviceKey) => [
  ...endToEnd(rawHeaders, headers.connection, (name) => claims.test(name) || name === 'expect'),
  ...['x-forwarded-for', socket.remoteAddress ?? ''],
  ...['x-claude-env-gateway', `Bearer ${serviceKey}`],
];

/** What MCP and tracing need; nothing that says who the person is. */
const forReplicas = ['accept', 'content-type', 'last-event-id', 'user-agent', 'traceparent', 'tracestate'];

/**
 * For a replica: a list of what may pass, since these servers are other people's programs.
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {{ host: string, session: string | undefined }} instead
 * @returns {string[]}
 */
export function toReplica(headers, { host, session }) {
  const list = ['host', host];
  for (const name of forReplicas) {
    const value = headers[name];
    if (typeof value === 'string') list.push(name, value);
  }
  for (const name in headers) {
    const value = headers[name];
    if (name.startsWith('mcp-') && name !== 'mcp-session-id' && typeof value === 'string') list.push(name, value);
  }
  if (session !== undefined) list.push('mcp-session-id', session);
  return list;
}
