// The gateway's own answers, in the form that MCP clients understand.

/** JSON-RPC's code of MCP servers for a session that is not there. */
export const sessionNotFound = -32001;
/** Anything else that a server says about itself. */
export const serverError = -32000;

/**
 * The ids of the requests in a body: whoever sent it waits for an answer to each.
 * @param {Buffer | undefined} body
 * @returns {(string | number)[]} none where the body is no JSON or has no requests
 */
export function requestIds(body) {
  if (body === undefined || body.length === 0) return [];
  try {
    const message = JSON.parse(body.toString());
    const list = Array.isArray(message) ? message : [message];
    return list
      .filter((one) => typeof one?.method === 'string')
      .map(({ id }) => id)
      .filter((id) => typeof id === 'string' || typeof id === 'number');
  } catch {
    // No JSON: the server says so, or nobody does.
    return [];
  }
}

/** @param {string | number | null} id @param {string} message @param {number} code */
const errorOf = (id, message, code) => ({ jsonrpc: '2.0', error: { code, message }, id });

/** @param {readonly (string | number)[]} ids @param {string} message @param {number} code @returns {string} a body of JSON */
export const errorBody = (ids, message, code) =>
  JSON.stringify(ids.length > 1 ? ids.map((id) => errorOf(id, message, code)) : errorOf(ids[0] ?? null, message, code));

/**
 * The end of an event stream that broke off: whatever was being sent is closed, then each request gets its answer.
 * @param {readonly (string | number)[]} ids
 * @param {string} message
 */
export const errorEvents = (ids, message) =>
  `\n\n${ids.map((id) => `event: message\ndata: ${JSON.stringify(errorOf(id, message, serverError))}\n\n`).join('')}`;
