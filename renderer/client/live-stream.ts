import type { AppError } from '../../preload/contract/errors.ts';

/** A stream that is a snapshot and then patches of it, as `live` and `swarm` are. */
export type PatchedFrame<State, Change> =
  | { readonly kind: 'snapshot'; readonly seq: number; readonly state: State }
  | { readonly kind: 'patches'; readonly seq: number; readonly patches: readonly Change[] };

export interface PatchedHandlers<State, Change> {
  readonly onSnapshot: (state: State) => void;
  readonly onPatches: (patches: readonly Change[]) => void;
  /** The stream broke and will be tried again; undefined once frames arrive again. */
  readonly onTrouble: (error: AppError | undefined) => void;
}
/** Opens the stream; returns how to close it. */
type Open<State, Change> = (handlers: {
  readonly onOpen: () => void;
  readonly onFrame: (frame: PatchedFrame<State, Change>) => void;
  readonly onEnd: (error: AppError | undefined) => void;
}) => () => void;
/** Runs something later; handed in so that tests own the time. */
export type After = (ms: number, run: () => void) => void;

const firstPause = 250;
const longestPause = 2000;

/**
 * Follows a stream of patches. Frames are numbered one by one; a hole means that a change was missed, and the only safe
 * answer is a fresh snapshot: subscribe again. The same when the stream ends, after a pause that doubles up to two seconds.
 */
export function followPatches<State, Change>(
  open: Open<State, Change>,
  handlers: PatchedHandlers<State, Change>,
  after: After,
): () => void {
  let closed = false;
  let expected: number | undefined;
  let pause = firstPause;
  let close = () => {};

  const subscribe = () => {
    if (closed) return;
    expected = undefined;
    close = open({
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
    });
  };
  subscribe();
  return () => {
    closed = true;
    close();
  };
}
