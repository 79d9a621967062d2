import { type EngineId, type Environment, environment as environmentSchema } from '../../preload/contract/kept.ts';
import { AppFailure } from '../core/app-failure.ts';
import { pathsOf } from '../core/paths.ts';
import {
  environmentVariables,
  freePorts,
  localStackFiles,
  portVariables,
  terminalVariables,
  toEnvironmentStack,
} from './local-stack.ts';
import type { Clock, Files, Log, Resources, StateStore } from './ports.ts';
import type { SettingsService } from './settings.ts';
import { createStateList } from './state-document.ts';

type Stored = Omit<Environment, 'stack'>;
const stored = environmentSchema.omit({ stack: true });

/** Everything needed to load an environment's stack. */
export interface EnvironmentTarget {
  readonly name: string;
  readonly files: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

export interface EnvironmentsOptions {
  readonly state: StateStore;
  readonly files: Files;
  readonly resources: Resources;
  readonly settings: SettingsService;
  readonly clock: Clock;
  readonly log: Log;
  /** The engine that environments run on, and its address. */
  readonly engine: () => Promise<{ readonly id: EngineId; readonly address: string }>;
  readonly onChange: () => void;
}

const maxStackFile = 1024 * 1024;

/** Environments of the stack we ship, in the state file `environments`. */
export function createEnvironments(options: EnvironmentsOptions) {
  const { files, resources, settings } = options;

  const { read, change } = createStateList({ ...options, name: 'environments', entry: stored });
  const presets = async () =>
    portVariables(await files.readText((await localStackFiles(resources)).main, maxStackFile));
  const withStack = async (environment: Stored): Promise<Environment> => ({
    ...environment,
    stack: toEnvironmentStack((await options.engine()).id, environment.name),
  });

  /** Ports left out are the file's own, shifted away from those of the other environments. */
  const complete = async (wanted: Stored, others: readonly Stored[]): Promise<Stored> => {
    const used = new Set(others.flatMap(({ ports }) => Object.values(ports)));
    const ports = { ...freePorts(await presets(), used), ...wanted.ports };
    const twice = Object.values(ports).find((port, index, all) => all.indexOf(port) !== index);
    if (twice !== undefined) {
      throw new AppFailure({
        code: 'input.invalid',
        message: `Port ${twice} is given to two services of environment ${wanted.name}.`,
        hint: 'Give each its own port.',
      });
    }
    return { ...wanted, ports };
  };

  const checkWorkspace = async (workspace: string): Promise<void> => {
    const paths = pathsOf(files.platform() === 'win32' ? 'win32' : 'posix');
    if (paths.isAbsolute(workspace) && (await files.exists(workspace)) === 'directory') return;
    throw new AppFailure({
      code: 'file.not-found',
      message: `There is no folder ${workspace}.`,
      hint: 'Choose the folder that holds your code; it is mounted at /workspaces.',
    });
  };

  const checkHostClaude = async (): Promise<void> => {
    const folder = `${files.home()}/.claude`;
    if ((await files.exists(folder)) === 'directory') return;
    throw new AppFailure({
      code: 'file.not-found',
      message: `There is no folder ${folder} to share.`,
      hint: 'Run Claude Code on this machine once, or leave the environment its own configuration.',
    });
  };

  const save = async (wanted: Stored): Promise<Environment> => {
    await checkWorkspace(wanted.workspace);
    if (wanted.hostClaude) await checkHostClaude();
    let saved = wanted;
    await change(async (now) => {
      const others = now.filter(({ name }) => name !== wanted.name);
      saved = await complete(wanted, others);
      return others.length === now.length
        ? [...now, saved]
        : now.map((environment) => (environment.name === wanted.name ? saved : environment));
    });
    return withStack(saved);
  };

  /** As stored, or as the terminal's variables describe it: enough for the first one, `local`. */
  const find = async (name: string) => {
    const all = await read();
    const known = all.find((environment) => environment.name === name);
    const written = terminalVariables(name, files.environment());
    const paths = pathsOf(files.platform() === 'win32' ? 'win32' : 'posix');
    // `CLAUDE_ENV_WORKSPACE=. claude-env up` means the folder one stands in.
    const workspace =
      written.CLAUDE_ENV_WORKSPACE === undefined ? undefined : paths.resolve(files.cwd(), written.CLAUDE_ENV_WORKSPACE);
    const terminal = { ...written, ...(workspace === undefined ? {} : { CLAUDE_ENV_WORKSPACE: workspace }) };
    if (known === undefined && name !== 'local' && workspace === undefined) {
      throw new AppFailure({
        code: 'stack.not-found',
        message: `There is no environment called ${name}.`,
        hint: `Known: ${all.map((environment) => environment.name).join(', ') || 'none yet'}.`,
      });
    }
    const fresh = { name, workspace: workspace ?? '', ports: {}, hostClaude: false, dockerSocket: false };
    return { environment: known ?? (await complete(fresh, all)), terminal, isKnown: known !== undefined };
  };

  return {
    /** Their names, without waiting for any engine. */
    names: async (): Promise<readonly string[]> => (await read()).map(({ name }) => name),
    list: async (): Promise<readonly Environment[]> => Promise.all((await read()).map(withStack)),
    save,
    /** Forgets it; what runs on the engine stays (the view offers `down` before). */
    remove: (name: string): Promise<void> =>
      change(async (now) => now.filter((environment) => environment.name !== name)),
    /** How to load environment `name`; the first one, `local`, may also come from the terminal's variables alone. */
    target: async (name: string, address?: string): Promise<EnvironmentTarget> => {
      const { environment, terminal } = await find(name);
      const paths = await localStackFiles(resources);
      return {
        name,
        files: [
          paths.main,
          ...(environment.hostClaude ? [paths.hostClaude] : []),
          ...(environment.dockerSocket ? [paths.dockerSocket] : []),
        ],
        variables: {
          ...environmentVariables({
            environment,
            settings: await settings.get(),
            files,
            engineAddress: address ?? (await options.engine()).address,
          }),
          ...terminal,
        },
      };
    },
    /** An `up` from a terminal puts the environment on the list, as the terminal's variables described it. */
    keep: async (name: string): Promise<void> => {
      const { environment, terminal, isKnown } = await find(name);
      if (isKnown || environment.workspace === '') return;
      const ports = Object.entries(terminal).filter(([key, value]) => key in environment.ports && /^\d+$/.test(value));
      await save({
        ...environment,
        ports: { ...environment.ports, ...Object.fromEntries(ports.map(([key, value]) => [key, Number(value)])) },
      });
    },
  };
}
export type Environments = ReturnType<typeof createEnvironments>;
