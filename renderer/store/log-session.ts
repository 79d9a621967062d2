import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppError } from '../../preload/contract/errors.ts';
import type { LogLine } from '../../preload/contract/model.ts';
import type { After } from '../client/live-stream.ts';
import { instantKey } from '../show/time.ts';
import { createLogBuffer, type LogBuffer, type LogFilter } from './log-buffer.ts';
import type { LogSource } from './log-source.ts';

export interface LogState {
  /** Changes whenever the visible rows may have. */
  readonly version: number;
  readonly paused: boolean;
  /** Lines that arrived while paused and wait. */
  readonly waiting: number;
  readonly ended: { readonly error: AppError | undefined } | undefined;
  /** The stream is open: with nothing shown, there is nothing. */
  readonly opened: boolean;
  /** Whose lines there were, in the order of the first. */
  readonly sources: readonly string[];
}
export interface LogSession extends StoreApi<LogState> {
  readonly buffer: LogBuffer;
  readonly filter: (filter: LogFilter) => void;
  readonly pause: (paused: boolean) => void;
  readonly clear: () => void;
  readonly close: () => void;
}

const logCapacity = 50_000;
const defaultTail = 500;
/** Ten times a second is as fast as anybody reads; it leaves the page idle between. */
const flushEvery = 100;
/** Services are merged by arrival, so a line that is a little older than the newest may still be on its way. */
const overlap = 2000;
/** Lines held back while paused; beyond it the oldest are dropped, and a gap says so. */
const heldBack = 20_000;

/** It waits with the lines before it, and stands where it happened. */
interface Gap {
  readonly services: readonly string[];
  readonly gap: string;
}

/** One open stream of lines with its bounded buffer. After a lost connection it goes on from the last line's time. */
export function createLogSession(open: LogSource, after: After, tail = defaultTail): LogSession {
  const buffer = createLogBuffer(logCapacity);
  const store = createStore<LogState>(() => ({
    version: 0,
    paused: false,
    waiting: 0,
    ended: undefined,
    opened: false,
    sources: [],
  }));
  const { getState, setState } = store;
  let queue: (LogLine | Gap)[] = [];
  let dropped = 0;
  let scheduled = false;
  /** The newest line over all services, and per service with the texts that were written at that very instant. */
  let newest: string | undefined;
  const marks = new Map<string, { key: string; texts: Set<string> }>();
  let opened = 0;

  const bump = () => setState(({ version }) => ({ version: version + 1 }));
  const flush = () => {
    scheduled = false;
    if (getState().paused) {
      if (queue.length > heldBack) {
        dropped += queue.length - heldBack;
        queue = queue.slice(-heldBack);
      }
      setState({ waiting: queue.length + dropped });
      return;
    }
    if (queue.length === 0) return;
    const { sources } = getState();
    const fresh = new Set<string>();
    for (const row of queue) {
      if ('gap' in row) {
        buffer.addGap(row.services, row.gap);
        continue;
      }
      buffer.add([row]);
      if (!sources.includes(row.service)) fresh.add(row.service);
    }
    if (fresh.size > 0) setState({ sources: [...sources, ...fresh] });
    queue = [];
    bump();
  };
  const later = () => {
    if (scheduled) return;
    scheduled = true;
    after(flushEvery, flush);
  };
  const onGap = (services: readonly string[], gap: string) => {
    queue.push({ services, gap });
    later();
  };
  /** Asking again from a moment before the last line brings lines a second time: those at or before their service's mark. */
  const isRepeated = (line: LogLine) => {
    const mark = marks.get(line.service);
    if (opened < 2 || mark === undefined || line.at === undefined) return false;
    const key = instantKey(line.at);
    return key < mark.key || (key === mark.key && mark.texts.has(line.text));
  };
  const remember = (line: LogLine) => {
    if (line.at === undefined) return;
    const key = instantKey(line.at);
    const mark = marks.get(line.service);
    if (mark === undefined || key > mark.key) marks.set(line.service, { key, texts: new Set([line.text]) });
    else if (key === mark.key) mark.texts.add(line.text);
    if (newest === undefined || key > instantKey(newest)) newest = line.at;
  };

  const close = open(
    () => (newest === undefined ? { tail } : { since: new Date(Date.parse(newest) - overlap).toISOString() }),
    {
      onOpen: () => {
        opened += 1;
        setState({ opened: true, ended: undefined });
        if (opened > 1) onGap([], 'The connection was lost here; what was written meanwhile follows.');
      },
      onGap,
      onLines: (lines) => {
        for (const line of lines) {
          if (isRepeated(line)) continue;
          remember(line);
          queue.push(line);
        }
        later();
      },
      onEnd: (error) => setState({ ended: { error } }),
    },
  );

  return Object.assign(store, {
    buffer,
    filter: (filter: LogFilter) => {
      buffer.filter(filter);
      bump();
    },
    pause: (paused: boolean) => {
      setState({ paused });
      if (paused) return;
      if (dropped > 0) {
        buffer.addGap([], `${dropped} lines were dropped while paused.`);
        dropped = 0;
      }
      setState({ waiting: 0 });
      flush();
    },
    clear: () => {
      buffer.clear();
      bump();
    },
    close,
  });
}
