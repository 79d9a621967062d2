import { homedir } from 'node:os';
import { join } from 'node:path';
import { absolute, type FolderHints } from './state-folder.ts';

/**
 * Where what can be made again is kept: `$XDG_CACHE_HOME/claude-env` or `~/.cache/claude-env`
 * (https://specifications.freedesktop.org/basedir-spec), `~/Library/Caches/claude-env`, `%LOCALAPPDATA%\claude-env\cache`.
 */
export function cacheFolder(
  hints: FolderHints = { platform: process.platform, environment: process.env, home: homedir() },
): string {
  const { environment, home, platform } = hints;
  if (platform === 'win32') {
    return join(absolute(environment.LOCALAPPDATA) ?? join(home, 'AppData', 'Local'), 'claude-env', 'cache');
  }
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'claude-env');
  return join(absolute(environment.XDG_CACHE_HOME) ?? join(home, '.cache'), 'claude-env');
}
