import { AppFailure } from '../../../main/core/app-failure.ts';
import type { Clock } from '../../../main/services/ports.ts';

/** Time that passes when the test says so. `asked` is how long each sleep and timer wanted to wait. */
export interface ManualClock extends Clock {
  readonly advance: (ms: number) => void;
  readonly asked: number[];
  /** Resolves when somebody sleeps (or set a timer) for exactly that long. */
  readonly waiting: (ms: number) => Promise<void>;
}

export function createManualClock(): ManualClock {
  let now = Date.UTC(2026, 0, 1);
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const asked: number[] = [];
  const watchers = new Set<() => void>();

  const after: Clock['after'] = (ms, run) => {
    asked.push(ms);
    const timer = { at: now + ms, run };
    timers.add(timer);
    for (const watcher of [...watchers]) watcher();
    return () => void timers.delete(timer);
  };
  return {
    now: () => now,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const cancel = after(ms, resolve);
        const onAbort = () => {
          cancel();
          reject(new AppFailure({ code: 'cancelled', message: 'cancelled' }));
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      }),
    asked,
    waiting: (ms) =>
      new Promise((resolve) => {
        const look = () => {
          if (![...timers].some(({ at }) => at === now + ms)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    advance: (ms) => {
      now += ms;
      for (const timer of [...timers]) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.run();
      }
    },
  };
}
