import { splitId } from '../../preload/contract/ids.ts';
import type { EngineId, StackId } from '../../preload/contract/model.ts';
import { type NameUse, namesIn } from '../core/credential-names.ts';
import type { BroughtUps } from './brought-up.ts';
import type { Environments } from './environments.ts';
import type { KnownStacks } from './known-stacks.ts';
import { loadTarget } from './load-target.ts';
import { toEnvironmentStack } from './local-stack.ts';
import type { Files } from './ports.ts';
import type { ResolvedFiles } from './targets.ts';

/** What one stack's files refer to. */
export interface StackNames {
  readonly stack: StackId;
  readonly project: string;
  readonly names: readonly NameUse[];
  /** Of these names, those that the environment or an env file has. */
  readonly set: ReadonlySet<string>;
}

export interface CredentialUsesOptions {
  readonly known: Pick<KnownStacks, 'list'>;
  readonly environments: Pick<Environments, 'names' | 'target'>;
  readonly broughtUp: Pick<BroughtUps, 'list'>;
  readonly files: Files;
  /** The engine that environments run on, as far as that is known now. */
  readonly preferred: () => EngineId | undefined;
}

type Source = readonly [stack: StackId, files: ResolvedFiles];

/** Reads the files of the stacks that the user opened, set up or brought up, and of no others. */
export function createCredentialUses({ known, environments, broughtUp, files, preferred }: CredentialUsesOptions) {
  const shipped = async (): Promise<readonly Source[]> => {
    const engine = preferred();
    if (engine === undefined) return [];
    return Promise.all(
      (await environments.names()).map(async (name): Promise<Source> => {
        const target = await environments.target(name);
        const stack = toEnvironmentStack(engine, name);
        const variables = { ...files.environment(), ...target.variables };
        const rest = { workingDir: undefined, envFiles: [], profiles: [], arguments: [] };
        return [stack, { ...rest, project: splitId(stack).project, files: target.files, variables }];
      }),
    );
  };
  const written = async (): Promise<readonly Source[]> => {
    const all = [...(await broughtUp.list()), ...(await known.list())];
    return all.map((one): Source => {
      const workingDir = 'workingDir' in one ? one.workingDir : undefined;
      const { envFiles, profiles } = one;
      const { project } = splitId(one.stack);
      const variables = files.environment();
      return [one.stack, { project, files: one.files, workingDir, envFiles, profiles, variables, arguments: [] }];
    });
  };

  const readOne = async ([stack, target]: Source): Promise<readonly StackNames[]> => {
    const { project, variables } = await loadTarget(target, files, undefined, { interpolate: false });
    if (project === undefined) return [];
    const names = namesIn(project);
    const set = new Set(names.flatMap(({ name }) => (variables.has(name) ? [name] : [])));
    return [{ stack, project: project.name, names, set }];
  };

  /** A file that cannot be read refers to nothing here: the stack itself says what is wrong with it. */
  return async (): Promise<readonly StackNames[]> => {
    const sources = new Map([...(await written()), ...(await shipped())]);
    const read = await Promise.allSettled([...sources].map(readOne));
    return read.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  };
}
export type CredentialUses = ReturnType<typeof createCredentialUses>;
