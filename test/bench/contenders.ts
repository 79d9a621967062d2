import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { createApp } from '../../main/hosts/shared/create-app.ts';

/** One way to bring the same project up and down; `again` is an `up` with nothing to do. */
export interface Contender {
  readonly name: string;
  readonly up: () => Promise<void>;
  readonly again?: () => Promise<void>;
  readonly down: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface BenchProject {
  readonly file: string;
  readonly name: string;
  readonly services: readonly string[];
  readonly image: string;
}

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../out/cli/index.cjs', import.meta.url));
const nothing = async () => undefined;

/** The engine's own cost: one network, then create and start for every service, ten in flight. The limit to compare with. */
export function bareCalls(docker: Docker, { name, services, image }: BenchProject): Contender {
  const containers = services.map((service) => `${name}-${service}-1`);
  return {
    name: 'bare engine calls',
    up: async () => {
      const network = await docker.createNetwork({ Name: `${name}_default` });
      await Promise.all(
        containers.map(async (container) => {
          const created = await docker.createContainer({
            name: container,
            Image: image,
            Cmd: ['sleep', 'infinity'],
            HostConfig: { Init: true, NetworkMode: network.id },
          });
          await created.start();
        }),
      );
    },
    down: async () => {
      await Promise.all(
        containers.map(async (container) => {
          await docker.getContainer(container).stop();
          await docker.getContainer(container).remove();
        }),
      );
      await docker.getNetwork(`${name}_default`).remove();
    },
    close: nothing,
  };
}

/** Our services inside a running host, as the window has them. */
export async function runningHost({ file, name }: BenchProject): Promise<Contender> {
  const app = await createApp({ host: 'web', version: 'bench' });
  await app.services.live.ready();
  const target = { files: [file], project: name };
  const act = async (action: 'up' | 'down') => {
    const { fingerprint } = await app.services.stacks.plan(target, action, {});
    const { operation } = await app.services.stacks.run(target, action, { fingerprint });
    const { state, error } = await app.services.operations.finished(operation);
    if (state !== 'done') throw new Error(`${action} ended ${state}: ${error?.message}`);
  };
  const again = async () => {
    const { steps } = await app.services.stacks.plan(target, 'up', {});
    if (steps.length !== 0) throw new Error(`the second up would do ${steps.length} steps`);
  };
  return { name: 'claude-env, running host', up: () => act('up'), again, down: () => act('down'), close: app.close };
}

/** Whole processes, as somebody at a terminal has them. */
export function command(name: string, program: string, before: readonly string[]): Contender {
  const call = async (...words: string[]) => {
    await run(program, [...before, ...words]);
  };
  return {
    name,
    up: () => call('up', ...(program === process.execPath ? ['--yes'] : ['-d'])),
    again: () => call('up', ...(program === process.execPath ? ['--yes'] : ['-d'])),
    down: () => call('down', ...(program === process.execPath ? ['--yes'] : [])),
    close: nothing,
  };
}

export const ourCommand = ({ file, name }: BenchProject): Contender =>
  command('claude-env, command', process.execPath, [cli, '-f', file, '-p', name]);

/** docker compose, where CLAUDE_ENV_PEER_COMPOSE names its binary; undefined otherwise. */
export async function peer({ file, name }: BenchProject): Promise<Contender | undefined> {
  const program = process.env.CLAUDE_ENV_PEER_COMPOSE;
  if (program === undefined) return undefined;
  const { stdout } = await run(program, ['version', '--short']);
  return command(`docker compose ${stdout.trim()}`, program, ['-f', file, '-p', name]);
}
