import { splitId } from '../../preload/contract/ids.ts';
import { pathsOf } from '../core/paths.ts';
import type { BroughtUps } from './brought-up.ts';
import type { KnownStacks } from './known-stacks.ts';
import { loadTarget } from './load-target.ts';
import type { Files } from './ports.ts';

/** A compose project that reads a .env file. */
export interface EnvReader {
  readonly project: string;
  /** Its file is in the very folder. */
  readonly near: boolean;
  /** `${NAME}` in its files is looked up there. */
  readonly variables: boolean;
  /** Services that get all of it, by `env_file`. */
  readonly services: readonly string[];
}

export interface EnvReadersOptions {
  readonly files: Files;
  readonly known: Pick<KnownStacks, 'list'>;
  readonly broughtUp: Pick<BroughtUps, 'list'>;
}

const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = composeNames.map((name) => name.replace(/\.(ya?ml)$/, '.override.$1'));

/**
 * Who reads an env file: the project of its folder, and those that the user opened or brought up. A project whose files cannot
 * be read is not among them; the stack itself says what is wrong with it.
 */
export function createEnvReaders({ files, known, broughtUp }: EnvReadersOptions) {
  const paths = () => pathsOf(files.platform() === 'win32' ? 'win32' : 'posix');

  const ofFolder = async (folder: string): Promise<readonly string[]> => {
    const there = async (names: readonly string[]) => {
      for (const name of names) {
        const path = paths().resolve(folder, name);
        if ((await files.exists(path)) === 'file') return [path];
      }
      return [];
    };
    const main = await there(composeNames);
    return main.length === 0 ? [] : [...main, ...(await there(overrideNames))];
  };

  /** `file`: without links; `folder`: the one that it is seen in, which a link to it may stand in. */
  return async (file: string, folder: string): Promise<readonly EnvReader[]> => {
    const own = await ofFolder(folder);
    const others = [...(await broughtUp.list()), ...(await known.list())];
    const all = [
      ...(own.length === 0
        ? []
        : [{ files: own, envFiles: [], profiles: [], project: undefined, workingDir: undefined }]),
      ...others.map((one) => ({
        files: one.files,
        envFiles: one.envFiles,
        profiles: one.profiles,
        project: splitId(one.stack).project,
        workingDir: 'workingDir' in one ? one.workingDir : undefined,
      })),
    ];
    const isIt = async (path: string) => (await files.realPath(path).catch(() => path)) === file;
    const found = new Map<string, EnvReader>();
    for (const target of all) {
      const variables = files.environment();
      const { project } = await loadTarget({ ...target, variables, arguments: [] }, files, undefined, {
        interpolate: false,
      });
      if (project === undefined || found.has(project.name)) continue;
      const named = project.envFiles.length > 0 ? project.envFiles : [paths().resolve(project.workingDir, '.env')];
      const services: string[] = [];
      for (const service of [...project.services.values(), ...project.inactive.values()]) {
        for (const { path } of service.env_file ?? []) {
          if (!services.includes(service.name) && (await isIt(path))) services.push(service.name);
        }
      }
      const isVariables = (await Promise.all(named.map(isIt))).includes(true);
      if (!isVariables && services.length === 0) continue;
      found.set(project.name, { project: project.name, near: target.files === own, variables: isVariables, services });
    }
    return [...found.values()];
  };
}
export type EnvReaders = ReturnType<typeof createEnvReaders>;
