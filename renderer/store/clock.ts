import { createStore, type StoreApi } from 'zustand/vanilla';

/** Now, in milliseconds. Ticks once a second, and only while somebody listens. */
export type ClockStore = StoreApi<{ readonly now: number }>;

export interface ClockSource {
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
}

/**
 * One timer for every relative time on the page. Subscribers select the text they show, so a tick renders only what
 * reads differently than a second ago.
 */
export function createClock({ now, after }: ClockSource): ClockStore {
  const store = createStore<{ readonly now: number }>(() => ({ now: now() }));
  let listeners = 0;
  let cancel = () => {};
  const tick = () => {
    store.setState({ now: now() });
    cancel = after(1000 - (now() % 1000), tick);
  };
  return {
    ...store,
    subscribe: (listener) => {
      const unsubscribe = store.subscribe(listener);
      listeners += 1;
      if (listeners === 1) cancel = after(1000 - (now() % 1000), tick);
      return () => {
        unsubscribe();
        listeners -= 1;
        if (listeners === 0) cancel();
      };
    },
  };
}
