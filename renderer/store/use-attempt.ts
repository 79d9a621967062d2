import { useEffect, useRef, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';

export interface Attempt {
  readonly busy: boolean;
  /** Why the last one failed. */
  readonly error: AppError | undefined;
  /**
   * Never rejects. Does nothing while another one goes on: Enter twice is one act. `then` follows a success as long as
   * the component is there: a dialog that was closed meanwhile must not close, or lead away from, what is open now.
   */
  readonly attempt: <T>(act: () => Promise<T>, then?: (result: T) => void) => Promise<void>;
  /** What went wrong no longer matters. */
  readonly forget: () => void;
}

/** An act of somebody's at a time, with what came of it: for buttons and forms. */
export function useAttempt(): Attempt {
  /** Unlike the state it is known at once: two submits may come before the page is rendered again. */
  const going = useRef(false);
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const [{ busy, error }, setState] = useState<{ readonly busy: boolean; readonly error?: AppError }>({ busy: false });
  return {
    busy,
    error,
    attempt: async (act, then) => {
      if (going.current) return;
      going.current = true;
      setState({ busy: true });
      try {
        const result = await act();
        setState({ busy: false });
        if (here.current) then?.(result);
      } catch (thrown) {
        setState({ busy: false, error: toAppError(thrown) });
      } finally {
        going.current = false;
      }
    },
    forget: () => setState((now) => ({ busy: now.busy })),
  };
}
