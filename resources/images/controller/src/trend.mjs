import { describeError } from '../../common/service/log.mjs';

/*
 * The four figures as they were in the last hour: looked at once a minute by one of the replicas, whether or not somebody is
 * connected, and kept in Redis. While Redis is away nothing is kept: a minute that nobody looked at is missing, and not made up.
 */

const minute = 60_000;
/** So long they are kept. */
export const kept = 60 * minute;

/**
 * @typedef {object} Sample null: it was not known then
 * @property {string} at
 * @property {number | null} environments active
 * @property {number | null} sync the success rate
 * @property {number | null} mcp the slowest server's p95, in seconds
 * @property {number | null} drift per cent
 */

/**
 * @typedef {object} Ring fan-out.mjs's part of it
 * @property {(minute: number) => Promise<boolean>} mayTake
 * @property {(at: number, sample: Sample, keep: number) => Promise<unknown>} addSample
 * @property {(since: number) => Promise<readonly Sample[] | undefined>} samples
 */

/** @param {ReturnType<typeof import('./view.mjs').toOverview>} overview @param {number} at @returns {Sample} */
export const toSample = ({ environments, sync, mcp, drift }, at) => ({
  at: new Date(at).toISOString(),
  environments: environments?.running ?? null,
  sync: sync.successRate,
  mcp: mcp.p95Seconds,
  drift: drift.percent,
});

/**
 * @param {object} options
 * @param {Ring} options.fanOut
 * @param {() => Promise<ReturnType<typeof import('./view.mjs').toOverview>>} options.overview
 * @param {(sample: Sample) => void} options.onSample one that this replica took
 * @param {import('../../common/service/log.mjs').Log} options.log
 * @param {() => number} [options.now]
 */
export function createTrend({ fanOut, overview, onSample, log, now = Date.now }) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  const take = async () => {
    const at = now();
    if (!(await fanOut.mayTake(Math.floor(at / minute)))) return;
    const sample = toSample(await overview(), at);
    await fanOut.addSample(at, sample, kept);
    onSample(sample);
  };
  /** Now, and at the beginning of each minute. */
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(look, minute - (now() % minute)).unref();
    take().catch((error) => log.warn('this minute’s figures could not be looked at', describeError(error)));
  };

  return {
    /** What is needed for it is there, or there again; this minute is still looked at once. */
    look,
    stop: () => clearTimeout(timer),
    /** @returns {Promise<readonly Sample[] | undefined>} of the last hour, the oldest first; undefined: not known */
    read: () => fanOut.samples(now() - kept),
  };
}

/** @typedef {ReturnType<typeof createTrend>} Trend */
