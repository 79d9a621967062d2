import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { removeNetwork } from '../../main/docker/networks.ts';
import { createApp } from '../../main/hosts/shared/create-app.ts';
import type { BenchProject } from './projects.ts';

/** Who brings a project up and down; the same four wherever something is measured. */
export type Who = 'bare' | 'host' | 'command' | 'compose';

/** One way to bring a project up and down; `again` is an `up` with nothing to do. */
export interface Contender {
  readonly who: Who;
  readonly name: string;
  readonly up: (project: BenchProject) => Promise<void>;
  readonly again?: (project: BenchProject) => Promise<void>;
  readonly down: (project: BenchProject) => Promise<void>;
  readonly close: () => Promise<void>;
}

const run = promisify(execFile);
/** The program that users start. */
export const cli =
  process.env.CLAUDE_ENV_TEST_CLI ?? fileURLToPath(new URL('../../out/cli/index.cjs', import.meta.url));
const nothing = async () => undefined;

/** The engine's own cost: one network, then create and start for every service, all at once. The limit to compare with. */
export function bareCalls(docker: Docker): Contender {
  const containers = ({ name, services }: BenchProject) => services.map((service) => `${name}-${service}-1`);
  return {
    who: 'bare',
    name: 'bare engine calls',
    up: async (project) => {
      const network = await docker.createNetwork({ Name: `${project.name}_default` });
      await Promise.all(
        containers(project).map(async (container) => {
          const created = await docker.createContainer({
            name: container,
            Image: project.image,
            Cmd: ['sleep', 'infinity'],
            HostConfig: { Init: true, NetworkMode: network.id },
          });
          await created.start();
        }),
      );
    },
    down: async (project) => {
      await Promise.all(
        containers(project).map(async (container) => {
          await docker.getContainer(container).stop();
          await docker.getContainer(container).remove();
        }),
      );
      await removeNetwork(docker, `${project.name}_default`);
    },
    close: nothing,
  };
}

/** Our services inside a running host, as the window has them. */
export async function runningHost(): Promise<Contender> {
  const app = await createApp({ host: 'web', version: 'bench' });
  await app.services.live.ready();
  const act = async ({ file, name }: BenchProject, action: 'up' | 'down') => {
    const target = { files: [file], project: name };
    const { fingerprint } = await app.services.stacks.plan(target, action, {});
    const { operation } = await app.services.stacks.run(target, action, { fingerprint });
    const { state, error } = await app.services.operations.finished(operation);
    if (state !== 'done') throw new Error(`${action} ended ${state}: ${error?.message}`);
  };
  const again = async ({ file, name }: BenchProject) => {
    const { steps } = await app.services.stacks.plan({ files: [file], project: name }, 'up', {});
    if (steps.length !== 0) throw new Error(`the second up would do ${steps.length} steps`);
  };
  return {
    who: 'host',
    name: 'claude-env, running host',
    up: (project) => act(project, 'up'),
    again,
    down: (project) => act(project, 'down'),
    close: app.close,
  };
}

interface Words {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** Whole processes, as somebody at a terminal has them. */
function command(who: Who, name: string, program: readonly [string, ...string[]], words: Words): Contender {
  const [file, ...before] = program;
  const call = async (project: BenchProject, rest: readonly string[]) => {
    await run(file, [...before, '-f', project.file, '-p', project.name, ...rest]);
  };
  return {
    who,
    name,
    up: (project) => call(project, words.up),
    again: (project) => call(project, words.up),
    down: (project) => call(project, words.down),
    close: nothing,
  };
}

export const ourCommand = (): Contender =>
  command('command', 'claude-env, command', [process.execPath, cli], {
    up: ['up', '--yes'],
    down: ['down', '--yes'],
  });

/** docker compose, where CLAUDE_ENV_PEER_COMPOSE names its binary; undefined otherwise. */
export async function peer(): Promise<Contender | undefined> {
  const program = process.env.CLAUDE_ENV_PEER_COMPOSE;
  if (program === undefined) return undefined;
  const { stdout } = await run(program, ['version', '--short']);
  const words = { up: ['up', '-d'], down: ['down'] };
  return command('compose', `docker compose ${stdout.trim()}`, [program], words);
}
