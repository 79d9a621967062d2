import { useEffect, useRef, useState } from 'react';
import { Icon } from './icon.tsx';

const shownFor = 1500;

/** Copies `text`. `what` completes "Copy …"; with `label` the button has a word beside its icon. */
export function CopyButton({
  text,
  what,
  label,
  className = '',
}: {
  readonly text: string;
  readonly what: string;
  readonly label?: string;
  readonly className?: string;
}) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const timer = useRef<number>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const copy = async () => {
    // The clipboard is refused where the page has no focus or no secure origin; then the text has to be selected by hand.
    const result = await navigator.clipboard.writeText(text).then(
      () => 'copied' as const,
      () => 'refused' as const,
    );
    setState(result);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setState('idle'), shownFor);
  };
  const words = state === 'copied' ? 'Copied' : state === 'refused' ? 'The clipboard was refused' : `Copy ${what}`;
  return (
    <button
      type="button"
      className={`${label === undefined ? 'icon-button' : 'button quiet'} copy ${state} ${className}`}
      aria-label={words}
      title={words}
      onClick={(event) => {
        event.stopPropagation();
        void copy();
      }}
    >
      <Icon name={state === 'copied' ? 'check' : state === 'refused' ? 'close' : 'copy'} />
      {label === undefined ? null : <span className="label">{state === 'copied' ? 'Copied' : label}</span>}
    </button>
  );
}

/** A command or address in one line, with its copy button: the app teaches the terminal. */
export function CopyLine({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div className="copy-line">
      <code className="ellipsis" title={text}>
        {text}
      </code>
      <CopyButton text={text} what={what} />
    </div>
  );
}
