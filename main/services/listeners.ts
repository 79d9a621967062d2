import type { Log } from './ports.ts';

/** A set of listeners. One that throws is logged and hurts neither the others nor who emits. */
export function createListeners<T>(log: Log) {
  const listeners = new Set<(value: T) => void>();
  return {
    add: (listener: (value: T) => void): (() => void) => {
      // Wrapped, so that the same function added twice is two subscriptions.
      const entry = (value: T) => listener(value);
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    emit: (value: T): void => {
      for (const listener of [...listeners]) {
        try {
          listener(value);
        } catch (error) {
          log('error', 'a listener failed', {
            found: error instanceof Error ? (error.stack ?? error.message) : String(error),
          });
        }
      }
    },
    size: (): number => listeners.size,
  };
}
