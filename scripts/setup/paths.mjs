import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const rootDir = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** @param {string[]} parts */
export const inRoot = (...parts) => join(rootDir, ...parts);

/**
 * Where the app keeps what it must not forget; main/platform reads the same places.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} platform as `process.platform`
 * @param {string} home
 */
export function stateDir(env = process.env, platform = process.platform, home = homedir()) {
  if (env.CLAUDE_ENV_STATE) return env.CLAUDE_ENV_STATE;
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'claude-env');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'claude-env');
  return join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'claude-env');
}

/**
 * Where things are kept that can be made again, such as the base image's file system.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} platform
 * @param {string} home
 */
export function cacheDir(env = process.env, platform = process.platform, home = homedir()) {
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'claude-env', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'claude-env');
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'claude-env');
}
