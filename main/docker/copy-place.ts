import type { posix } from 'node:path';

/*
 * Where a copy goes, by the rules of `docker cp` (https://docs.docker.com/reference/cli/docker/container/cp/; moby's
 * pkg/archive/copy.go). Pure; the same both ways. Every rule is tried against the docker CLI in test/docker/copy.test.ts.
 */

/** The part of node:path that both kinds of machine have. */
export type PathRules = Pick<typeof posix, 'dirname' | 'basename' | 'normalize' | 'sep'>;

export interface CopySource {
  /** Its name in its folder; `.` for the contents of a folder (`dir/.`). */
  readonly base: string;
  readonly isDirectory: boolean;
}

export interface CopyTarget {
  /** As it was written; links resolved. */
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'missing';
  readonly rules: PathRules;
}

export interface Place {
  /** Existing folder into which is unpacked. */
  readonly directory: string;
  /** What the source is called there; `.`: its contents go straight into the folder. */
  readonly name: string;
}

export type Misfit = 'directory-onto-file' | 'no-such-directory';

const endsInSeparator = (path: string, { sep }: PathRules): boolean => path.endsWith('/') || path.endsWith(sep);
const endsInDot = (path: string, rules: PathRules): boolean =>
  path === '.' || path.endsWith('/.') || path.endsWith(`${rules.sep}.`);

/** `/a/b/` is `b` in `/a`, and `/a/b/.` is `.` in `/a/b`. */
export function splitEntry(path: string, rules: PathRules): { readonly directory: string; readonly base: string } {
  const clean = rules.normalize(path);
  const bare = clean.length > 1 && endsInSeparator(clean, rules) ? clean.slice(0, -1) : clean;
  if (endsInDot(path, rules) || rules.dirname(bare) === bare) return { directory: bare, base: '.' };
  return { directory: rules.dirname(bare), base: rules.basename(bare) };
}

/** Where the copy lands, or why it cannot. */
export function placeCopy(source: CopySource, target: CopyTarget): Place | Misfit {
  const { rules } = target;
  if (target.kind === 'directory') return { directory: target.path, name: source.base };
  if (target.kind === 'file' && source.isDirectory) return 'directory-onto-file';
  const asserted = endsInSeparator(target.path, rules) || endsInDot(target.path, rules);
  if (target.kind === 'missing' && !source.isDirectory && asserted) return 'no-such-directory';
  const { directory, base } = splitEntry(target.path.replace(/[\\/]\.?$/, ''), rules);
  return { directory, name: base };
}
