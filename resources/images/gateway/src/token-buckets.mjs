// How often a person may ask: a bucket of `perMinute` requests that refills evenly. Kept by each gateway for itself.

/**
 * @param {() => number} now milliseconds that never go back
 * @returns {{ take: (key: string, perMinute: number) => number, size: () => number }}
 *   `take` gives 0 when the request may pass, otherwise the seconds until the next one may
 */
export function createTokenBuckets(now) {
  /** @type {Map<string, { tokens: number, at: number, perMinute: number }>} */
  const buckets = new Map();
  let sweepAt = 10_000;

  /** A bucket that is full again says nothing. @param {number} time */
  const sweep = (time) => {
    for (const [key, { tokens, at, perMinute }] of buckets) {
      if (tokens + ((time - at) * perMinute) / 60_000 >= perMinute) buckets.delete(key);
    }
    sweepAt = Math.max(10_000, buckets.size * 2);
  };

  return {
    take: (key, perMinute) => {
      const time = now();
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= sweepAt) sweep(time);
        bucket = { tokens: perMinute, at: time, perMinute };
        buckets.set(key, bucket);
      }
      bucket.tokens = Math.min(perMinute, bucket.tokens + ((time - bucket.at) * perMinute) / 60_000);
      bucket.at = time;
      bucket.perMinute = perMinute;
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 60) / perMinute);
      bucket.tokens -= 1;
      return 0;
    },
    size: () => buckets.size,
  };
}
