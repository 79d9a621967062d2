import type { Clock } from './ports.ts';

/** Milliseconds that a line waits for others. */
const flushAfter = 50;
/** Lines of one frame at most. */
const flushAt = 200;

export interface BatchOptions<L> {
  readonly clock: Clock;
  readonly onLines: (lines: L[]) => void;
  /** Puts the lines of a moment in order, where they come from several places; then more are collected first. */
  readonly arrange?: (lines: readonly L[]) => readonly L[];
}

/** Enough to put what several machines had written before into one order, and little enough to hold. */
const heldAt = 5_000;

/** Numbers lines and hands them on every 50 ms, or every 200 lines under load. */
export function createLogBatch<L extends object>({
  clock,
  onLines,
  arrange,
}: BatchOptions<L & { readonly seq: number }>) {
  let seq = 0;
  let lines: (L & { readonly seq: number })[] = [];
  let callOff: (() => void) | undefined;
  const atMost = arrange === undefined ? flushAt : heldAt;
  const next = (): number => {
    seq += 1;
    return seq - 1;
  };
  const flush = (): void => {
    callOff?.();
    callOff = undefined;
    if (lines.length === 0) return;
    const full =
      arrange === undefined ? lines : arrange(lines).map((line, at) => ({ ...line, seq: seq - lines.length + at }));
    lines = [];
    for (let at = 0; at < full.length; at += flushAt) onLines(full.slice(at, at + flushAt));
  };
  return {
    push: (line: L): void => {
      lines.push({ ...line, seq: next() });
      if (lines.length >= atMost) flush();
      else callOff ??= clock.after(flushAfter, flush);
    },
    flush,
    /** A number of the same row, for what stands between lines: flush first. */
    next,
  };
}
