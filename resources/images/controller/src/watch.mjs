import { describeError } from '../../common/service/log.mjs';

/*
 * What the other services do not tell by themselves, looked at while somebody is connected, so that nobody else has to ask:
 * the gateways' figures and config-sync's state every 10 s, the Swarm by engine-view's stream.
 */

const every = 10_000;

/** Figures differ all the time; what nobody would see as another figure is none. @param {number | null} value */
export const roughly = (value) => {
  if (value === null || value === 0) return value;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  return Math.round(value / (5 * unit)) * 5 * unit;
};

/** @param {import('./view.mjs').Servers} servers */
export const roughServers = (servers) =>
  JSON.stringify(
    servers.map(({ p95Seconds, requestsPerSecond, ...server }) => ({
      ...server,
      p95Seconds: roughly(p95Seconds),
      requestsPerSecond: roughly(requestsPerSecond),
    })),
  );

/** @param {import('./upstream.mjs').SyncState | undefined} sync */
export const roughSync = (sync) =>
  JSON.stringify(sync === undefined ? null : [sync.current?.sha, sync.remoteHead, sync.error?.message]);

/**
 * @param {object} options
 * @param {import('./upstream.mjs').Upstream} options.upstream
 * @param {() => Promise<import('./view.mjs').Servers>} options.servers
 * @param {(what: string) => void} options.onChange
 * @param {import('../../common/service/log.mjs').Log} options.log
 */
export function createWatch({ upstream, servers, onChange, log }) {
  /** @type {Map<string, string>} */
  const last = new Map();
  /** @type {AbortController | undefined} */
  let running;

  /** @param {string} what @param {string} now */
  const compare = (what, now) => {
    const before = last.get(what);
    last.set(what, now);
    if (before !== undefined && before !== now) onChange(what);
  };
  const look = async () => {
    compare('config', roughSync(await upstream.sync()));
    compare('mcp', roughServers(await servers()));
  };

  /** @param {AbortSignal} signal */
  const follow = async (signal) => {
    /** @type {NodeJS.Timeout | undefined} */
    let soon;
    // A deploy changes something every moment.
    const tell = () => {
      if (soon !== undefined) return;
      soon = setTimeout(() => {
        soon = undefined;
        onChange('swarm');
      }, 1000).unref();
    };
    while (!signal.aborted) {
      try {
        await upstream.followSwarm(tell, signal);
      } catch {
        // engine-view is away, or we end: the pause below is for both.
      }
      await pause(5000, signal);
    }
  };

  return {
    /** @param {number} clients */
    setClients: (clients) => {
      if (clients === 0) {
        running?.abort();
        running = undefined;
        last.clear();
      } else if (running === undefined) {
        const controller = new AbortController();
        running = controller;
        const timer = setInterval(() => {
          look().catch((error) => log.error('looking at the other services', describeError(error)));
        }, every);
        timer.unref();
        controller.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
        void follow(controller.signal);
      }
    },
  };
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
