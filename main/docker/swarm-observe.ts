import type Docker from 'dockerode';
import type { Raw } from '../core/plan/inherit.ts';
import { nodeAddress } from '../core/swarm/addresses.ts';
import { asHeardNow } from '../core/swarm/hearing.ts';
import { teamLabels } from '../core/swarm/membership.ts';
import { jobLabel, stackLabel } from '../core/swarm/names.ts';
import type { ObservedFile, ObservedService, ObservedStack, SeenTask, SwarmNode } from '../core/swarm/observed.ts';
import { toImagePlatform } from '../core/swarm/placement.ts';
import type { RegistryLogins } from '../services/ports.ts';
import { askRegistry } from './facts.ts';
import { inspectImage } from './observe.ts';
import { mapLimited } from './parallel.ts';
import { askSoon, filters, sendToSwarm } from './swarm-call.ts';
import { hear } from './swarm-hearing.ts';

export interface ObserveStack {
  readonly docker: Docker;
  readonly stack: string;
  /** Images as the file writes them, whose registries are asked. */
  readonly images: readonly string[];
  readonly logins: RegistryLogins;
  readonly apiVersion: string;
  readonly signal: AbortSignal;
}

/** Only what is read of the engine's answers. */
interface ServiceAnswer {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly UpdatedAt: string;
  readonly Spec: Raw & { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> };
  readonly PreviousSpec?: Raw;
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string };
  readonly Endpoint?: {
    readonly Ports?: readonly {
      readonly PublishedPort?: number;
      readonly TargetPort: number;
      readonly Protocol: string;
      readonly PublishMode: string;
    }[];
  };
}
interface TaskAnswer {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly ServiceID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly DesiredState: string;
  readonly Spec: Raw & { readonly ContainerSpec?: { readonly Image?: string } };
  readonly Status: {
    readonly Timestamp: string;
    readonly State: string;
    readonly Err?: string;
    readonly PortStatus?: {
      readonly Ports?: readonly {
        readonly PublishedPort: number;
        readonly TargetPort: number;
        readonly Protocol: string;
      }[];
    };
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
  };
}
interface FileAnswer {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly Spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>>; readonly Data?: string };
}
interface NetworkAnswer {
  readonly Id: string;
  readonly Name: string;
  readonly Scope: string;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly Ingress?: boolean;
  readonly Labels?: Readonly<Record<string, string>> | null;
}
interface NodeAnswer {
  readonly ID: string;
  readonly UpdatedAt?: string;
  readonly Spec: {
    readonly Role: string;
    readonly Availability: string;
    readonly Labels?: Readonly<Record<string, string>>;
  };
  readonly Description?: {
    readonly Hostname?: string;
    readonly Platform?: { readonly Architecture?: string; readonly OS?: string };
    readonly Resources?: { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
    readonly Engine?: { readonly EngineVersion?: string; readonly Labels?: Readonly<Record<string, string>> };
  };
  readonly Status: { readonly State: string; readonly Addr?: string };
  readonly ManagerStatus?: { readonly Addr?: string };
}

/** Go's times have nanoseconds, of which JavaScript reads three digits. */
export const toTime = (text: string | undefined): number => Date.parse((text ?? '').replace(/(\.\d{3})\d+/, '$1')) || 0;

export const ofStack = (stack: string): string => filters({ label: [`${stackLabel}=${stack}`] });

/** Milliseconds: longer than any manager took that has a leader. */
const patienceForLeader = 9000;

/** Nine questions, however many services there are, and one question a registry for each image. */
export async function observeStack(input: ObserveStack): Promise<ObservedStack> {
  const { docker, stack, apiVersion, signal } = input;
  const soon = <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> => askSoon(signal, ask, patienceForLeader);
  const get = <T>(path: string): Promise<T> =>
    soon((abort) => sendToSwarm<T>(docker, { method: 'GET', path, signal: abort }));
  const [services, tasks, networks, secrets, configs, nodes, info, swarm, images] = await Promise.all([
    get<readonly ServiceAnswer[]>('/services'),
    soon((abort) => readTasks(docker, stack, abort)),
    get<readonly NetworkAnswer[]>('/networks'),
    get<readonly FileAnswer[]>('/secrets'),
    get<readonly FileAnswer[]>('/configs'),
    get<readonly NodeAnswer[]>('/nodes'),
    get<{ readonly SystemTime?: string; readonly Swarm?: { readonly NodeID?: string } }>('/info'),
    get<{ readonly Spec: { readonly Labels?: Readonly<Record<string, string>> } }>('/swarm'),
    observeImages(input),
  ]);
  const { Id: ingress } = networks.find(({ Ingress }) => Ingress === true) ?? {};
  const heard = ingress === undefined ? undefined : await soon((abort) => hear(docker, ingress, abort));
  const own = services.filter(({ Spec }) => Spec.Labels?.[stackLabel] === stack);
  const names = new Map(networks.map(({ Id, Name }) => [Id, Name]));
  // A node's own networks (host) have an id in the Swarm that no list knows.
  const unknown = new Set(own.flatMap(({ Spec }) => attachmentsOf(Spec).filter((id) => !names.has(id))));
  for (const id of unknown) names.set(id, (await get<NetworkAnswer>(`/networks/${id}`)).Name);
  const seen = own.map((one) => toService(one, names)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    stack,
    engine: { apiVersion },
    ...(info.Swarm?.NodeID && { node: info.Swarm.NodeID }),
    now: toTime(info.SystemTime),
    encryptOverlays: swarm.Spec.Labels?.[teamLabels.encrypted] === 'true',
    services: seen.filter((one) => !isDeployJob(one)),
    jobs: seen.filter(isDeployJob),
    tasks,
    nodes: asHeardNow(nodes.map(toNode), heard, toTime(info.SystemTime)),
    networks: networks.map(({ Id, Name, Scope, Labels, Options }) => ({
      id: Id,
      name: Name,
      scope: Scope,
      ...(Options?.encrypted === undefined ? {} : { encrypted: true }),
      labels: Labels ?? {},
    })),
    secrets: secrets.map((one) => toFile(one)),
    configs: configs.map((one) => toFile(one, one.Spec.Labels?.[stackLabel] === stack ? one.Spec.Data : undefined)),
    ports: services.flatMap(({ Spec, Endpoint }) =>
      (Endpoint?.Ports ?? []).flatMap(({ PublishedPort, TargetPort, Protocol, PublishMode }) =>
        PublishedPort === undefined
          ? []
          : [{ port: PublishedPort, target: TargetPort, protocol: Protocol, mode: PublishMode, service: Spec.Name }],
      ),
    ),
    ...images,
  };
}

/** Of the stack (undefined: all of the Swarm's): one call. */
const listOf = <T>(docker: Docker, what: string, stack: string | undefined, signal: AbortSignal) =>
  sendToSwarm<readonly T[]>(docker, {
    method: 'GET',
    path: stack === undefined ? `/${what}` : `/${what}?${ofStack(stack)}`,
    signal,
  });

/** The stack's tasks (undefined: all of the Swarm's), those that have ended too, as far as it remembers them: one call. */
export const readTasks = async (
  docker: Docker,
  stack: string | undefined,
  signal: AbortSignal,
): Promise<readonly SeenTask[]> => (await listOf<TaskAnswer>(docker, 'tasks', stack, signal)).map(toTask);

/** The stack's services (undefined: all of the Swarm's) without what depends on names: one call. */
export const readServices = async (
  docker: Docker,
  stack: string | undefined,
  signal: AbortSignal,
): Promise<readonly ObservedService[]> =>
  (await listOf<ServiceAnswer>(docker, 'services', stack, signal)).map((one) => toService(one, new Map()));

/** Of a deploy, and gone when its step ends: neither a service of the stack nor one for people to look at. */
export const isDeployJob = ({ spec }: ObservedService): boolean =>
  jobLabel in ((spec.Labels ?? {}) as Readonly<Record<string, string>>);

const attachmentsOf = (spec: Raw): readonly string[] =>
  ((spec.TaskTemplate as { readonly Networks?: readonly { readonly Target: string }[] }).Networks ?? []).map(
    ({ Target }) => Target,
  );

function withNames(spec: Raw, names: ReadonlyMap<string, string>): Raw {
  const task = spec.TaskTemplate as { readonly Networks?: readonly { readonly Target: string }[] };
  if (task.Networks === undefined) return spec;
  const Networks = task.Networks.map((one) => ({ ...one, Target: names.get(one.Target) ?? one.Target }));
  return { ...spec, TaskTemplate: { ...task, Networks } };
}

function toService(answer: ServiceAnswer, names: ReadonlyMap<string, string>): ObservedService {
  const { State = '', Message = '' } = answer.UpdateStatus ?? {};
  return {
    id: answer.ID,
    name: answer.Spec.Name,
    version: answer.Version.Index,
    spec: withNames(answer.Spec, names),
    template: answer.Spec.TaskTemplate as Raw,
    ...(answer.PreviousSpec === undefined ? {} : { previous: withNames(answer.PreviousSpec, names) }),
    ...(State === '' ? {} : { update: { state: State, message: Message } }),
    updatedAt: toTime(answer.UpdatedAt),
  };
}

function toTask({ ID, CreatedAt, ServiceID, Slot, NodeID, DesiredState, Spec, Status }: TaskAnswer): SeenTask {
  const { ContainerID = '', ExitCode } = Status.ContainerStatus ?? {};
  // Named twice, for IPv4 and IPv6.
  const ports = new Map(
    (Status.PortStatus?.Ports ?? []).map(({ PublishedPort, TargetPort, Protocol }) => [
      `${PublishedPort}/${Protocol}`,
      { published: PublishedPort, target: TargetPort, protocol: Protocol },
    ]),
  );
  return {
    id: ID,
    service: ServiceID,
    ...(Slot === undefined ? {} : { slot: Slot }),
    ...(NodeID === undefined || NodeID === '' ? {} : { node: NodeID }),
    state: Status.State,
    desired: DesiredState,
    at: toTime(Status.Timestamp),
    createdAt: toTime(CreatedAt),
    ...(Status.Err === undefined || Status.Err === '' ? {} : { error: Status.Err }),
    ...(ExitCode === undefined ? {} : { exitCode: ExitCode }),
    ...(ContainerID === '' ? {} : { container: ContainerID }),
    ...(ports.size === 0 ? {} : { ports: [...ports.values()].sort((a, b) => a.published - b.published) }),
    image: Spec.ContainerSpec?.Image ?? '',
    spec: Spec,
  };
}

const toFile = ({ ID, CreatedAt, Spec }: FileAnswer, data?: string): ObservedFile => ({
  id: ID,
  name: Spec.Name,
  labels: Spec.Labels ?? {},
  createdAt: toTime(CreatedAt),
  ...(data === undefined ? {} : { data }),
});

const toNode = ({ ID, UpdatedAt, Spec, Description, Status, ManagerStatus }: NodeAnswer): SwarmNode => ({
  id: ID,
  changedAt: toTime(UpdatedAt),
  address: nodeAddress(Status.Addr, ManagerStatus?.Addr),
  hostname: Description?.Hostname ?? '',
  role: Spec.Role,
  availability: Spec.Availability,
  state: Status.State,
  os: Description?.Platform?.OS ?? '',
  arch: Description?.Platform?.Architecture ?? '',
  nanoCpus: Description?.Resources?.NanoCPUs ?? 0,
  memoryBytes: Description?.Resources?.MemoryBytes ?? 0,
  engineVersion: Description?.Engine?.EngineVersion ?? '',
  labels: Spec.Labels ?? {},
  engineLabels: Description?.Engine?.Labels ?? {},
});

/** A plan does not wait longer for a registry that cannot be reached. */
const patience = 5000;

async function observeImages({
  docker,
  images,
  logins,
  signal,
}: ObserveStack): Promise<
  Pick<ObservedStack, 'digests' | 'platforms' | 'denied' | 'absentImages' | 'localImages' | 'imageIds'>
> {
  const found = await mapLimited([...new Set(images)], 6, async (image) => {
    const hurry = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const login = await logins.ofImage(image);
    const answer = await askRegistry({ docker, image, login, signal: hurry }).catch(() => undefined);
    const digest = answer?.kind === 'found' ? answer.digest : undefined;
    const here = digest === undefined ? (await inspectImage(docker, image, signal))?.Id : undefined;
    const refused = answer === undefined || answer.kind === 'found' ? undefined : answer.refusal;
    const absent = answer?.kind === 'not-found';
    const platforms = answer?.kind === 'found' ? answer.platforms.map(toImagePlatform) : [];
    return { image, digest, platforms, here, refused, absent };
  });
  signal.throwIfAborted();
  return {
    digests: Object.fromEntries(found.flatMap(({ image, digest }) => (digest === undefined ? [] : [[image, digest]]))),
    platforms: Object.fromEntries(found.map(({ image, platforms }) => [image, platforms])),
    denied: Object.fromEntries(
      found.flatMap(({ image, refused }) => (refused === undefined ? [] : ([[image, refused]] as const))),
    ),
    absentImages: found.filter(({ absent }) => absent).map(({ image }) => image),
    localImages: found.filter(({ here }) => here !== undefined).map(({ image }) => image),
    imageIds: Object.fromEntries(found.flatMap(({ image, here }) => (here === undefined ? [] : [[image, here]]))),
  };
}
