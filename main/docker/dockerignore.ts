import ignore from '@balena/dockerignore';

/*
 * Which files .dockerignore leaves out, by the rules of moby's patternmatcher (MatchesUsingParentResults): patterns count
 * in their order, the last that matches decides, and a pattern that matches a folder matches all that is in it. The
 * library reads one pattern right, but of a file in a folder it asks only the folder as deep as the pattern is long: with
 * `node_modules` at any depth (two stars) and any `!`, it keeps `a/b/node_modules/c/d`. So each pattern has a matcher of its own here, and a
 * folder's answer is handed on to what is in it.
 */

interface Rule {
  readonly keeps: boolean;
  readonly pattern: string;
  readonly matches: (path: string) => boolean;
}

/** What the rules say about one path: which of them match, and whether it is left out. */
export interface Verdict {
  readonly excluded: boolean;
  readonly matched: readonly boolean[];
}

export interface Ignore {
  /** Paths are relative, with `/`; `folder` is the verdict on the folder it is in, undefined at the top. */
  readonly judge: (path: string, folder: Verdict | undefined) => Verdict;
  /** Nothing in this excluded folder can be kept, so it need not be read. */
  readonly prunes: (folder: string) => boolean;
}

/** Parses a .dockerignore: https://docs.docker.com/build/concepts/context/#dockerignore-files */
export function parseDockerignore(text: string): Ignore {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map(toRule)
    .filter((rule) => rule !== undefined);
  const kept = rules.filter(({ keeps }) => keeps).map(({ pattern }) => pattern.split('/'));
  return {
    judge: (path, folder) => {
      let excluded = false;
      const matched = rules.map(({ keeps, matches }, index) => {
        const hit = folder?.matched[index] === true || matches(path);
        if (hit) excluded = !keeps;
        return hit;
      });
      return { excluded, matched };
    },
    prunes: (folder) => !kept.some((pattern) => mayBeIn(pattern, folder.split('/'))),
  };
}

function toRule(line: string): Rule | undefined {
  const trimmed = line.trim();
  const keeps = trimmed.startsWith('!');
  const pattern = (keeps ? trimmed.slice(1).trim() : trimmed).replace(/^\/+/, '').replace(/\/+$/, '');
  if (pattern === '' || pattern === '.') return undefined;
  const matcher = ignore().add(pattern);
  return { keeps, pattern, matches: (path) => matcher.ignores(path) };
}

/** Whether what the pattern matches may lie in the folder; wildcards may stand for anything. */
function mayBeIn(pattern: readonly string[], folder: readonly string[]): boolean {
  for (const [index, segment] of folder.entries()) {
    const wanted = pattern[index];
    if (wanted === undefined) return true;
    if (wanted.includes('**')) return true;
    if (!/[*?[\\]/.test(wanted) && wanted !== segment) return false;
  }
  return true;
}
