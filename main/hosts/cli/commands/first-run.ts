import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from '../../../../preload/contract/model.ts';
import { programName } from '../../shared/program-name.ts';
import { type Globals, meansLocal } from '../globals.ts';
import { ask, confirm } from '../prompt.ts';
import { type Context, usage } from '../run.ts';

export interface LocalOptions {
  readonly workspace?: string;
  /** `3001=4001`: the container's port and the one on this machine. */
  readonly port: readonly string[];
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const expand = (path: string): string =>
  path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path);

function readPorts(ports: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    ports.map((text) => {
      const match = /^(\d{1,5})=(\d{1,5})$/.exec(text);
      const host = Number(match?.[2]);
      if (match?.[1] === undefined || host < 1 || host > 65_535) {
        throw usage(
          `--port ${text} is not understood.`,
          'Write --port 3001=4001: the stack’s port, then this machine’s.',
        );
      }
      return [`CLAUDE_ENV_PORT_${match[1]}`, host];
    }),
  );
}

/** Taken with --yes: a folder of our own, so that nobody's code is mounted without having been named. */
const ownFolder = (): string => join(homedir(), 'claude-env', 'workspaces');

async function chooseWorkspace(context: Context, options: LocalOptions): Promise<string> {
  const { io, globals, services, signal } = context;
  if (options.workspace !== undefined) {
    const path = expand(options.workspace);
    if (await isFolder(path)) return path;
    throw usage(`There is no folder ${path}.`, 'Name the folder that holds your code; it is mounted at /workspaces.');
  }
  if (globals.yes) {
    await mkdir(ownFolder(), { recursive: true });
    io.say(`The folder with your code: ${ownFolder()} (change it with \`${programName()} up --workspace DIR\`)`);
    return ownFolder();
  }
  if (!io.canAsk) {
    throw usage(
      'The local stack does not know the folder with your code yet.',
      `Name it with \`--workspace DIR\`, or take ${ownFolder()} with \`--yes\`.`,
    );
  }
  const { suggestedWorkspace } = await services.info();
  io.say('The local environment mounts the folder with your code at /workspaces.');
  for (;;) {
    const path = expand(await ask('Folder', suggestedWorkspace, signal));
    if (await isFolder(path)) return path;
    if (path === suggestedWorkspace || (await confirm(`${path} does not exist. Create it?`, true, signal))) {
      await mkdir(path, { recursive: true });
      return path;
    }
  }
}

const environmentName = ({ environment }: Globals): string => environment ?? 'local';

/** The services take the folder from the terminal as well, for the environment that the terminal means. */
const terminalNamesFolder = (name: string): boolean =>
  (process.env.CLAUDE_ENV_NAME || 'local') === name && Boolean(process.env.CLAUDE_ENV_WORKSPACE);

/** The local stack has its folder, so that its file can be understood. */
export async function isPrepared({ services, globals }: Context): Promise<boolean> {
  const name = environmentName(globals);
  if (!meansLocal(globals) || terminalNamesFolder(name)) return true;
  return (await services.environments.list()).some((known) => known.name === name && known.workspace !== '');
}

/** Says how to begin, instead of pointing into a file that the user has never seen. */
export async function requirePrepared(context: Context): Promise<void> {
  if (await isPrepared(context)) return;
  throw usage(
    'The local stack has not been set up yet: it does not know the folder with your code.',
    `Run \`${programName()} up\`, or set CLAUDE_ENV_WORKSPACE to the folder for this one command.`,
  );
}

/**
 * Makes sure that the environment of the stack we ship has a folder, and takes over what the command line changes.
 * A terminal's CLAUDE_ENV_WORKSPACE is an answer as well; the services take it from there.
 */
export async function prepareLocal(context: Context, options: LocalOptions): Promise<void> {
  const { services, globals } = context;
  const name = environmentName(globals);
  const known = (await services.environments.list()).find((environment) => environment.name === name);
  const ports = readPorts(options.port);
  const named = options.workspace !== undefined || Object.keys(ports).length > 0;
  if (known !== undefined && known.workspace !== '' && !named) return;
  if (known === undefined && !named && terminalNamesFolder(name)) return;

  const workspace =
    known !== undefined && known.workspace !== '' && options.workspace === undefined
      ? known.workspace
      : await chooseWorkspace(context, options);
  const environment: Omit<Environment, 'stack'> = {
    name,
    workspace,
    ports: { ...known?.ports, ...ports },
    hostClaude: known?.hostClaude ?? false,
    dockerSocket: known?.dockerSocket ?? false,
  };
  await services.environments.save(environment);
}

/** Moves the ports that others hold to free ones and keeps that. */
export async function moveTakenPorts(context: Context, moves: ReadonlyMap<number, number>): Promise<void> {
  const { services, globals } = context;
  const name = environmentName(globals);
  const known = (await services.environments.list()).find((environment) => environment.name === name);
  if (known === undefined) return;
  const { stack: _stack, ...environment } = known;
  const ports = Object.fromEntries(
    Object.entries(known.ports).map(([variable, port]) => [variable, moves.get(port) ?? port]),
  );
  await services.environments.save({ ...environment, ports });
}
