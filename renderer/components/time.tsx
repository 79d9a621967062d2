import { formatElapsed, formatExact, formatSpan, sinceIso } from '../show/time.ts';
import { useClock } from '../store/context.ts';

/** "3 h", with the exact instant on hover. Renders only when the text changes. */
export function Ago({ since, prefix = '' }: { readonly since: string; readonly prefix?: string }) {
  const text = useClock((now) => formatSpan(sinceIso(now, since)));
  return (
    <time dateTime={since} title={formatExact(since)} className="number">
      {prefix}
      {text}
    </time>
  );
}

/** "1:07": ticks until `until` is there. */
export function Elapsed({ since, until }: { readonly since: string; readonly until?: string | undefined }) {
  const text = useClock((now) => formatElapsed(until === undefined ? sinceIso(now, since) : span(since, until)));
  return (
    <time dateTime={since} title={formatExact(since)} className="number elapsed">
      {text}
    </time>
  );
}

const span = (from: string, to: string): number => sinceIso(Date.parse(to), from);
