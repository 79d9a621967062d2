import { splitId } from '../../../preload/contract/ids.ts';
import type { StackId } from '../../../preload/contract/model.ts';
import type { Engines, Log } from '../ports.ts';
import { type AppliedState, watchInside } from './inside.ts';

/** One running dev container. */
export interface Watched {
  readonly stack: StackId;
  readonly container: string;
  /** Another one as soon as the container was started again. */
  readonly key: string;
}

/**
 * Where a configuration is applied, changes of it by hand are told by the container itself: a process in it waits for the
 * kernel's events as long as we are connected. Where there can be none (an older image), they are seen at the next look.
 */
export function createWatches<T extends Watched>(options: {
  readonly engines: Engines;
  readonly log: Log;
  readonly onState: (place: T, state: AppliedState) => void;
}) {
  const running = new Map<StackId, { readonly key: string; readonly stop: AbortController }>();

  const end = (stack: StackId): void => {
    running.get(stack)?.stop.abort();
    running.delete(stack);
  };
  const begin = (place: T): void => {
    const stop = new AbortController();
    running.set(place.stack, { key: place.key, stop });
    const { container, stack } = place;
    watchInside({
      connection: options.engines.get(splitId(stack).engine),
      container,
      signal: stop.signal,
      onState: (state) => stop.signal.aborted || options.onState(place, state),
    }).catch((error: unknown) => {
      if (!stop.signal.aborted) options.log('warn', 'changes by hand are not told', { container, why: String(error) });
    });
  };

  return {
    /** From now on, or no more; once a start of the container. */
    follow: (place: T, isApplied: boolean): void => {
      if (isApplied && running.get(place.stack)?.key === place.key) return;
      end(place.stack);
      if (isApplied) begin(place);
    },
    end,
    close: (): void => {
      for (const stack of [...running.keys()]) end(stack);
    },
  };
}
