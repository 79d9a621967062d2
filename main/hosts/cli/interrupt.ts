import { exitCodes } from './exit-codes.ts';

/** Ctrl-C, `kill` and a closed terminal, turned into one AbortSignal. The second one ends the process at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  readonly dispose: () => void;
}

export function createInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  const interrupted = () => {
    if (controller.signal.aborted) process.exit(exitCodes.cancelled);
    controller.abort();
    onFirst();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupted);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of signals) process.off(name, interrupted);
    },
  };
}

/** The work's result, or a `cancelled` failure as soon as the signal fires: what is asked for need not be waited for. */
export function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal, refuse: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(refuse());
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
