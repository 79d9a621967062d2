import { splitId, toStackId } from '../../preload/contract/ids.ts';
import type { EngineId, StackId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import { pathsOf } from '../core/paths.ts';
import type { Environments } from './environments.ts';
import type { KnownStacks, StackOrigin } from './known-stacks.ts';
import { toProject } from './local-stack.ts';
import type { Files } from './ports.ts';
import type { StackTarget } from './services.ts';

/** A target with everything decided: which files, with which variables, under which name, on which engine. */
export interface ResolvedTarget extends ResolvedFiles {
  readonly engine: EngineId;
}

/** What of a target does not depend on the engine when its files are named. */
export interface ResolvedFiles {
  /** undefined: the files say (or their folder's name does). */
  readonly project: string | undefined;
  readonly files: readonly string[];
  readonly workingDir: string | undefined;
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Name of the environment when it is the stack we ship. */
  readonly environment?: string;
  /** Arguments with which the terminal means the same stack. */
  readonly arguments: readonly string[];
}

export interface TargetsOptions {
  readonly files: Files;
  readonly environments: Environments;
  readonly known: KnownStacks;
  readonly engine: () => Promise<EngineId>;
  /** What containers' labels say about a stack; undefined when there are none. */
  readonly labelled: (stack: StackId) => Promise<StackOrigin | undefined>;
}

const notKnown = (project: string): AppFailure =>
  new AppFailure({
    code: 'stack.not-found',
    message: `Nothing is known about the stack ${project}: it has no containers, and its files have not been opened.`,
    hint: 'Open its compose file, or give it with -f.',
  });

const flag = (name: string, values: readonly string[]): readonly string[] => values.flatMap((value) => [name, value]);

export function createTargets({ files, environments, known, engine, labelled }: TargetsOptions) {
  const paths = () => pathsOf(files.platform() === 'win32' ? 'win32' : 'posix');

  const ofEnvironment = async (name: string, on: EngineId, target: StackTarget): Promise<ResolvedTarget> => {
    const found = await environments.target(name);
    return {
      engine: on,
      project: toProject(name),
      files: found.files,
      workingDir: undefined,
      envFiles: target.envFiles ?? [],
      profiles: target.profiles ?? [],
      variables: { ...files.environment(), ...found.variables },
      environment: name,
      arguments: name === 'local' ? [] : ['-p', toProject(name)],
    };
  };

  const ofOrigin = (on: EngineId, project: string, origin: StackOrigin, target: StackTarget): ResolvedTarget => {
    const envFiles = target.envFiles ?? origin.envFiles;
    const profiles = target.profiles ?? origin.profiles;
    return {
      engine: on,
      project,
      files: origin.files,
      workingDir: origin.workingDir,
      envFiles,
      profiles,
      variables: files.environment(),
      arguments: [
        ...flag('-f', origin.files),
        '-p',
        project,
        ...flag('--env-file', envFiles),
        ...flag('--profile', profiles),
      ],
    };
  };

  const originOf = async (stack: StackId): Promise<StackOrigin | undefined> =>
    (await known.get(stack)) ?? (await labelled(stack));

  const ofStack = async (stack: StackId, target: StackTarget): Promise<ResolvedTarget> => {
    const { engine: on, project } = splitId(stack);
    const environment = (await environments.list()).find((candidate) => candidate.stack === stack);
    if (environment !== undefined) return ofEnvironment(environment.name, on, target);
    // The local environment is there before it has been saved: the terminal's variables may be all it needs.
    if (stack === toStackId(await engine(), toProject('local'))) return ofEnvironment('local', on, target);
    const origin = await originOf(stack);
    if (origin === undefined) throw notKnown(project);
    return ofOrigin(on, project, origin, target);
  };

  /** A target that names its files can be read while the engine is still being reached. undefined: it does not. */
  const ofFiles = (target: StackTarget): ResolvedFiles | undefined => {
    if (target.stack !== undefined || target.files === undefined || target.files.length === 0) return undefined;
    const absolute = target.files.map((file) => paths().resolve(files.cwd(), file));
    const envFiles = (target.envFiles ?? []).map((file) => paths().resolve(files.cwd(), file));
    const profiles = target.profiles ?? [];
    return {
      project: target.project,
      files: absolute,
      workingDir: target.workingDir,
      envFiles,
      profiles,
      variables: { ...files.environment(), ...target.variables },
      arguments: [
        ...flag('-f', absolute),
        ...flag('-p', target.project === undefined ? [] : [target.project]),
        ...flag('--project-directory', target.workingDir === undefined ? [] : [target.workingDir]),
        ...flag('--env-file', envFiles),
        ...flag('--profile', profiles),
      ],
    };
  };

  return {
    /** Where the user, else the containers' labels, say that a stack's files are. */
    origin: originOf,
    ofFiles,
    resolve: async (target: StackTarget): Promise<ResolvedTarget> => {
      if (target.stack !== undefined) return ofStack(target.stack, target);
      const on = target.engine ?? (await engine());
      const named = ofFiles(target);
      if (named !== undefined) return { engine: on, ...named };
      if (target.environment === undefined && target.project !== undefined) {
        return ofStack(toStackId(on, target.project), target);
      }
      return ofEnvironment(target.environment ?? 'local', on, target);
    },
  };
}
export type Targets = ReturnType<typeof createTargets>;
