import { toShownError } from './task-error.mjs';

/*
 * What others may know of a Swarm. Each field is named here; whatever else the engine says (environments, arguments, mounts,
 * labels, secrets, the data of configs, certificates) is dropped where it arrives and is in no answer. Pure.
 */

/** @typedef {Readonly<Record<string, any>>} Raw what the engine answers: anything may be missing */

const stackLabel = 'com.docker.stack.namespace';
const machineLabel = 'io.claude-env.role';
const canaryLabel = 'io.claude-env.canary';
/** As main/core/swarm/record.ts writes it on the config that says who deployed what. */
export const deployLabel = 'io.claude-env.deploy';

const longest = 300;
/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value.slice(0, longest) : '');
/** @param {unknown} value */
const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
/** @template T @param {string} key @param {T} value @param {boolean} there @returns {Record<string, T>} */
const only = (key, value, there) => (there ? { [key]: value } : {});
/** @param {unknown} list @returns {readonly Raw[]} */
export const listOf = (list) => (Array.isArray(list) ? list : []);

/**
 * @param {Raw} info
 * @returns {{ swarm: { id: string, state: string, managers: number, nodes: number }, engine: { version: string } }}
 */
export function toInfo({ Swarm = {}, ServerVersion }) {
  return {
    swarm: {
      id: text(Swarm.Cluster?.ID),
      state: text(Swarm.LocalNodeState),
      managers: number(Swarm.Managers),
      nodes: number(Swarm.Nodes),
    },
    engine: { version: text(ServerVersion) },
  };
}

/** @param {Raw} node */
export function toNode({ ID, Spec = {}, Description = {}, Status = {}, ManagerStatus }) {
  const { Platform = {}, Resources = {}, Engine = {} } = Description;
  const machine = Spec.Labels?.[machineLabel];
  // A manager calls itself 0.0.0.0 where it was given no address (as main/core/swarm/addresses.ts).
  const address = text(Status.Addr);
  const asManager = text(ManagerStatus?.Addr).replace(/:\d+$/, '');
  return {
    id: text(ID),
    hostname: text(Description.Hostname),
    address: address === '' || address === '0.0.0.0' ? asManager : address,
    role: text(Spec.Role),
    availability: text(Spec.Availability),
    state: text(Status.State),
    ...only('message', text(Status.Message), text(Status.Message) !== ''),
    ...only('leader', true, ManagerStatus?.Leader === true),
    ...only('reachable', ManagerStatus?.Reachability === 'reachable', ManagerStatus !== undefined),
    ...only('machine', text(machine), machine === 'server' || machine === 'laptop'),
    engine: text(Engine.EngineVersion),
    platform: `${text(Platform.OS)}/${text(Platform.Architecture)}`,
    cpus: number(Resources.NanoCPUs) / 1e9,
    memoryBytes: number(Resources.MemoryBytes),
  };
}

/** @param {Raw} mode */
function modeOf({ Global, ReplicatedJob, GlobalJob }) {
  if (Global !== undefined) return 'global';
  if (ReplicatedJob !== undefined) return 'replicated-job';
  return GlobalJob === undefined ? 'replicated' : 'global-job';
}

/** @param {unknown} image `name:tag@sha256:…` */
function splitImage(image) {
  const [name = '', digest] = text(image).split('@', 2);
  return { image: name, ...only('digest', digest ?? '', digest !== undefined) };
}

/** @param {Raw} service asked for with `status=true`, which counts what it wants */
export function toService({ ID, UpdatedAt, Spec = {}, ServiceStatus = {}, UpdateStatus, Endpoint = {} }) {
  const { Labels = {}, TaskTemplate = {}, Mode = {} } = Spec;
  const stack = Labels[stackLabel];
  const canary = number(Number(Labels[canaryLabel] ?? 0));
  return {
    id: text(ID),
    name: text(Spec.Name),
    ...only('stack', text(stack), stack !== undefined),
    mode: modeOf(Mode),
    desired: number(ServiceStatus.DesiredTasks),
    ...splitImage(TaskTemplate.ContainerSpec?.Image),
    ...only('update', { state: text(UpdateStatus?.State) }, text(UpdateStatus?.State) !== ''),
    updatedAt: text(UpdatedAt),
    ...only(
      'canary',
      { tasks: canary, by: text(Labels[`${canaryLabel}.by`]), since: text(Labels[`${canaryLabel}.since`]) },
      canary > 0,
    ),
    ports: listOf(Endpoint.Ports)
      .filter(({ PublishedPort }) => PublishedPort !== undefined)
      .map(({ PublishedPort, TargetPort, Protocol, PublishMode }) => ({
        published: number(PublishedPort),
        target: number(TargetPort),
        protocol: text(Protocol),
        mode: text(PublishMode),
      })),
  };
}

/** @param {Raw} task */
export function toTask({ ID, ServiceID, Slot, NodeID, DesiredState, Spec = {}, Status = {} }) {
  const code = Status.ContainerStatus?.ExitCode;
  const error = toShownError(text(Status.Err));
  return {
    id: text(ID),
    service: text(ServiceID),
    ...only('slot', number(Slot), number(Slot) > 0),
    /** Empty: it has none yet. */
    node: text(NodeID),
    state: text(Status.State),
    desired: text(DesiredState),
    at: text(Status.Timestamp),
    ...only('error', error, error !== ''),
    ...only('exitCode', number(code), number(code) !== 0),
    image: splitImage(Spec.ContainerSpec?.Image).image,
  };
}

/** @typedef {ReturnType<typeof toNode>} Node */
/** @typedef {ReturnType<typeof toService>} Service */
/** @typedef {ReturnType<typeof toTask>} Task */

/**
 * How many tasks run. Swarm's own count has those of a node that went away until they are replaced (moby#45922).
 * @param {readonly Service[]} services
 * @param {readonly Task[]} tasks
 * @param {readonly Node[]} nodes
 */
export function withRunning(services, tasks, nodes) {
  const away = new Set(nodes.filter(({ state }) => state === 'down' || state === 'disconnected').map(({ id }) => id));
  /** @type {Map<string, number>} */
  const running = new Map();
  for (const { service, state, desired, node } of tasks) {
    if (state !== 'running' || desired !== 'running' || away.has(node)) continue;
    running.set(service, (running.get(service) ?? 0) + 1);
  }
  return services.map((service) => ({ ...service, running: running.get(service.id) ?? 0 }));
}

/** `update web: image a → b; create db: not there`: the names of what changed, without the values in its causes. */
const change = /(?:^|[;:] )(create|update|remove|rollback) ([\w.-]{1,128}): /g;
const goneBack = /^back to deploy \d+/;

/** @param {Raw} config the record of a deploy, by its labels alone */
export function toDeploy({ Spec = {} }) {
  const { Labels = {} } = Spec;
  /** @param {string} name */
  const said = (name) => String(Labels[`${deployLabel}.${name}`] ?? '');
  const changes = said('changes');
  const names = [...changes.matchAll(change)].map(([, act, name]) => `${act} ${name}`);
  const [back] = goneBack.exec(changes) ?? [];
  return {
    stack: text(Labels[stackLabel]),
    number: number(Number(said('number'))),
    who: text(said('who')),
    at: text(said('at')),
    what: text([...(back === undefined ? [] : [back]), ...names].join(', ')),
  };
}

/** The newest first. @param {readonly Raw[]} configs */
export const toDeploys = (configs) =>
  configs
    .filter(({ Spec }) => Spec?.Labels?.[deployLabel] !== undefined)
    .map(toDeploy)
    .sort((a, b) => (a.at < b.at ? 1 : -1));
