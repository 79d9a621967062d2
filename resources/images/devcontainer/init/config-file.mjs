// Claude Code's user configuration on disk: changed under Claude's own lock, replaced as a whole, with a backup of what was.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseConfig, reconcileServers, skipWelcome } from './config.mjs';

/** Claude Code 2.1 locks by making a folder, and takes one that old for left behind (seen with strace: mkdir .claude.json.lock). */
const staleAfter = 10_000;
const lockTimeout = 15_000;
const keptBackups = 5;

/**
 * @param {object} options
 * @param {string} options.folder CLAUDE_CONFIG_DIR
 * @param {readonly import('./config.mjs').ServerStatus[]} options.servers
 * @param {string} options.host
 * @param {Readonly<Record<string, string | undefined>>} [options.env] a login in it spares Claude's welcome
 * @returns {Promise<{reports: import('./config.mjs').Report[], backup: string | null}>}
 */
export async function updateConfigFile({ folder, servers, host, env = {} }) {
  return changeConfigFile({
    folder,
    memory: 'registered.json',
    reconcile: (before, registered) => {
      const result = reconcileServers({ config: before, registered, servers, host });
      return { ...result, config: skipWelcome(result.config, env) };
    },
  });
}

/**
 * @param {object} options
 * @param {string} options.folder CLAUDE_CONFIG_DIR
 * @param {string} options.memory name of the file that says what was registered before
 * @param {(config: Record<string, unknown>, registered: import('./config.mjs').Registered) =>
 *   import('./config.mjs').Reconciled} options.reconcile
 * @returns {Promise<{reports: import('./config.mjs').Report[], backup: string | null}>}
 */
export async function changeConfigFile({ folder, memory, reconcile }) {
  const file = join(folder, '.claude.json');
  const own = join(folder, 'claude-env');
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const unlock = await lock(`${file}.lock`);
  try {
    const text = readIfThere(file);
    const before = parseConfig(text);
    const result = reconcile(before, JSON.parse(readIfThere(join(own, memory)) || '{}'));
    const changed = result.config !== before;
    const backup = changed && text !== '' ? backUp(file, own) : null;
    if (changed) {
      replace(file, result.config);
    }
    replace(join(own, memory), result.registered);
    return { reports: result.reports, backup };
  } finally {
    unlock();
  }
}

/** @param {string} path @returns {string} the text, or nothing when there is no such file */
function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** A reader sees the old file or the new one. @param {string} path @param {unknown} value */
function replace(path, value) {
  const next = `${path}.claude-env`;
  writeFileSync(next, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}

/** @param {string} file @param {string} folder @returns {string} where the copy is */
function backUp(file, folder) {
  const copy = join(folder, `claude.json.${new Date().toISOString().replaceAll(':', '-')}`);
  copyFileSync(file, copy);
  const copies = readdirSync(folder).filter((name) => name.startsWith('claude.json.'));
  for (const old of copies.sort().slice(0, -keptBackups)) {
    rmSync(join(folder, old));
  }
  return copy;
}

/** @param {string} path @returns {Promise<() => void>} releases it */
async function lock(path) {
  const deadline = Date.now() + lockTimeout;
  for (;;) {
    try {
      mkdirSync(path);
      return () => rmdirSync(path);
    } catch (error) {
      if (error.code !== 'EEXIST') {
        throw error;
      }
    }
    if (Date.now() > deadline) {
      throw new Error(`Claude Code keeps its configuration locked (${path})`);
    }
    removeStale(path);
    await wait(100);
  }
}

/** @param {string} path */
function removeStale(path) {
  try {
    if (Date.now() - statSync(path).mtimeMs > staleAfter) {
      rmdirSync(path);
    }
  } catch (error) {
    // Its owner released it meanwhile.
    if (error.code !== 'ENOENT') {
      throw error;
    }
  }
}
