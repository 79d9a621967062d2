// When a sync happens: after an interval (git has no events), sooner after a failure, at once when it is asked for.

/** After a failure the remote is asked again this soon, in ms, where the interval is longer. */
export const retryAfter = 60_000;

/** @typedef {{at: number, ok: boolean}} Outcome */
/** @typedef {{success: number, failure: number}} Count */

/**
 * @param {readonly Outcome[]} outcomes
 * @param {number} now
 * @returns {{fiveMinutes: Count, hour: Count, day: Count}}
 */
export function countOutcomes(outcomes, now) {
  /** @param {number} ms */
  const within = (ms) => {
    const counted = outcomes.filter(({ at }) => at > now - ms);
    const success = counted.filter(({ ok }) => ok).length;
    return { success, failure: counted.length - success };
  };
  return { fiveMinutes: within(300_000), hour: within(3_600_000), day: within(86_400_000) };
}

/**
 * @param {object} options
 * @param {(signal: AbortSignal) => Promise<boolean>} options.run resolves with whether it went well; never rejects
 * @param {number} options.intervalMs
 * @param {() => number} [options.now]
 */
export function createSchedule({ run, intervalMs, now = Date.now }) {
  const stopping = new AbortController();
  /** @type {Outcome[]} */
  let outcomes = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<void> | undefined} */
  let running;
  /** One that begins after what runs now. @type {Promise<void> | undefined} */
  let next;

  const once = async () => {
    clearTimeout(timer);
    const ok = await run(stopping.signal);
    const at = now();
    outcomes = [...outcomes.filter((outcome) => outcome.at > at - 86_400_000), { at, ok }];
    if (!stopping.signal.aborted)
      timer = setTimeout(() => void sync(), ok ? intervalMs : Math.min(intervalMs, retryAfter));
  };
  const begin = () => {
    running = once().finally(() => {
      running = undefined;
    });
    return running;
  };

  /** @returns {Promise<void>} after a sync that began after the call: what was pushed before it has been seen */
  const sync = () => {
    if (running === undefined) return begin();
    next ??= running.then(() => {
      next = undefined;
      return stopping.signal.aborted ? undefined : begin();
    });
    return next;
  };

  return {
    sync,
    counts: () => countOutcomes(outcomes, now()),
    /** Ends what runs, and waits for its end. */
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
