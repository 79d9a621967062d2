import { existsSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { AppFailure } from '../../core/app-failure.ts';

/*
 * Which files a command line means, as docker compose has it: `-f`, else COMPOSE_FILE, else what stands in the folder
 * of --project-directory. https://docs.docker.com/compose/how-tos/environment-variables/envvars/
 */

/** In the order in which they are looked for. */
const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

export interface Given {
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  readonly projectDirectory: string | undefined;
  /** Environment of the local stack, when it was named: then no other files are meant. */
  readonly environment: string | undefined;
}
export type Meant = Pick<Given, 'files' | 'envFiles' | 'projectDirectory'>;

type Variables = Readonly<Record<string, string | undefined>>;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The project's file and its override, in `folder` or the nearest folder above that has one. */
function filesOfFolder(folder: string): readonly string[] {
  for (let at = folder; ; at = dirname(at)) {
    const there = (name: string): boolean => existsSync(join(at, name));
    const main = NAMES.find(there);
    if (main !== undefined) {
      const override = OVERRIDES.find(there);
      return [join(at, main), ...(override === undefined ? [] : [join(at, override)])];
    }
    if (dirname(at) === at) break;
  }
  throw new AppFailure({
    code: 'file.not-found',
    message: `There is no compose file in ${folder} or a folder above it.`,
    hint: `It is called ${NAMES.join(', ')}; another one is given with -f.`,
  });
}

const listed = (text: string | undefined, separator: string): readonly string[] =>
  (text ?? '').split(separator).filter((part) => part.trim() !== '');

export function whatIsMeant(given: Given, variables: Variables = process.env, cwd = process.cwd()): Meant {
  const { projectDirectory, environment } = given;
  const named = given.files.length > 0 || environment !== undefined;
  const separator = variables.COMPOSE_PATH_SEPARATOR || delimiter;
  const files = named ? given.files : listed(variables.COMPOSE_FILE, separator);
  const folder = files.length === 1 && isFolder(resolve(cwd, files[0] ?? '')) ? files[0] : undefined;
  const from = folder ?? (files.length === 0 && environment === undefined ? projectDirectory : undefined);
  return {
    files: from === undefined ? files : filesOfFolder(resolve(cwd, from)),
    envFiles: given.envFiles.length > 0 ? given.envFiles : listed(variables.COMPOSE_ENV_FILES, ','),
    projectDirectory,
  };
}
