/*
 * What was asked and how it went, over the last five minutes: buckets of ten seconds, each with counts by duration in steps of
 * 10 %, from 0.1 ms to 600 s. The 95th percentile is the upper end of its step.
 */

const bucketMs = 10_000;
const buckets = 30;
const lowest = 0.0001;
const growth = Math.log(1.1);
const steps = Math.ceil(Math.log(600 / lowest) / growth) + 1;

/** @typedef {{ epoch: number, count: number, errors: number, durations: Uint32Array }} Bucket */

/** @param {number} seconds */
const toStep = (seconds) => Math.min(steps - 1, Math.max(0, Math.ceil(Math.log(seconds / lowest) / growth)));

/**
 * @param {() => number} now milliseconds
 * @returns {{
 *   record: (seconds: number, isError: boolean) => void,
 *   read: () => { requestsPerSecond: number, p95Seconds: number | null, errors: number },
 * }} requests of the last minute a second; p95 and errors of the last five minutes; no p95 where there was no request
 */
export function createStatistics(now) {
  const born = now();
  /** @type {Bucket[]} */
  const ring = Array.from({ length: buckets }, () => ({
    epoch: Number.NEGATIVE_INFINITY,
    count: 0,
    errors: 0,
    durations: new Uint32Array(steps),
  }));

  return {
    record: (seconds, isError) => {
      const epoch = Math.floor(now() / bucketMs);
      const bucket = /** @type {Bucket} */ (ring[epoch % buckets]);
      if (bucket.epoch !== epoch) {
        bucket.epoch = epoch;
        bucket.count = 0;
        bucket.errors = 0;
        bucket.durations.fill(0);
      }
      const step = toStep(seconds);
      bucket.count += 1;
      bucket.errors += isError ? 1 : 0;
      bucket.durations[step] = (bucket.durations[step] ?? 0) + 1;
    },
    read: () => {
      const time = now();
      const epoch = Math.floor(time / bucketMs);
      const live = ring.filter((bucket) => epoch - bucket.epoch < buckets);
      // The bucket that is being filled, and the six before it.
      const lately = live.filter((bucket) => epoch - bucket.epoch <= 6).reduce((sum, { count }) => sum + count, 0);
      const span = Math.max(1, Math.min(time - born, 6 * bucketMs + (time % bucketMs)) / 1000);
      const count = live.reduce((sum, bucket) => sum + bucket.count, 0);
      return {
        requestsPerSecond: lately / span,
        p95Seconds: count === 0 ? null : percentile(live, count * 0.95),
        errors: live.reduce((sum, { errors }) => sum + errors, 0),
      };
    },
  };
}

/** @param {readonly Bucket[]} live @param {number} rank */
function percentile(live, rank) {
  let seen = 0;
  for (let step = 0; step < steps; step++) {
    for (const { durations } of live) seen += durations[step] ?? 0;
    if (seen >= rank) return lowest * 1.1 ** step;
  }
  return lowest * 1.1 ** (steps - 1);
}
