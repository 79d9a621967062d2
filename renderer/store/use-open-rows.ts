import { useState } from 'react';

/** Which rows of a list show what is below them, by their ids; and how to open or close one. */
export function useOpenRows(): readonly [open: ReadonlySet<string>, toggle: (id: string) => void] {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return [open, toggle];
}
