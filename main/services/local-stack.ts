import { toStackId } from '../../preload/contract/ids.ts';
import type { EngineId, Environment, Settings, StackId } from '../../preload/contract/model.ts';
import type { Files, Resources } from './ports.ts';

/*
 * What claude-env knows of the stack it ships: how an environment becomes variables, files and a project name. The rest
 * of the services treats it as any other compose project.
 */

const projectPrefix = 'claude-env-';
export const toProject = (name: string): string => `${projectPrefix}${name}`;
export const toEnvironmentStack = (engine: EngineId, name: string): StackId => toStackId(engine, toProject(name));

export interface LocalStackFiles {
  readonly directory: string;
  readonly main: string;
  readonly hostClaude: string;
  readonly dockerSocket: string;
}

export async function localStackFiles(resources: Resources): Promise<LocalStackFiles> {
  const { directory, files } = await resources.localStack();
  const separator = directory.includes('\\') && !directory.includes('/') ? '\\' : '/';
  const beside = (name: string) => `${directory}${separator}${name}`;
  return {
    directory,
    main: files[0] ?? beside('compose.yaml'),
    hostClaude: beside('compose.host-claude.yaml'),
    dockerSocket: beside('compose.docker-socket.yaml'),
  };
}

/** `CLAUDE_ENV_PORT_3001` → 3001, every port that the stack file publishes, in its order. */
export function portVariables(composeText: string): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [, name, preset] of composeText.matchAll(/\$\{(CLAUDE_ENV_PORT_\d+):?-(\d+)\}/g)) {
    if (name !== undefined && preset !== undefined) found[name] = Number(preset);
  }
  return found;
}

/**
 * Ports for a new environment: the file's own, all moved up by the same hundreds until none belongs to another
 * environment, so that 3001 becomes 3101 and stays recognisable.
 */
export function freePorts(
  presets: Readonly<Record<string, number>>,
  used: ReadonlySet<number>,
): Readonly<Record<string, number>> {
  for (let shift = 0; ; shift += 100) {
    const moved = Object.entries(presets).map(([name, port]) => [name, port + shift] as const);
    if (moved.some(([, port]) => port > 65_535)) return presets;
    if (!moved.some(([, port]) => used.has(port))) return Object.fromEntries(moved);
  }
}

export interface EnvironmentVariablesOptions {
  readonly environment: Omit<Environment, 'stack'>;
  readonly settings: Settings;
  readonly files: Files;
  /** `unix:///…` of the engine, whose socket a consenting environment gets. */
  readonly engineAddress: string;
}

/** Nothing, where it has no value. */
export const setVariable = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined || value === '' ? {} : { [name]: value };

/**
 * The socket as the engine's own machine sees it. Engines in a virtual machine (Docker Desktop everywhere, everything on
 * macOS and Windows) have it at the usual place inside, whatever the path outside is: the stack file's default.
 */
export function engineSocket(address: string, files: Files): string | undefined {
  const inMachine = files.platform() !== 'linux' || address.includes('/.docker/desktop/');
  return inMachine || !address.startsWith('unix://') ? undefined : address.slice('unix://'.length);
}

/** The variables that the stack file names, for one environment. */
export function environmentVariables(options: EnvironmentVariablesOptions): Readonly<Record<string, string>> {
  const { environment, settings, files, engineAddress } = options;
  const { build } = settings;
  return {
    CLAUDE_ENV_NAME: environment.name,
    ...setVariable('CLAUDE_ENV_WORKSPACE', environment.workspace),
    ...Object.fromEntries(Object.entries(environment.ports).map(([name, port]) => [name, String(port)])),
    ...setVariable('CLAUDE_ENV_BASE', build.baseImage),
    ...setVariable('CLAUDE_ENV_REGISTRY', build.registry),
    ...(build.registry === undefined || build.registry === '' ? {} : { CLAUDE_ENV_PULL_POLICY: 'missing' }),
    ...setVariable('CLAUDE_ENV_HTTP_PROXY', build.httpProxy),
    ...setVariable('CLAUDE_ENV_HTTPS_PROXY', build.httpsProxy),
    ...setVariable('CLAUDE_ENV_NO_PROXY', build.noProxy),
    ...(environment.hostClaude ? { CLAUDE_ENV_HOST_CLAUDE: `${files.home()}/.claude` } : {}),
    ...(environment.dockerSocket ? setVariable('CLAUDE_ENV_DOCKER_SOCKET', engineSocket(engineAddress, files)) : {}),
  };
}

const ofEnvironment = /^CLAUDE_ENV_(WORKSPACE|PORT_\d+)$/;
const ofMachine = /^CLAUDE_ENV_(BASE|REGISTRY|PULL_POLICY|HTTP_PROXY|HTTPS_PROXY|NO_PROXY)$/;

/**
 * The variables that a terminal set. They win over what is stored, as a shell's variables win over `.env` for docker
 * compose. Folder and ports count for the environment at hand only (CLAUDE_ENV_NAME, else `local`), or an exported
 * CLAUDE_ENV_WORKSPACE would bend all of them; what images are built from counts for all, or two environments would
 * build the same image differently, turn by turn.
 */
export function terminalVariables(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const isMeant = (environment.CLAUDE_ENV_NAME || 'local') === name;
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) =>
      value !== undefined && value !== '' && (ofMachine.test(key) || (isMeant && ofEnvironment.test(key)))
        ? [[key, value] as const]
        : [],
    ),
  );
}
