import { hash, randomBytes } from 'node:crypto';
import { AppFailure } from '../core/app-failure.ts';
import type { Clock, Ids } from '../services/ports.ts';

const cancelled = () => new AppFailure({ code: 'cancelled', message: 'Waiting was cancelled.' });

/** The machine's own time. */
export function createClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(cancelled());
          return;
        }
        const onAbort = () => {
          clearTimeout(timer);
          reject(cancelled());
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        }, ms);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

export function createIds(): Ids {
  return {
    random: () => randomBytes(16).toString('base64url'),
    sha256: (text) => hash('sha256', text),
  };
}
