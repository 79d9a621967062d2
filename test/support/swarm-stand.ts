import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { DeployOptions } from '../../main/core/swarm/plan.ts';
import { type App, createApp } from '../../main/hosts/shared/create-app.ts';
import type { StackRequest } from '../../main/services/swarm-plan.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Operation, Plan } from '../../preload/contract/model.ts';
import type { LabNode } from './swarm-lab.ts';

/* Both on one Swarm: ours in this process as a host has it, docker's own command as the program that users start. */

/** docker's command, where scripts/setup/peers.mjs could get it. */
export const dockerCommand = process.env.CLAUDE_ENV_PEER_DOCKER;

export interface StackPlace {
  readonly name: string;
  readonly file: string;
  readonly folder: string;
}

interface Named {
  readonly ID: string;
  readonly Spec: Readonly<Record<string, unknown>> & { readonly Name: string };
}
export interface RunningTask {
  readonly ID: string;
  readonly NodeID: string;
  readonly ServiceID: string;
  readonly DesiredState: string;
  readonly CreatedAt: string;
  readonly Status: { readonly State: string; readonly Timestamp: string };
}

export interface SwarmStand {
  readonly app: App;
  /** Writes files below a folder of the stack's own; `compose.yaml` is the stack. */
  readonly put: (name: string, files: Readonly<Record<string, string>>) => Promise<StackPlace>;
  readonly plan: (place: StackPlace, options?: DeployOptions) => Promise<Plan>;
  /** Plans and runs; the operation as it ended. */
  readonly run: (place: StackPlace, request: StackRequest) => Promise<Operation>;
  /** The same for a deploy; throws unless all of it was done. */
  readonly deploy: (place: StackPlace, options?: DeployOptions) => Promise<Operation>;
  /** docker's command on the first machine; throws unless it ended with 0. */
  readonly docker: (...words: readonly string[]) => Promise<string>;
  /** The stack's services as the engine keeps them, by name, ids of what they refer to replaced by names. */
  readonly specs: (stack: string) => Promise<Readonly<Record<string, unknown>>>;
  /** Ids of the tasks that should run. */
  readonly tasks: (stack: string) => Promise<readonly RunningTask[]>;
  /** Names of the stack's secrets. */
  readonly secrets: (stack: string) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** Each machine of a lab has the image, under ids of their own. */
const everywhere = { resolveImage: 'never' } as const;

/** @param others machines that this one has a docker context for, by their names */
export async function createSwarmStand(node: LabNode, others: readonly LabNode[] = []): Promise<SwarmStand> {
  const root = await mkdtemp(join(tmpdir(), 'claude-env-swarm-'));
  await Promise.all([mkdir(join(root, 'home')), mkdir(join(root, 'state'), { mode: 0o700 })]);
  for (const other of others) {
    const meta = createHash('sha256').update(other.name).digest('hex');
    const context = join(root, 'home', '.docker', 'contexts', 'meta', meta);
    await mkdir(context, { recursive: true });
    const Endpoints = { docker: { Host: `unix://${other.socket}` } };
    await writeFile(join(context, 'meta.json'), JSON.stringify({ Name: other.name, Metadata: {}, Endpoints }));
  }
  Object.assign(process.env, {
    DOCKER_HOST: `unix://${node.socket}`,
    DOCKER_CONFIG: join(root, 'home', '.docker'),
    CLAUDE_ENV_STATE: join(root, 'state'),
    CLAUDE_ENV_ENGINES: 'named',
  });
  const app = await createApp({ host: 'cli', version: 'swarm' });
  const { swarm, operations } = app.services;
  const target = ({ name, file }: StackPlace) => ({ files: [file], project: name });

  const ask = <T>(path: string): Promise<T> =>
    new Promise((resolve, reject) => {
      node.docker.modem.dial({ method: 'GET', path: `${path}&`, statusCodes: { 200: true } }, (error, answer) =>
        error ? reject(error) : resolve(answer as T),
      );
    });
  const ofStack = (stack: string) =>
    `filters=${encodeURIComponent(JSON.stringify({ label: [`com.docker.stack.namespace=${stack}`] }))}`;

  const run: SwarmStand['run'] = async (place, asked) => {
    const request = asked.kind === 'deploy' ? { ...asked, options: { ...everywhere, ...asked.options } } : asked;
    const plan = await swarm.plan(target(place), request);
    const { operation } = await swarm.run(target(place), request, { fingerprint: plan.fingerprint });
    return operations.finished(operation);
  };

  return {
    app,
    put: async (name, files) => {
      const folder = join(root, name);
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      return { name, folder, file: join(folder, 'compose.yaml') };
    },
    plan: (place, options = {}) =>
      swarm.plan(target(place), { kind: 'deploy', options: { ...everywhere, ...options } }),
    run,
    deploy: async (place, options = {}) => {
      const ended = await run(place, { kind: 'deploy', options });
      if (ended.state !== 'done') throw new AppFailure(ended.error ?? (endedAs(ended.state) satisfies AppError));
      return ended;
    },
    docker: async (...words) => {
      const { code, stdout, stderr } = await node.exec([dockerCommand ?? 'docker', ...words]);
      if (code !== 0) throw new Error(`docker ${words.join(' ')} ended with ${code}: ${stderr}`);
      return stdout;
    },
    specs: async (stack) => {
      const [services, networks] = await Promise.all([
        ask<readonly Named[]>(`/services?${ofStack(stack)}`),
        node.docker.listNetworks(),
      ]);
      const names = new Map(networks.map(({ Id, Name }) => [Id, Name]));
      const plain = (value: unknown): unknown => {
        if (typeof value === 'string') return names.get(value) ?? value;
        if (Array.isArray(value)) return value.map(plain);
        if (typeof value !== 'object' || value === null) return value;
        const members = Object.entries(value).filter(([key]) => key !== 'SecretID' && key !== 'ConfigID');
        return Object.fromEntries(members.map(([key, member]) => [key, plain(member)]));
      };
      return Object.fromEntries(services.map(({ Spec }) => [Spec.Name, plain(Spec)]));
    },
    tasks: async (stack) =>
      (await ask<readonly RunningTask[]>(`/tasks?${ofStack(stack)}`)).filter(
        ({ DesiredState }) => DesiredState === 'running',
      ),
    secrets: async (stack) =>
      (await ask<readonly Named[]>(`/secrets?${ofStack(stack)}`)).map(({ Spec }) => Spec.Name).sort(),
    close: async () => {
      await app.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

const endedAs = (state: string): AppError => ({ code: 'internal', message: `It ended as ${state}.` });
