import type { Diagnostic } from '../../../preload/contract/errors.ts';
import { hideMarks } from '../opaque.ts';
import { locate, type Path, type Position } from './tree.ts';

export interface Mistake {
  readonly rule: string;
  readonly message: string;
  /** A function where finding the hint takes time: it is asked only for what is shown. */
  readonly hint?: string | (() => string | undefined) | undefined;
  readonly at?: Position;
  readonly path?: Path;
  readonly severity?: 'error' | 'warning';
}

/** Where the phases put what they find. They go on after it, so that one run shows everything. */
export interface Reporter {
  readonly report: (mistake: Mistake) => void;
  readonly diagnostics: () => readonly Diagnostic[];
  readonly failed: () => boolean;
}

/** A hostile file could have a mistake in every byte; nobody reads more than this. */
const MAX_DIAGNOSTICS = 200;
/** Names in a file can be long, and so can circles of them. */
const MAX_MESSAGE = 500;

/** Collects each mistake once: a service that is extended five times is checked five times. Sorted by place. */
export function createReporter(): Reporter {
  const seen = new Map<string, Diagnostic>();
  let errors = 0;
  return {
    report: ({ rule, message: whole, hint, at, path, severity = 'error' }) => {
      const shown = hideMarks(whole);
      const message = shown.length > MAX_MESSAGE ? `${shown.slice(0, MAX_MESSAGE)}…` : shown;
      if (severity === 'error') errors += 1;
      if (seen.size >= MAX_DIAGNOSTICS) return;
      const where = at && locate(at, path);
      const key = `${rule}\n${message}\n${where?.file}\n${where?.line}\n${where?.column}`;
      if (seen.has(key)) return;
      const text = typeof hint === 'function' ? hint() : hint;
      seen.set(key, { severity, rule, message, ...(text !== undefined && { hint: text }), ...(where && { where }) });
    },
    diagnostics: () => {
      const order = [...new Set([...seen.values()].map((found) => found.where?.file))];
      return [...seen.values()].sort(
        (a, b) =>
          order.indexOf(a.where?.file) - order.indexOf(b.where?.file) ||
          (a.where?.line ?? 0) - (b.where?.line ?? 0) ||
          (a.where?.column ?? 0) - (b.where?.column ?? 0),
      );
    },
    failed: () => errors > 0,
  };
}
