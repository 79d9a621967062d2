import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppError } from '../../preload/contract/errors.ts';
import type { LogLine } from '../../preload/contract/model.ts';
import type { Client } from '../client/client.ts';
import type { After } from '../client/live-stream.ts';
import { createLogBuffer, type LogBuffer, type LogFilter } from './log-buffer.ts';

export interface LogState {
  /** Changes whenever the visible rows may have. */
  readonly version: number;
  readonly paused: boolean;
  /** Lines that arrived while paused and wait. */
  readonly waiting: number;
  readonly ended: { readonly error: AppError | undefined } | undefined;
  /** The stream is open: with nothing shown, there is nothing. */
  readonly opened: boolean;
}
export interface LogSession extends StoreApi<LogState> {
  readonly buffer: LogBuffer;
  readonly filter: (filter: LogFilter) => void;
  readonly pause: (paused: boolean) => void;
  readonly clear: () => void;
  readonly close: () => void;
}

export const logCapacity = 50_000;
const defaultTail = 500;
/** Ten times a second is as fast as anybody reads; it leaves the page idle between. */
const flushEvery = 100;
/** Lines held back while paused; beyond it the oldest are dropped, and a gap says so. */
const heldBack = 20_000;

/** One open `logs` stream with its bounded buffer. After a lost connection it goes on from the last line's time. */
export function createLogSession(
  client: Client,
  services: readonly string[],
  after: After,
  tail = defaultTail,
): LogSession {
  const buffer = createLogBuffer(logCapacity);
  const store = createStore<LogState>(() => ({
    version: 0,
    paused: false,
    waiting: 0,
    ended: undefined,
    opened: false,
  }));
  const { getState, setState } = store;
  let queue: LogLine[] = [];
  let dropped = 0;
  let scheduled = false;
  let lastAt: string | undefined;
  let seenAtLast = new Set<string>();
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
    buffer.add(queue);
    queue = [];
    bump();
  };
  const later = () => {
    if (scheduled) return;
    scheduled = true;
    after(flushEvery, flush);
  };
  /** `since` includes the last line's own instant, so lines of that instant that were seen are left out. */
  const isRepeated = (line: LogLine) =>
    opened > 1 && line.at !== undefined && lastAt !== undefined && line.at === lastAt && seenAtLast.has(line.text);
  const remember = (line: LogLine) => {
    if (line.at === undefined || (lastAt !== undefined && line.at < lastAt)) return;
    if (line.at !== lastAt) seenAtLast = new Set();
    lastAt = line.at;
    seenAtLast.add(line.text);
  };

  const close = client.subscribe(
    'logs',
    () => ({
      services: services.slice(0, 64),
      follow: true,
      ...(lastAt === undefined ? { tail } : { since: lastAt }),
    }),
    {
      onOpen: () => {
        opened += 1;
        setState({ opened: true, ended: undefined });
        if (opened > 1) {
          buffer.addGap(services[0] ?? '', 'The connection was lost here; what was written meanwhile follows.');
          bump();
        }
      },
      onFrame: (frame) => {
        if (frame.kind === 'gap') {
          buffer.addGap(frame.service, frame.reason);
          bump();
          return;
        }
        for (const line of frame.lines) {
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
        buffer.addGap(services[0] ?? '', `${dropped} lines were dropped while paused.`);
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
