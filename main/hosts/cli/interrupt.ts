import { exitCodes } from './exit-codes.ts';

/** Ctrl-C, `kill` and a closed terminal, turned into one AbortSignal. The second one ends the process at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** From now on signals are handed over instead; returns how to end that. */
  readonly takeOver: (take: (name: SignalName) => void) => () => void;
  readonly dispose: () => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type SignalName = (typeof signals)[number];

export function createInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let taker: ((name: SignalName) => void) | undefined;
  const interrupted = (name: SignalName) => {
    if (taker !== undefined) return taker(name);
    if (controller.signal.aborted) process.exit(exitCodes.cancelled);
    controller.abort();
    onFirst();
  };
  for (const name of signals) process.on(name, interrupted);
  return {
    signal: controller.signal,
    takeOver: (take) => {
      taker = take;
      return () => {
        taker = undefined;
      };
    },
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
