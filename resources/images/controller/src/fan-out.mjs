import { createClient } from '@redis/client';
import { describeError } from '../../common/service/log.mjs';

/*
 * Redis: who is here now, and telling the other replicas. Nothing in it must last. Without it presence is not known, a
 * replica tells only its own clients, and nothing else changes.
 */

const channel = 'claude-env:team';
const presence = 'claude-env:presence';
const samples = 'claude-env:samples';

/**
 * @param {object} options
 * @param {import('./settings.mjs').Settings['redis']} options.settings
 * @param {string} options.password
 * @param {import('../../common/service/log.mjs').Log} options.log
 * @param {(message: unknown) => void} options.onMessage of another replica
 * @param {(up: boolean) => void} options.onChange what was told meanwhile is lost
 */
export function createFanOut({ settings, password, log, onMessage, onChange }) {
  const client = createClient({
    socket: {
      host: settings.host,
      port: settings.port,
      connectTimeout: 3000,
      // A peer that vanished without a word is noticed by the pings' silence.
      socketTimeout: 25_000,
      reconnectStrategy: (tries) => Math.min(250 * 2 ** Math.min(tries, 4), 3000),
    },
    password,
    // What cannot be sent now is no longer true later.
    disableOfflineQueue: true,
    commandOptions: { timeout: 2000 },
    pingInterval: 10_000,
  });
  const listener = client.duplicate({ disableOfflineQueue: false, commandOptions: {} });
  let up = false;
  const look = () => {
    const now = client.isReady && listener.isReady;
    if (now === up) return;
    up = now;
    if (!now) log.warn('redis went away: presence is not known');
    else log.info('redis answers');
    onChange(now);
  };
  for (const each of [client, listener]) {
    each.on('ready', look);
    each.on('reconnecting', look);
    each.on('end', look);
    each.on('error', (error) => {
      if (up) log.warn('redis', describeError(error));
      look();
    });
  }

  /** @template T @param {() => Promise<T>} act @returns {Promise<T | undefined>} */
  const ifUp = async (act) => {
    if (!client.isReady) return undefined;
    try {
      return await act();
    } catch (error) {
      log.warn('redis did not take a command', describeError(error));
      return undefined;
    }
  };

  /** Redis' own clock, in milliseconds: those of the replicas may differ by more than presence holds. */
  const timeThere = async () => Number((await client.time())[0]) * 1000;

  return {
    /** Resolves at once; it goes on trying by itself. */
    start: () => {
      // Both tell of failures as events, and connect again.
      client.connect().catch(() => undefined);
      listener
        .connect()
        .then(() => listener.subscribe(channel, (text) => onMessage(JSON.parse(text))))
        .catch(() => undefined);
    },
    isUp: () => up,
    /** @param {unknown} message */
    tell: (message) => ifUp(() => client.publish(channel, JSON.stringify(message))),
    /**
     * @param {readonly string[]} entries what `entryOf` makes
     * @param {number} seconds they hold, unless they are said again
     */
    say: (entries, seconds) =>
      ifUp(async () => {
        if (entries.length === 0) return;
        const until = (await timeThere()) + seconds * 1000;
        await client.zAdd(
          presence,
          entries.map((value) => ({ score: until, value })),
        );
      }),
    /** @param {readonly string[]} entries */
    takeBack: (entries) => ifUp(async () => void (entries.length > 0 && (await client.zRem(presence, [...entries])))),
    /** @returns {Promise<readonly import('./view.mjs').Here[] | undefined>} undefined: not known */
    here: () =>
      ifUp(async () => {
        const now = await timeThere();
        const [, entries] = await client
          .multi()
          .zRemRangeByScore(presence, 0, now)
          .zRangeByScore(presence, now, '+inf')
          .execTyped();
        return entries.map(parseEntry);
      }),
    /**
     * Whether this replica is the one that takes the sample of this minute; the first that asks is.
     * @param {number} minute since the epoch
     */
    mayTake: async (minute) =>
      (await ifUp(() =>
        client.set(`${samples}:${minute}`, '1', { condition: 'NX', expiration: { type: 'EX', value: 120 } }),
      )) === 'OK',
    /**
     * @param {number} at milliseconds since the epoch
     * @param {unknown} sample
     * @param {number} keep milliseconds; older ones are forgotten
     */
    addSample: (at, sample, keep) =>
      ifUp(() =>
        client
          .multi()
          .zAdd(samples, { score: at, value: JSON.stringify(sample) })
          .zRemRangeByScore(samples, 0, at - keep)
          .pExpire(samples, keep)
          .exec(),
      ),
    /** @param {number} since @returns {Promise<readonly any[] | undefined>} the oldest first; undefined: not known */
    samples: (since) =>
      ifUp(async () => (await client.zRangeByScore(samples, since, '+inf')).map((text) => JSON.parse(text))),
    end: async () => {
      for (const each of [client, listener]) if (each.isOpen) each.destroy();
    },
  };
}

/** @param {string} person @param {string} machine '' where none was named @param {string} connection */
export const entryOf = (person, machine, connection) => JSON.stringify([person, machine, connection]);

/** @param {string} text */
function parseEntry(text) {
  const [person, machine] = JSON.parse(text);
  return { person, machine };
}

/** @typedef {ReturnType<typeof createFanOut>} FanOut */
