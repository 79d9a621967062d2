import { useEffect, useRef } from 'react';

/**
 * Where the keyboard goes on when the state becomes another one and takes the button that had the focus with it. Nothing is
 * done at first, and nothing while something has the focus.
 */
export function useFocusAt(selector: string, state: string): void {
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    if (document.activeElement === document.body) document.querySelector<HTMLElement>(selector)?.focus();
  }, [selector, state]);
}
