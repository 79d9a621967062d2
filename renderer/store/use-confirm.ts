import { type RefObject, useRef, useState } from 'react';
import { type Attempt, useAttempt } from './use-attempt.ts';

interface Confirmed<What, Part extends HTMLElement> extends Pick<Attempt, 'busy' | 'error'> {
  /** Gets the focus when a button of it goes away because it was pressed: the keyboard stays there. */
  readonly part: RefObject<Part | null>;
  /** What is asked about now. */
  readonly asked: What | undefined;
  readonly ask: (what: What | undefined) => void;
  /** Does it; what failed is asked about still. */
  readonly confirm: (what: What) => void;
}

/** In a list: an act on one of its rows, after a question in that row's place. */
export function useConfirm<What, Part extends HTMLElement>(
  act: (what: What) => Promise<unknown>,
): Confirmed<What, Part> {
  const { busy, error, attempt } = useAttempt();
  const [asked, setAsked] = useState<What>();
  const part = useRef<Part>(null);
  const ask = (what: What | undefined) => {
    part.current?.focus();
    setAsked(what);
  };
  const confirm = (what: What) =>
    void attempt(
      () => act(what),
      () => ask(undefined),
    );
  return { busy, error, part, asked, ask, confirm };
}
