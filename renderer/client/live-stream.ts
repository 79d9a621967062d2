import type { AppError } from '../../preload/contract/errors.ts';
import type { LiveState } from '../../preload/contract/model.ts';
import type { Patch } from '../../preload/contract/patch.ts';
import type { Client } from './client.ts';

export interface LiveHandlers {
  readonly onSnapshot: (state: LiveState) => void;
  readonly onPatches: (patches: readonly Patch[]) => void;
  /** The stream broke and will be tried again; undefined once frames arrive again. */
  readonly onTrouble: (error: AppError | undefined) => void;
}
/** Runs something later; handed in so that tests own the time. */
export type After = (ms: number, run: () => void) => void;

const firstPause = 250;
const longestPause = 2000;

/**
 * Follows `live`. Frames are numbered one by one; a hole means that a change was missed, and the only safe answer is a
 * fresh snapshot: subscribe again. The same when the stream ends, after a pause that doubles up to two seconds.
 */
export function followLive(client: Client, handlers: LiveHandlers, after: After): () => void {
  let closed = false;
  let expected: number | undefined;
  let pause = firstPause;
  let close = () => {};

  const subscribe = () => {
    if (closed) return;
    expected = undefined;
    close = client.subscribe(
      'live',
      {},
      {
        onOpen: () => {
          expected = undefined;
        },
        onFrame: (frame) => {
          if (frame.kind === 'snapshot') {
            expected = frame.seq + 1;
            pause = firstPause;
            handlers.onTrouble(undefined);
            handlers.onSnapshot(frame.state);
          } else if (frame.seq === expected) {
            expected += 1;
            handlers.onPatches(frame.patches);
          } else {
            close();
            subscribe();
          }
        },
        onEnd: (error) => {
          if (closed) return;
          handlers.onTrouble(error);
          after(pause, subscribe);
          pause = Math.min(pause * 2, longestPause);
        },
      },
    );
  };
  subscribe();
  return () => {
    closed = true;
    close();
  };
}
