import { isIP } from 'node:net';
import { Pool } from 'undici';
import { pickLeast } from './balance.mjs';

/*
 * One service as the gateway sees it: its replicas, the connections kept to each, and what each has to do.
 */

/** After this nobody comes back to a session; the servers of resources/images/mcp close it then. */
const idleMs = 30 * 60_000;
/** The same for one whose client listened, and has hung up. */
const goneMs = 60_000;
const connectMs = 2000;

/** @typedef {{ usedAt: number, streams: number, hasListened: boolean }} Session `streams`: those that listen now */
/**
 * @typedef {object} Replica
 * @property {string} address
 * @property {string} host what its requests carry in Host: the service's name, which the servers of resources/images/mcp know
 * @property {Pool} pool
 * @property {number} open requests under way
 * @property {number} sessions those that are known, and those that are being opened
 * @property {number} opening
 * @property {Map<string, Session>} used what is known of each session, by the replica's id for it
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
  return { address, host, pool, open: 0, sessions: 0, opening: 0, used: new Map(), failedAt: Number.NEGATIVE_INFINITY };
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
      for (const [id, { usedAt, streams, hasListened }] of replica.used) {
        if (streams === 0 && sweptAt - usedAt > (hasListened ? goneMs : idleMs)) replica.used.delete(id);
      }
      count(replica);
      if (known.has(replica.address) || replica.open > 0) continue;
      table.delete(replica.address);
      void replica.pool.close();
    }
  }

  /** @param {Replica} replica */
  function count(replica) {
    replica.sessions = replica.used.size + replica.opening;
  }

  /**
   * @param {ReadonlySet<string>} tried
   * @param {(replica: Replica) => void} [onPicked] called before anybody else picks
   * @returns {Promise<Replica | undefined>}
   */
  async function pick(tried, onPicked) {
    sweep();
    const known = await replicas.current();
    turn += 1;
    const left = known.filter((address) => !tried.has(address)).map(get);
    const picked = pickLeast(left, { now: now(), turn });
    if (picked !== undefined) onPicked?.(picked);
    return picked;
  }

  /** @param {Replica} replica @param {string} session @returns {Session} */
  function use(replica, session) {
    let about = replica.used.get(session);
    if (about === undefined) {
      about = { usedAt: 0, streams: 0, hasListened: false };
      replica.used.set(session, about);
      count(replica);
    }
    about.usedAt = now();
    return about;
  }

  return {
    /** @param {string} address */
    get,
    /** The replica that has the least to do; `tried` are addresses that are left out. */
    pick,
    /**
     * The same for a session that is about to be opened: it counts from now on, until `release`, and then if it was opened.
     * @param {ReadonlySet<string>} tried
     */
    claim: (tried) =>
      pick(tried, (replica) => {
        replica.opening += 1;
        count(replica);
      }),
    /** @param {Replica} replica */
    release: (replica) => {
      replica.opening -= 1;
      count(replica);
    },
    /** @param {Replica} replica @param {string} session the replica's id for it */
    use,
    /** @param {Replica} replica @param {string} session @param {1 | -1} change a stream of it begins or ends */
    listen: (replica, session, change) => {
      // One that has been ended meanwhile does not come back with the end of its stream.
      if (change < 0 && !replica.used.has(session)) return;
      const about = use(replica, session);
      about.streams += change;
      about.hasListened = true;
    },
    /** @param {Replica} replica @param {string} session */
    end: (replica, session) => {
      replica.used.delete(session);
      count(replica);
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
    read: () => {
      sweep();
      return replicas.known().map((address) => {
        const replica = table.get(address);
        return { address, sessions: replica?.sessions ?? 0, open: replica?.open ?? 0 };
      });
    },
    known: replicas.known,
  };
}
