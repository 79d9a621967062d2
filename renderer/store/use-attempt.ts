import { useRef, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';

export interface Attempt {
  readonly busy: boolean;
  /** Why the last one failed. */
  readonly error: AppError | undefined;
  /** Never rejects. Does nothing while another one goes on: Enter twice is one act. */
  readonly attempt: (act: () => Promise<void>) => Promise<void>;
  /** What went wrong no longer matters. */
  readonly forget: () => void;
}

/** An act of somebody's at a time, with what came of it: for buttons and forms. */
export function useAttempt(): Attempt {
  /** Unlike the state it is known at once: two submits may come before the page is rendered again. */
  const going = useRef(false);
  const [{ busy, error }, setState] = useState<{ readonly busy: boolean; readonly error?: AppError }>({ busy: false });
  return {
    busy,
    error,
    attempt: async (act) => {
      if (going.current) return;
      going.current = true;
      setState({ busy: true });
      try {
        await act();
        setState({ busy: false });
      } catch (thrown) {
        setState({ busy: false, error: toAppError(thrown) });
      } finally {
        going.current = false;
      }
    },
    forget: () => setState((now) => ({ busy: now.busy })),
  };
}
