import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type RefObject, useRef } from 'react';

const rowHeight = 28;

interface VirtualRows<Row> {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Those in sight, and a few around them. */
  readonly shown: readonly { readonly row: Row; readonly index: number }[];
  /** Of the table: in place of the rows that do not exist. */
  readonly space: CSSProperties;
  readonly scrollTo: (index: number) => void;
}

/** Of a long table only the rows in sight exist. */
export function useVirtualRows<Row extends { readonly id: string }>(rows: readonly Row[]): VirtualRows<Row> {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  return {
    scroller,
    shown: items.flatMap(({ index }) => {
      const row = rows[index];
      return row === undefined ? [] : [{ row, index }];
    }),
    space: { marginTop: items[0]?.start ?? 0, marginBottom: virtual.getTotalSize() - (items.at(-1)?.end ?? 0) },
    scrollTo: (index) => virtual.scrollToIndex(index, { align: 'auto' }),
  };
}
