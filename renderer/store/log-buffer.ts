import type { LogLine } from '../../preload/contract/model.ts';
import { plainText } from '../show/terminal-text.ts';

/** One row of the log view: a line, or a note that something may be missing. `n` rises and is never used twice. */
export type LogRow =
  | { readonly n: number; readonly kind: 'line'; readonly line: LogLine; readonly plain: string }
  | { readonly n: number; readonly kind: 'gap'; readonly services: readonly string[]; readonly reason: string };

export interface LogFilter {
  /** Service ids whose lines are shown; empty: all. */
  readonly services: ReadonlySet<string>;
  /** Lower case; empty shows everything. */
  readonly text: string;
}

export interface LogBuffer {
  readonly add: (lines: readonly LogLine[]) => void;
  /** `services`: whose lines may be missing, and who is shown it when others are filtered out; none: all of them. */
  readonly addGap: (services: readonly string[], reason: string) => void;
  readonly filter: (filter: LogFilter) => void;
  readonly clear: () => void;
  /** What is to be shown, oldest first. The array is replaced only when it is rebuilt: read its length anew. */
  readonly visible: () => readonly LogRow[];
  /** How many lines are held, shown or not. */
  readonly size: () => number;
  /** How many of the visible rows went away at the old end since the buffer was made. */
  readonly trimmed: () => number;
}

const longestLine = 4000;

/**
 * Bounded: the oldest rows go when `capacity` is passed by a tenth, all at once, so that a busy log costs one copy in
 * thousands of lines. Filtering is incremental; only a new filter looks at everything.
 */
export function createLogBuffer(capacity: number): LogBuffer {
  const slack = Math.max(1, Math.floor(capacity / 10));
  let rows: LogRow[] = [];
  let shown: LogRow[] = [];
  let current: LogFilter = { services: new Set(), text: '' };
  let next = 0;
  let gone = 0;

  const passes = (row: LogRow): boolean => {
    const { services, text } = current;
    const of = row.kind === 'gap' ? row.services : [row.line.service];
    if (services.size > 0 && of.length > 0 && !of.some((service) => services.has(service))) return false;
    return row.kind === 'gap' || text === '' || row.plain.toLowerCase().includes(text);
  };
  const push = (row: LogRow) => {
    rows.push(row);
    if (passes(row)) shown.push(row);
  };
  const trim = () => {
    if (rows.length <= capacity + slack) return;
    rows = rows.slice(rows.length - capacity);
    const first = rows[0]?.n ?? 0;
    const keep = shown.findIndex((row) => row.n >= first);
    const drop = keep === -1 ? shown.length : keep;
    shown = shown.slice(drop);
    gone += drop;
  };
  const cut = (line: LogLine): LogLine =>
    line.text.length > longestLine ? { ...line, text: `${line.text.slice(0, longestLine)} …` } : line;

  return {
    add: (lines) => {
      for (const raw of lines) {
        const line = cut(raw);
        push({ n: next, kind: 'line', line, plain: plainText(line.text) });
        next += 1;
      }
      trim();
    },
    addGap: (services, reason) => {
      push({ n: next, kind: 'gap', services, reason });
      next += 1;
      trim();
    },
    filter: (filter) => {
      current = filter;
      shown = rows.filter(passes);
    },
    clear: () => {
      rows = [];
      shown = [];
    },
    visible: () => shown,
    size: () => rows.length,
    trimmed: () => gone,
  };
}
