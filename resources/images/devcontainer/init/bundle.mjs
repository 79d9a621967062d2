// Asks the MCP bundle which servers it runs.
import { setTimeout as wait } from 'node:timers/promises';

/** The bundle is healthy before this container starts; a restart of its own takes a few seconds. */
const delays = [250, 500, 1000, 2000, 4000];

/**
 * @param {string} url its status address, such as http://mcp-bundle:3000/status
 * @returns {Promise<import('./config.mjs').ServerStatus[]>}
 * @throws {Error} when it does not answer
 */
export async function readServers(url) {
  for (const delay of [...delays, null]) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
      if (!response.ok) {
        throw new Error(`HTTP ${response.status}: ${(await response.text()).trim()}`);
      }
      const { servers } = /** @type {{servers: import('./config.mjs').ServerStatus[]}} */ (await response.json());
      return servers;
    } catch (error) {
      if (delay === null) {
        const cause = error.cause?.code ?? error.message;
        throw new Error(`the MCP servers' container does not answer at ${url} (${cause}); is it running?`);
      }
    }
    await wait(delay);
  }
  throw new Error('unreachable: the last attempt returns or throws');
}
