// Carries a plan out in Claude Code's configuration folder. What is to be done is written down before the first file is
// touched, so that whatever ends the program in between, the next run, or the next start of Claude, does the rest.
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { digest } from './plan.mjs';

/**
 * @typedef {{path: string, before: string | null, after: string | null, staged: string | null, executable: boolean}} Noted one
 *   change that is due: the sha256 of what is there and of what is to be there
 * @typedef {{version: 1, ops: Noted[], record: import('./plan.mjs').Applied | null, folders: string[]}} Journal
 *   `folders`: those that were made for it once, to be removed when they are empty and nothing is applied
 */

/** @param {string} folder CLAUDE_CONFIG_DIR */
export function createStore(folder) {
  const own = join(folder, 'claude-env', 'team');
  const journalFile = join(own, 'journal.json');
  const recordFile = join(own, 'applied.json');
  const staging = join(own, 'staging');

  /** @param {string} path @returns {import('./plan.mjs').Present} */
  const look = (path) => {
    const parts = path.split('/');
    for (const index of parts.keys()) {
      const part = parts.slice(0, index + 1).join('/');
      const stat = lstatSync(join(folder, part), { throwIfNoEntry: false });
      if (stat === undefined) {
        return { kind: 'none' };
      }
      if (index < parts.length - 1 ? !stat.isDirectory() : !stat.isFile()) {
        return {
          kind: 'other',
          what: `${part} is ${stat.isSymbolicLink() ? 'a link' : stat.isFile() ? 'a file' : 'no file'} here`,
        };
      }
      if (index === parts.length - 1) {
        return { kind: 'file', data: readFileSync(join(folder, path)), executable: (stat.mode & 0o100) !== 0 };
      }
    }
    return { kind: 'none' };
  };

  /** @returns {import('./plan.mjs').Applied | null} what is applied */
  const record = () => (existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')) : null);

  /** Does what is written down, as far as it has not been done. @param {(done: string) => void} onStep */
  const finish = (onStep) => {
    /** @type {Journal} */
    const journal = JSON.parse(readFileSync(journalFile, 'utf8'));
    for (const op of journal.ops) {
      carryOut(op);
      onStep(op.path);
    }
    if (journal.record === null) {
      rmSync(recordFile, { force: true });
      for (const made of [...journal.folders].sort().reverse()) {
        removeEmpty(join(folder, made));
      }
    } else {
      save(recordFile, JSON.stringify(journal.record));
    }
    onStep('applied.json');
    rmSync(journalFile);
    onStep('journal.json');
    rmSync(staging, { recursive: true, force: true });
  };

  /** @param {Noted} op */
  const carryOut = ({ path, before, after, staged, executable }) => {
    const present = look(path);
    const now = present.kind === 'file' ? digest(present) : null;
    // Done already, or somebody else has been there meanwhile: then it is theirs.
    if (present.kind === 'other' || now === after || now !== before) {
      return;
    }
    const target = join(folder, path);
    if (staged === null) {
      rmSync(target);
      return;
    }
    mkdirSync(dirname(target), { recursive: true });
    save(target, readFileSync(join(staging, staged)), executable ? 0o755 : 0o644);
  };

  return {
    look,
    record,
    /** Whether something is left to be done. */
    isUnfinished: () => existsSync(journalFile),
    /** @param {(done: string) => void} [onStep] */
    recover: (onStep = () => undefined) => {
      if (existsSync(journalFile)) {
        finish(onStep);
      }
    },
    /**
     * @param {Pick<import('./plan.mjs').Plan, 'ops' | 'record'>} plan
     * @param {(done: string) => void} [onStep] called after each thing that a kill could come behind
     */
    apply: ({ ops, record: next }, onStep = () => undefined) => {
      rmSync(staging, { recursive: true, force: true });
      mkdirSync(staging, { recursive: true, mode: 0o700 });
      /** @type {Noted[]} */
      const noted = ops.map(({ path, before, after, executable }, index) => {
        const staged = after === null ? null : String(index);
        if (after !== null && staged !== null) {
          writeFileSync(join(staging, staged), after, { mode: 0o600, flush: true });
        }
        return { path, before, after: after === null ? null : digest({ data: after, executable }), staged, executable };
      });
      const folders = [...new Set([...(record()?.folders ?? []), ...missingFolders(folder, noted)])];
      onStep('staging');
      const withFolders = next === null ? null : { ...next, folders };
      save(journalFile, JSON.stringify({ version: 1, ops: noted, record: withFolders, folders }));
      onStep('journal');
      finish(onStep);
    },
  };
}

/** A reader sees the old file or the new one. @param {string} path @param {string | Buffer} data @param {number} [mode] */
function save(path, data, mode = 0o600) {
  const next = `${path}.claude-env`;
  rmSync(next, { force: true });
  writeFileSync(next, data, { mode, flush: true });
  renameSync(next, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** @param {string} folder @param {readonly Noted[]} ops @returns {string[]} those that will be made, relative */
function missingFolders(folder, ops) {
  const wanted = ops
    .filter(({ staged }) => staged !== null)
    .flatMap(({ path }) => {
      const parts = path.split('/').slice(0, -1);
      return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    });
  return wanted.filter((path) => !existsSync(join(folder, path)));
}

/** @param {string} path */
function removeEmpty(path) {
  try {
    rmdirSync(path);
  } catch (error) {
    // Somebody else's files are in it, or it went with its parent.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
      throw error;
    }
  }
}
