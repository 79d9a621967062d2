// Asks a server what a client would: initialize, then tools/list, through its own HTTP endpoint.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** Marks the supervisor's own session among those of one server. */
export const probeHeader = 'x-mcp-supervisor';

const initializeTimeout = 30_000;
const listTimeout = 10_000;

/**
 * Opens the supervisor's session.
 * @param {{port: number, secret: string}} options
 */
export async function openProbe({ port, secret }) {
  const client = new Client({ name: 'claude-env-supervisor', version: '0.1.0' });
  const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
    requestInit: { headers: { [probeHeader]: secret } },
  });
  // The listening stream ends with its process; the runner learns that from the process itself.
  client.onerror = () => undefined;
  await client.connect(transport, { timeout: initializeTimeout });
  return {
    /** @returns {Promise<import('./state.mjs').Tool[]>} */
    async listTools() {
      const tools = [];
      let cursor;
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout: listTimeout });
        tools.push(...page.tools.map(toTool));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return tools;
    },
    close: () => client.close(),
  };
}

/**
 * The first paragraph of a description is what a list has room for.
 * @param {{name: string, description?: string | undefined}} tool
 * @returns {import('./state.mjs').Tool}
 */
function toTool({ name, description = '' }) {
  const [first = ''] = description.trim().split(/\n\s*\n/);
  return { name, description: first.replace(/\s+/g, ' ').slice(0, 400) };
}

/**
 * Whether a cloud service answers at all.
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<string | null>} what is wrong, or null
 */
export async function checkCloud(url, signal) {
  try {
    await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(8000)]),
    });
    return null;
  } catch (error) {
    const cause = error.cause?.code ?? error.cause?.message ?? error.message;
    return `${new URL(url).host} does not answer from here (${cause}); calls to its tools fail until it does`;
  }
}
