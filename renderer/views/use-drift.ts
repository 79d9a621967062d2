import { useEffect, useRef, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Drift } from '../../preload/contract/model.ts';
import { toAppError } from '../client/call-error.ts';
import { useApp, useLive } from '../store/context.ts';
import { createLatest, type Latest } from '../store/latest.ts';
import { selectServices } from '../store/live.ts';

export interface DriftState {
  /** The last answer stays while a new one is made. */
  readonly drift: Drift | undefined;
  readonly error: AppError | undefined;
}

/** What differs now: asked when the view opens and at every live change of the stack while it is open; `again` by hand. */
export function useDrift(stack: string): DriftState & { readonly again: () => void } {
  const { client } = useApp();
  const [state, setState] = useState<DriftState>({ drift: undefined, error: undefined });
  const latest = useRef<Latest>(undefined);
  const seen = useLive(useShallow((live) => [live.stacks[stack], ...selectServices(live, stack)]));
  useEffect(() => {
    const one = createLatest(() => client.call('stacks.drift', { stack }), {
      onAnswer: (drift) => setState({ drift, error: undefined }),
      onFailure: (thrown) => setState(({ drift }) => ({ drift, error: toAppError(thrown) })),
    });
    latest.current = one;
    return one.close;
  }, [client, stack]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `seen` is the change that asks again
  useEffect(() => latest.current?.ask(), [seen, stack]);
  return { ...state, again: () => latest.current?.ask() };
}
