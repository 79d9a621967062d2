import type { ActionOptions } from '../../preload/contract/api.ts';
import type { PlanAction } from '../../preload/contract/model.ts';

/** A word as a POSIX shell takes it. */
const quote = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

const flags: Readonly<Record<Exclude<keyof ActionOptions, 'services' | 'timeout'>, string>> = {
  removeOrphans: '--remove-orphans',
  forceRecreate: '--force-recreate',
  noDeps: '--no-deps',
  wait: '--wait',
  build: '--build',
  noCache: '--no-cache',
  volumes: '--volumes',
};

/** What one types to get the same plan: the app teaches its command line. */
export function toTerminalCommand(action: PlanAction, target: readonly string[], options: ActionOptions): string {
  const chosen = Object.entries(flags)
    .filter(([key]) => options[key as keyof typeof flags] === true)
    .map(([, text]) => text);
  const timeout = options.timeout === undefined ? [] : ['--timeout', String(options.timeout)];
  return ['claude-env', action, ...target, ...chosen, ...timeout, ...(options.services ?? [])].map(quote).join(' ');
}
