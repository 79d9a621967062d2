// The team's services, as this container asks them: over TLS, with the team's own certificate authority and no other.
import { Agent, request } from 'node:https';
import { TeamFailure } from './delivery.mjs';
import { toVisible } from './visible.mjs';

const patience = 10_000;
const archivePatience = 60_000;
const archiveBytes = 60 * 2 ** 20;
const jsonBytes = 4 * 2 ** 20;

/**
 * @typedef {{sha: string, subject?: string}} Offered
 * @typedef {{address: string, servers: {name: string, path: string}[]}} Facts
 */

/** @param {import('./delivery.mjs').Delivery} delivery */
export function createLink({ addresses, ca, token }) {
  // An agent of its own: it neither goes through the container's proxy nor believes the system's authorities.
  const agent = new Agent({ ca });

  /** @param {string} address @param {string} path @param {{most: number, timeout: number}} bounds @returns {Promise<{status: number, body: Buffer}>} */
  const ask = (address, path, { most, timeout }) =>
    new Promise((resolve, reject) => {
      const options = { agent, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(timeout) };
      const asked = request(`https://${address}${path}`, options, (answer) => {
        /** @type {Buffer[]} */
        const chunks = [];
        let size = 0;
        answer.on('data', (chunk) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > most) {
            answer.destroy(new TeamFailure('archive', `the answer is larger than ${most / 2 ** 20} MB`));
          }
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end();
    });

  /** The first that answers. @param {string} path @param {{most: number, timeout: number}} bounds */
  const askAny = async (path, bounds) => {
    /** @type {string[]} */
    const why = [];
    for (const address of addresses) {
      try {
        const { status, body } = await ask(address, path, bounds);
        if (status === 401 || status === 403) {
          throw new TeamFailure('refused', 'the team’s services do not accept this token any more');
        }
        if (status < 500) {
          return { address, status, body };
        }
        why.push(`${address}: HTTP ${status}`);
      } catch (error) {
        if (error instanceof TeamFailure) {
          throw error;
        }
        why.push(`${address}: ${error.code ?? error.message}`);
      }
    }
    throw new TeamFailure('unreachable', `none of the team’s servers answers (${why.join('; ')})`);
  };

  /** @param {string} path */
  const json = async (path) => {
    const { address, status, body } = await askAny(path, { most: jsonBytes, timeout: patience });
    try {
      if (status !== 200) {
        throw new Error(`HTTP ${status}`);
      }
      return { address, value: JSON.parse(body.toString('utf8')) };
    } catch (error) {
      throw new TeamFailure('unreachable', `${address}${path} does not answer as it should (${error.message})`);
    }
  };

  return {
    /** @returns {Promise<Facts>} */
    servers: async () => {
      const { address, value } = await json('/api/v1/me');
      return { address, servers: toServers(value?.servers) };
    },
    /** @returns {Promise<Offered | null>} */
    offered: async () => toOffered((await json('/api/v1/config')).value?.current),
    /** @param {string} sha @returns {Promise<Buffer>} */
    archive: async (sha) => {
      const { status, body } = await askAny(`/api/v1/config/archive/${sha}`, {
        most: archiveBytes,
        timeout: archivePatience,
      });
      if (status !== 200) {
        throw new TeamFailure('changed', `revision ${sha.slice(0, 8)} is not offered (HTTP ${status})`);
      }
      return body;
    },
    close: () => agent.destroy(),
  };
}

/** @param {unknown} servers @returns {Facts['servers']} only what can be an entry */
function toServers(servers) {
  return (Array.isArray(servers) ? servers : []).filter(
    (one) => /^[a-z0-9][a-z0-9-]{0,40}$/.test(one?.name) && /^\/mcp\/[a-z0-9-]{1,60}$/.test(one?.path),
  );
}

/** @param {unknown} current @returns {Offered | null} */
function toOffered(current) {
  const { sha, subject } = /** @type {Record<string, unknown>} */ (current ?? {});
  if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha)) {
    return null;
  }
  return { sha, ...(typeof subject === 'string' ? { subject: toVisible(subject.slice(0, 200)) } : {}) };
}
