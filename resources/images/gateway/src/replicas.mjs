import { isIP } from 'node:net';

/*
 * The addresses behind a service's name, as the DNS has them. They are asked for again when they are older than five seconds and
 * somebody wants them (who gets the old ones and does not wait), and at once when a connection failed. While the DNS itself does
 * not answer, the last known ones stay.
 */

const freshMs = 5000;

/** @typedef {import('./settings.mjs').Endpoint} Endpoint */
/**
 * @typedef {object} Replicas
 * @property {() => readonly string[] | Promise<readonly string[]>} current `address:port` each; a promise only the first time
 * @property {() => Promise<readonly string[]>} refresh asks now
 * @property {() => readonly string[]} known what was answered last, without asking
 */

/** @param {string} address @param {number} port */
const toReplica = (address, port) => (isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`);

/**
 * @param {object} options
 * @param {readonly Endpoint[]} options.endpoints
 * @param {(host: string) => Promise<readonly string[]>} options.lookup the addresses of a name, none where it stands for
 *   nothing; rejects when the DNS does not say
 * @param {() => number} options.now milliseconds that never go back
 * @returns {Replicas}
 */
export function createReplicas({ endpoints, lookup, now }) {
  const fixed = endpoints.filter(({ host }) => isIP(host) !== 0).map(({ host, port }) => toReplica(host, port));
  const named = endpoints.filter(({ host }) => isIP(host) === 0);
  /** @type {readonly string[]} */
  let known = fixed;
  let askedAt = Number.NEGATIVE_INFINITY;
  let answered = named.length === 0;
  /** @type {Promise<readonly string[]> | undefined} */
  let asking;

  async function ask() {
    askedAt = now();
    try {
      const found = await Promise.all(
        named.map(async ({ host, port }) => (await lookup(host)).map((address) => toReplica(address, port))),
      );
      known = [...new Set([...fixed, ...found.flat()])].sort();
      answered = true;
    } catch {
      // The DNS is away, which says nothing of the replicas: whoever connects finds out.
    } finally {
      asking = undefined;
    }
    return known;
  }

  const refresh = () => {
    if (named.length === 0) return Promise.resolve(known);
    asking ??= ask();
    return asking;
  };

  return {
    current: () => {
      if (!answered) return refresh();
      if (named.length > 0 && now() - askedAt > freshMs) void refresh();
      return known;
    },
    refresh,
    known: () => known,
  };
}
