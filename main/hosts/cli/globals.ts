import { resolve } from 'node:path';
import { shellWord } from '../../../preload/contract/shell-word.ts';
import type { StackTarget } from '../../services/services.ts';
import { programName } from '../shared/program-name.ts';

/** Options that every command takes, before or after its name. */
export interface Globals {
  readonly files: readonly string[];
  readonly project: string | undefined;
  readonly projectDirectory: string | undefined;
  readonly profiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly engine: string | undefined;
  readonly environment: string | undefined;
  readonly json: boolean;
  readonly yes: boolean;
}

/** True when the stack that we ship is meant: nothing else was named. */
export const meansLocal = (globals: Globals): boolean => globals.files.length === 0 && globals.project === undefined;

/**
 * Files given: those. Only a project's name: the project of that name on the engine, with the files its labels name.
 * Neither: the local stack.
 */
export function toTarget(globals: Globals, cwd = process.cwd()): StackTarget {
  const { files, project, projectDirectory, profiles, envFiles, engine, environment } = globals;
  return {
    ...(engine === undefined ? {} : { engine }),
    ...(files.length === 0 ? {} : { files: files.map((file) => resolve(cwd, file)) }),
    ...(project === undefined ? {} : { project }),
    ...(projectDirectory === undefined ? {} : { workingDir: resolve(cwd, projectDirectory) }),
    ...(profiles.length === 0 ? {} : { profiles: profiles.flatMap((profile) => profile.split(',')) }),
    ...(envFiles.length === 0 ? {} : { envFiles: envFiles.map((file) => resolve(cwd, file)) }),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** How the same stack is named in a command that we suggest. */
export function commandPrefix(globals: Globals): string {
  return [
    programName(),
    ...globals.files.flatMap((file) => ['-f', shellWord(file)]),
    ...(globals.project === undefined ? [] : ['-p', shellWord(globals.project)]),
    ...(globals.projectDirectory === undefined ? [] : ['--project-directory', shellWord(globals.projectDirectory)]),
    ...(globals.engine === undefined ? [] : ['--engine', globals.engine]),
    ...(globals.environment === undefined ? [] : ['--environment', globals.environment]),
  ].join(' ');
}
