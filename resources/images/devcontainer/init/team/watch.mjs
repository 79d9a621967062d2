// Says when what is applied here was changed by hand, by the kernel's events on the folders that hold it: nothing is asked for.
import { lstatSync, watch } from 'node:fs';
import { join } from 'node:path';
import { stateOf } from './actions.mjs';

/** A program that writes a file makes several events of it, and the team is told at most so often. */
const usualSettle = 1000;

/**
 * Tells the state now, and whenever it is another one.
 * @param {object} options
 * @param {ReturnType<typeof import('./store.mjs').createStore>} options.store
 * @param {string} options.folder CLAUDE_CONFIG_DIR
 * @param {(state: import('./actions.mjs').State) => void} options.tell
 * @param {Promise<unknown>} options.until
 * @param {number} [options.settle] milliseconds
 * @returns {Promise<void>} rejects where events cannot be had
 */
export async function watchState({ store, folder, tell, until, settle = usualSettle }) {
  /** By path and inode: a folder that was made anew is another one. @type {Map<string, import('node:fs').FSWatcher>} */
  const watched = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let last = '';
  /** Of the folder itself, what leads to something that is applied: Claude writes beside it all the time. */
  let firsts = new Set();
  /** @type {(error: Error) => void} */
  let fail = () => undefined;
  const failed = new Promise((_resolve, reject) => {
    fail = reject;
  });

  const follow = () => {
    const names = Object.keys(store.record()?.files ?? {});
    const wanted = new Map(
      foldersOf(names).flatMap((name) => {
        const path = join(folder, name);
        const stat = lstatSync(path, { throwIfNoEntry: false });
        return stat?.isDirectory() ? [[`${path} ${stat.ino}`, path]] : [];
      }),
    );
    for (const [key, watcher] of watched) {
      if (!wanted.has(key)) {
        watcher.close();
        watched.delete(key);
      }
    }
    for (const [key, path] of wanted) {
      if (!watched.has(key)) {
        const watcher = watch(path, (_event, name) => {
          if (path !== folder || name === null || firsts.has(name)) {
            soon();
          }
        });
        watched.set(key, watcher.on('error', fail));
      }
    }
    firsts = new Set(['claude-env', ...names.map((name) => name.split('/')[0])]);
  };
  const look = () => {
    timer = undefined;
    try {
      follow();
      // In the midst of applying, whose end is an event as well.
      if (store.isUnfinished()) {
        return;
      }
      const state = stateOf(store);
      const text = JSON.stringify(state);
      if (text !== last) {
        last = text;
        tell(state);
      }
    } catch (error) {
      fail(error);
    }
  };
  const soon = () => {
    timer ??= setTimeout(look, settle);
  };

  look();
  try {
    await Promise.race([until, failed]);
  } finally {
    clearTimeout(timer);
    for (const watcher of watched.values()) {
      watcher.close();
    }
  }
}

/** All that lead to these files, and the one that says what is applied. @param {readonly string[]} names @returns {string[]} */
function foldersOf(names) {
  const folders = [...names, 'claude-env/team/applied.json'].flatMap((name) => {
    const parts = name.split('/').slice(0, -1);
    return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
  });
  return [...new Set(folders)];
}
