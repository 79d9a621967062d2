import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { LogSession } from '../store/log-session.ts';
import { LogRowView } from './log-row.tsx';

const rowHeight = 18;
/** Within this many pixels of the end the list counts as being there. */
const nearEnd = 24;

/** Only the rows in sight exist. It stays at the end while following; scrolling up stops that, coming back resumes it. */
export function LogList({
  session,
  colors,
  wrap,
  follow,
  onFollow,
  filtered,
  anchor,
}: {
  readonly session: LogSession;
  readonly colors: ReadonlyMap<string, number>;
  readonly wrap: boolean;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly filtered: boolean;
  /** First row in sight: where the list begins when it is made anew (wrapped or not). */
  readonly anchor: RefObject<number>;
}) {
  const version = useStore(session, (state) => state.version);
  const opened = useStore(session, (state) => state.opened);
  const rows = session.buffer.visible();
  const scroller = useRef<HTMLElement>(null);
  const seenTrimmed = useRef(session.buffer.trimmed());
  const lastTop = useRef(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.n ?? index,
    overscan: 12,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` is what says that the rows changed
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const trimmed = session.buffer.trimmed();
    const gone = trimmed - seenTrimmed.current;
    seenTrimmed.current = trimmed;
    if (follow) {
      if (rows.length > 0) virtual.scrollToIndex(rows.length - 1, { align: 'end' });
    } else if (gone > 0) {
      // The oldest rows went away above: what is being read stays where it is. Not from `scrollTop`: the browser has
      // already cut it down to the list's new height.
      lastTop.current = Math.max(0, lastTop.current - gone * rowHeight);
      element.scrollTop = lastTop.current;
    }
  }, [version, follow, rows.length]);

  // Once, when the list is made: what was being read is in sight again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only at the start
  useLayoutEffect(() => {
    if (!follow && anchor.current > 0) virtual.scrollToIndex(anchor.current, { align: 'start' });
  }, []);

  const onScroll = () => {
    const element = scroller.current;
    if (element === null) return;
    const up = element.scrollTop < lastTop.current - 1;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight <= nearEnd;
    lastTop.current = element.scrollTop;
    anchor.current = virtual.range?.startIndex ?? 0;
    if (follow && up && !atEnd) onFollow(false);
    else if (!follow && !up && atEnd) onFollow(true);
  };

  return (
    <section
      className={`log-list ${wrap ? 'wrap' : ''}`}
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
      tabIndex={0}
      aria-label="Log lines"
      onScroll={onScroll}
    >
      {rows.length === 0 && opened ? (
        <div className="log-empty">
          {filtered && session.buffer.size() > 0 ? 'No line matches the filter.' : 'Nothing was written yet.'}
        </div>
      ) : null}
      <div className="log-space" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div
              key={item.key}
              data-index={item.index}
              ref={wrap ? virtual.measureElement : undefined}
              className="log-slot"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LogRowView row={row} color={row.kind === 'line' ? (colors.get(row.line.service) ?? 1) : 0} />
            </div>
          );
        })}
      </div>
    </section>
  );
}
