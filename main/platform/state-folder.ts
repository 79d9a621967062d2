import { homedir } from 'node:os';
import { join } from 'node:path';

export interface FolderHints {
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** The value where it is an absolute path. */
export const absolute = (value: string | undefined): string | undefined =>
  value !== undefined && /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(value) ? value : undefined;

/**
 * Where settings, known stacks, locks and the log live. CLAUDE_ENV_STATE wins; else the system's own place:
 * `$XDG_STATE_HOME/claude-env` or `~/.local/state/claude-env` (basedir-spec says a relative value is to be ignored),
 * `~/Library/Application Support/claude-env`, `%LOCALAPPDATA%\claude-env`.
 */
export function stateFolder(
  hints: FolderHints = { platform: process.platform, environment: process.env, home: homedir() },
): string {
  const { environment, home, platform } = hints;
  const chosen = environment.CLAUDE_ENV_STATE;
  if (chosen !== undefined && chosen !== '') return chosen;
  if (platform === 'win32') {
    return join(absolute(environment.LOCALAPPDATA) ?? join(home, 'AppData', 'Local'), 'claude-env');
  }
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'claude-env');
  return join(absolute(environment.XDG_STATE_HOME) ?? join(home, '.local', 'state'), 'claude-env');
}
