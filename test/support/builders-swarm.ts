import type { Project } from '../../main/core/compose/project.ts';
import type { Raw } from '../../main/core/plan/inherit.ts';
import { convertStack } from '../../main/core/swarm/convert.ts';
import type { SwarmNode as MemberNode, SwarmSelf } from '../../main/core/swarm/membership.ts';
import { sealLabel } from '../../main/core/swarm/names.ts';
import type { ObservedService, ObservedStack, SeenTask, SwarmNode } from '../../main/core/swarm/observed.ts';
import type { VolumeBackup } from '../../main/core/swarm/volume-data.ts';

/* A Swarm in memory, described by the file that was deployed to it. */

export const now = Date.UTC(2026, 0, 1, 12);
const minute = 60_000;

export function node(hostname: string, members: Partial<SwarmNode> = {}): SwarmNode {
  return {
    id: `id-${hostname}`,
    hostname,
    role: 'worker',
    availability: 'active',
    state: 'ready',
    os: 'linux',
    arch: 'x86_64',
    nanoCpus: 4e9,
    memoryBytes: 8 * 1024 ** 3,
    engineVersion: '28.5.2',
    labels: {},
    engineLabels: {},
    ...members,
  };
}

/** A machine as membership lists it. */
export const memberNode = (members: Partial<MemberNode>): MemberNode => ({
  id: 'x',
  hostname: 'x',
  address: '',
  role: 'worker',
  availability: 'active',
  state: 'ready',
  message: '',
  labels: {},
  engine: '28',
  platform: 'linux/x86_64',
  cpus: 1,
  changedAt: 0,
  memoryBytes: 1,
  ...members,
});

/** What an engine that is in a Swarm knows of itself. */
export const memberSelf = (members: Partial<SwarmSelf>): SwarmSelf => ({
  state: 'active',
  nodeId: 'me',
  address: '10.77.0.3',
  manager: false,
  problem: '',
  managers: [{ id: 'boss', address: '10.77.0.2:2377' }],
  hostname: 'laptop',
  product: '',
  rootDir: '',
  ...members,
});

export function task(service: string, slot: number, members: Partial<SeenTask> = {}): SeenTask {
  return {
    id: `task-${service}-${slot}`,
    service,
    slot,
    node: 'id-n1',
    state: 'running',
    desired: 'running',
    at: now - 10 * minute,
    createdAt: now - 11 * minute,
    image: 'example/x',
    spec: {},
    ...members,
  };
}

export function observedService(name: string, spec: Raw, members: Partial<ObservedService> = {}): ObservedService {
  const template = (spec.TaskTemplate ?? {}) as Raw;
  return { id: `id-${name}`, name, version: 10, spec, template, updatedAt: now - 12 * minute, ...members };
}

export function observedStack(stack: string, members: Partial<ObservedStack> = {}): ObservedStack {
  return {
    stack,
    engine: { apiVersion: '1.41' },
    now,
    services: [],
    tasks: [],
    nodes: [node('n1', { role: 'manager' })],
    networks: [],
    secrets: [],
    configs: [],
    ports: [],
    digests: {},
    localImages: [],
    ...members,
  };
}

export interface DeployedOptions {
  /** Values of secrets by key; the seal of one is the value itself, since nothing is secret here. */
  readonly values?: Readonly<Record<string, string>>;
  /** Base64 by key. */
  readonly configs?: Readonly<Record<string, string>>;
}

/** What a Swarm has after the project was deployed to it and has settled. */
export function deployed(project: Project, { values = {}, configs = {} }: DeployedOptions = {}): ObservedStack {
  const specs = convertStack(project);
  const services = [...specs.services.values()].map((spec) => observedService(String(spec.Name), spec));
  const tasks = services.flatMap((one) => {
    const { Replicated } = one.spec.Mode as { readonly Replicated?: { readonly Replicas?: number } };
    const count = Replicated === undefined ? 1 : (Replicated.Replicas ?? 1);
    return Array.from({ length: count }, (_, index) => task(one.id, index + 1, { spec: one.template }));
  });
  return observedStack(project.name, {
    services,
    tasks,
    networks: specs.networks.map(({ name, body, external }) => ({
      id: `id-${name}`,
      name,
      scope: 'swarm',
      labels: external ? {} : ((body?.Labels ?? {}) as Readonly<Record<string, string>>),
    })),
    secrets: specs.secrets.map(({ key, name, labels, external }) => ({
      id: `id-${name}`,
      name,
      labels: external ? {} : { ...labels, ...(values[key] === undefined ? {} : { [sealLabel]: values[key] }) },
      createdAt: now - 12 * minute,
    })),
    configs: specs.configs.map(({ key, name, labels, external }) => ({
      id: `id-${name}`,
      name,
      labels: external ? {} : labels,
      createdAt: now - 12 * minute,
      ...(external ? {} : { data: configs[key] ?? '' }),
    })),
  });
}

/** A copy of the volume `shop_data` of n2. */
export const volumeBackup = (members: Partial<VolumeBackup> = {}): VolumeBackup => ({
  id: '20260101-080000-aaaaaa',
  stack: 'shop',
  service: 'db',
  volume: 'shop_data',
  node: 'n2',
  nodeId: 'id-n2',
  image: 'postgres:15',
  at: '2026-01-01T08:00:00.000Z',
  reason: 'before deploy',
  inUse: true,
  contentBytes: 1,
  bytes: 1,
  sha256: '',
  file: '/state/backups/20260101-080000-aaaaaa.tar.gz',
  ...members,
});
