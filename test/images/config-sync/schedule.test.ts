import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { countOutcomes, createSchedule, retryAfter } from '../../../resources/images/config-sync/src/schedule.mjs';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A sync whose end the test decides. */
function createRuns() {
  const ends: ((ok: boolean) => void)[] = [];
  return { ends, run: () => new Promise<boolean>((resolve) => ends.push(resolve)) };
}

describe('when a sync happens', () => {
  it('is an interval after the last one’s end, sooner after a failure', async () => {
    const { ends, run } = createRuns();
    const schedule = createSchedule({ run, intervalMs: 300_000 });
    void schedule.sync();
    ends[0]?.(true);
    await vi.advanceTimersByTimeAsync(299_999);
    expect(ends).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toHaveLength(2);
    ends[1]?.(false);
    await vi.advanceTimersByTimeAsync(retryAfter);
    expect(ends).toHaveLength(3);
    expect(schedule.counts().hour).toEqual({ success: 1, failure: 1 });
  });

  it('is once more, and only once, after the one that runs, for those who ask meanwhile', async () => {
    const { ends, run } = createRuns();
    const schedule = createSchedule({ run, intervalMs: 300_000 });
    const first = schedule.sync();
    let later = 0;
    for (let index = 0; index < 5; index += 1) void schedule.sync().then(() => (later += 1));
    ends[0]?.(true);
    await first;
    await vi.advanceTimersByTimeAsync(0);
    expect([ends.length, later]).toEqual([2, 0]);
    ends[1]?.(true);
    await vi.advanceTimersByTimeAsync(0);
    expect([ends.length, later]).toEqual([2, 5]);
  });

  it('is never again after the end', async () => {
    const run = vi.fn(async (signal: AbortSignal) => !signal.aborted);
    const schedule = createSchedule({ run, intervalMs: 1000 });
    await schedule.sync();
    await schedule.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});

it('counts syncs of the last five minutes, hour and day', () => {
  const now = 1_000_000_000;
  const outcomes = [1, 299_999, 300_000, 3_599_999, 86_399_999, 86_400_000].map((ago, index) => ({
    at: now - ago,
    ok: index % 2 === 0,
  }));
  expect(countOutcomes(outcomes, now)).toEqual({
    fiveMinutes: { success: 1, failure: 1 },
    hour: { success: 2, failure: 2 },
    day: { success: 3, failure: 2 },
  });
});
