import { isIP } from 'node:net';
import { Pool } from 'undici';
import { pickLeast } from './balance.mjs';

/*
 * One service as the gateway sees it: its replicas, the connections kept to each, and what each has to do.
 */

/** As the servers of resources/images/mcp have it: after this a session has been closed. */
const sessionIdleMs = 30 * 60_000;
const connectMs = 2000;

/**
 * @typedef {object} Replica
 * @property {string} address
 * @property {string} host what its requests carry in Host: the service's name, which the servers of resources/images/mcp know
 * @property {Pool} pool
 * @property {number} open requests under way
 * @property {number} sessions
 * @property {Map<string, number>} used when each session was used last, by the replica's id for it
 * @property {number} failedAt
 */
/** @typedef {ReturnType<typeof createUpstream>} Upstream */

/** @param {string} address @param {string} host @returns {Replica} */
function createReplica(address, host) {
  const pool = new Pool(`http://${address}`, {
    connect: { timeout: connectMs },
    // The replicas' side waits longer (65 s and more), so that a connection is not closed just as a request is sent.
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 60_000,
    // Exchange has its own clock: an answer may take 300 s and a stream that listens has no end.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { address, host, pool, open: 0, sessions: 0, used: new Map(), failedAt: Number.NEGATIVE_INFINITY };
}

/**
 * @param {readonly import('./settings.mjs').Endpoint[]} endpoints
 * @param {string} address
 */
function hostOf(endpoints, address) {
  const named = endpoints.find(({ host, port }) => isIP(host) === 0 && address.endsWith(`:${port}`));
  return named === undefined ? address : `${named.host}:${named.port}`;
}

/**
 * @param {object} options
 * @param {readonly import('./settings.mjs').Endpoint[]} options.endpoints
 * @param {import('./replicas.mjs').Replicas} options.replicas
 * @param {() => number} options.now milliseconds that never go back
 */
export function createUpstream({ endpoints, replicas, now }) {
  /** @type {Map<string, Replica>} */
  const table = new Map();
  let turn = 0;
  let sweptAt = now();

  /** @param {string} address */
  function get(address) {
    let replica = table.get(address);
    if (replica === undefined) {
      replica = createReplica(address, hostOf(endpoints, address));
      table.set(address, replica);
    }
    return replica;
  }

  /** Forgets sessions that nobody uses, and replicas that are gone and have nothing left to finish. */
  function sweep() {
    if (now() - sweptAt < 60_000) return;
    sweptAt = now();
    const known = new Set(replicas.known());
    for (const replica of table.values()) {
      for (const [session, usedAt] of replica.used) {
        if (sweptAt - usedAt > sessionIdleMs) replica.used.delete(session);
      }
      replica.sessions = replica.used.size;
      if (known.has(replica.address) || replica.open > 0) continue;
      table.delete(replica.address);
      void replica.pool.close();
    }
  }

  return {
    /** @param {string} address */
    get,
    /**
     * The replica that has the least to do.
     * @param {ReadonlySet<string>} [tried] addresses that are left out
     * @returns {Promise<Replica | undefined>}
     */
    pick: async (tried) => {
      sweep();
      const known = await replicas.current();
      const left = tried === undefined ? known : known.filter((address) => !tried.has(address));
      turn += 1;
      return pickLeast(left.map(get), { now: now(), turn });
    },
    /** @param {Replica} replica @param {string} session the replica's id for it */
    use: (replica, session) => {
      replica.used.set(session, now());
      replica.sessions = replica.used.size;
    },
    /** @param {Replica} replica @param {string} session */
    end: (replica, session) => {
      replica.used.delete(session);
      replica.sessions = replica.used.size;
    },
    /**
     * To be called when a connection was not made.
     * @param {Replica} replica
     * @returns {Promise<boolean>} whether the DNS still names it
     */
    failed: async (replica) => {
      replica.failedAt = now();
      return (await replicas.refresh()).includes(replica.address);
    },
    /** @returns {{ address: string, sessions: number, open: number }[]} */
    read: () =>
      replicas.known().map((address) => {
        const replica = table.get(address);
        return { address, sessions: replica?.sessions ?? 0, open: replica?.open ?? 0 };
      }),
    known: replicas.known,
    close: () => Promise.all([...table.values()].map(({ pool }) => pool.destroy())),
  };
}
