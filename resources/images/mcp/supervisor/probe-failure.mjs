/**
 * What an error on initialize means for the user.
 * @param {{message: string, code?: number | undefined}} error
 * @param {{name: string, key: {variable: string, where: string} | null}} definition
 * @returns {import('./state.mjs').ServerEvent}
 */
export function toProbeFailure(error, definition) {
  const text = error.message.replace(/^MCP error -?\d+: /, '');
  // The answer that the endpoint gave for a process that died: it says by itself what happened.
  const died = new RegExp(`^${definition.name} ((?:ended|was ended|cannot be started).*)`, 's').exec(text)?.[1];
  if (died !== undefined) {
    return { type: 'ended', reason: died };
  }
  if (definition.key !== null && /not authenticated|unauthorized|invalid api key/i.test(text)) {
    const { variable, where } = definition.key;
    return { type: 'needs-setup', reason: `its service refused the key in ${variable}; get another at ${where}` };
  }
  if (/unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|HTTP 5\d\d/i.test(text)) {
    return { type: 'unreachable', reason: text };
  }
  return { type: 'ended', reason: `did not initialize: ${text}` };
}
