// Which HTTP stream carries a message that a server sends by itself.

/**
 * Progress names its request by token; anything else belongs to the only request under way, or to none (then the client's
 * listening stream carries it).
 * @param {{method?: string | undefined, params?: Record<string, unknown> | undefined}} message from the server
 * @param {ReadonlyMap<string | number, unknown>} pending the client's requests that wait, by id; the value is their progress token
 * @returns {string | number | undefined} the id of the request
 */
export function toRelatedRequest(message, pending) {
  if (message.method === undefined) {
    return undefined;
  }
  const token = message.params?.progressToken;
  if (token !== undefined) {
    return [...pending].find(([, known]) => known === token)?.[0];
  }
  return pending.size === 1 ? [...pending.keys()][0] : undefined;
}
