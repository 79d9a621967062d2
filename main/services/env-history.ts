import type { Programs } from './ports.ts';

export interface EnvHistoryOptions {
  readonly programs: Programs;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What git has of a file. */
export type GitHistory =
  /** It, or git itself, is not there, or the file was never in it. */
  | { readonly kind: 'none' }
  /** In the index, so the next commit has it. */
  | { readonly kind: 'staged' }
  | { readonly kind: 'committed'; readonly commit: string };

/** Looks, and changes nothing: git is told to write no index and to start no program that the repository names. */
export function createEnvHistory({ programs, environment }: EnvHistoryOptions) {
  return async (folder: string, name: string): Promise<GitHistory> => {
    const program = await programs.find('git');
    if (program === undefined) return { kind: 'none' };
    const git = async (...args: readonly string[]): Promise<string> => {
      const end = await programs.run({
        program,
        args: ['-C', folder, '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', ...args, '--', name],
        cwd: folder,
        env: { ...environment, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
        timeout: 5000,
        maxBytes: 64 * 1024,
      });
      return end.kind === 'ended' && end.code === 0 ? end.output.trim() : '';
    };
    const commit = await git('log', '--all', '-1', '--format=%h');
    if (commit !== '') return { kind: 'committed', commit };
    return (await git('ls-files')) === '' ? { kind: 'none' } : { kind: 'staged' };
  };
}
export type EnvHistory = ReturnType<typeof createEnvHistory>;
