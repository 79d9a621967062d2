import { useEffect, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Drift } from '../../preload/contract/model.ts';
import { useApp, useLive } from '../store/context.ts';

export interface DriftState {
  /** The last answer stays while a new one is made. */
  readonly drift: Drift | undefined;
  readonly error: AppError | undefined;
}

/** What differs now, and again after everything that happens to the stack on its engine; `again` by hand, for the files. */
export function useDrift(stack: string): DriftState & { readonly again: () => void } {
  const { client } = useApp();
  const [state, setState] = useState<DriftState>({ drift: undefined, error: undefined });
  const [turn, setTurn] = useState(0);
  // Where they are was said anew: no event of the engine tells that.
  const files = useLive((live) => live.stacks[stack]?.files.join('\n'));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` and `files` are what to compare again for
  useEffect(
    () =>
      client.subscribe(
        'drift',
        { stack },
        {
          onFrame: (frame) =>
            setState(({ drift }) =>
              frame.kind === 'drift' ? { drift: frame.drift, error: undefined } : { drift, error: frame.error },
            ),
          onEnd: (error) => setState(({ drift }) => ({ drift, error })),
        },
      ),
    [client, stack, turn, files],
  );
  return { ...state, again: () => setTurn(turn + 1) };
}
