// Who may talk to a server: checked before anything else is read from the request.
//
// A web page that the user's browser visits can send requests to 127.0.0.1 (DNS rebinding, plain cross-site POST). Such a
// request betrays itself by its Host (the page's own name) or by its Origin. The MCP specification asks servers to check
// Origin for this reason: https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning

/**
 * Splits a comma-separated setting.
 * @param {string | undefined} text
 * @returns {string[]} the non-empty parts, trimmed and in lower case
 */
export function parseList(text) {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
}

/**
 * The name in a Host header, without its port. The port is not compared: which one is published is the user's choice,
 * and a rebinding page cannot choose the name.
 * @param {string | undefined} header such as `mcp-bundle:3001`, `[::1]:3001`
 * @returns {string | undefined} the name in lower case; undefined when there is none or the header is malformed
 */
export function toHostName(header) {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header ?? '');
  return match?.[1]?.replace(/^\[|\]$/g, '').toLowerCase();
}

/**
 * The rule for one container, from its environment.
 * @param {Record<string, string | undefined>} env MCP_ALLOWED_HOSTS, MCP_ALLOWED_ORIGINS and MCP_CONTAINER_NAME are read
 * @param {string} hostname the container's own host name
 * @returns {{hosts: ReadonlySet<string>, origins: ReadonlySet<string>}}
 */
export function toAccessRule(env, hostname) {
  const builtIn = ['mcp-bundle', 'localhost', '127.0.0.1', '::1', hostname.toLowerCase()];
  return {
    hosts: new Set([...builtIn, ...parseList(env.MCP_CONTAINER_NAME), ...parseList(env.MCP_ALLOWED_HOSTS)]),
    origins: new Set(parseList(env.MCP_ALLOWED_ORIGINS)),
  };
}

/**
 * Whether a request may pass. Programs send no Origin; a browser always does for what a page could abuse.
 * @param {{hosts: ReadonlySet<string>, origins: ReadonlySet<string>}} rule
 * @param {{host?: string | undefined, origin?: string | undefined}} headers
 * @returns {{allowed: true, origin?: string} | {allowed: false, reason: string}}
 */
export function checkAccess(rule, headers) {
  const name = toHostName(headers.host);
  if (name === undefined || !rule.hosts.has(name)) {
    return {
      allowed: false,
      reason: `Host ${JSON.stringify(headers.host ?? '')} is not served here (MCP_ALLOWED_HOSTS)`,
    };
  }
  if (headers.origin === undefined) {
    return { allowed: true };
  }
  if (!rule.origins.has(headers.origin.toLowerCase())) {
    return { allowed: false, reason: `Origin ${JSON.stringify(headers.origin)} is not allowed (MCP_ALLOWED_ORIGINS)` };
  }
  return { allowed: true, origin: headers.origin };
}
