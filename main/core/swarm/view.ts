import type { Aggregate } from '../../../preload/contract/model.ts';
import type { SwarmPatch, SwarmService, SwarmState, SwarmTask } from '../../../preload/contract/swarm.ts';
import type { Raw } from '../plan/inherit.ts';
import { type Canary, canaryOf } from './canary-spec.ts';
import { type Convergence, judgeService, modeOf, newTasks, taskError } from './converge.ts';
import { type Heard, silentText } from './hearing.ts';
import { stackLabel } from './names.ts';
import type { ObservedService, SeenTask } from './observed.ts';
import { labelsOf } from './spec-image.ts';

/* What a Swarm's services and tasks look like to people, and what changed of it. Pure. */

export interface SeenSwarm {
  readonly services: readonly ObservedService[];
  readonly tasks: readonly SeenTask[];
  readonly nodes: readonly { readonly id: string; readonly hostname: string; readonly state: string }[];
  /** By a manager's clock, as near as is known. */
  readonly now: number;
  /** Takes values in use out of what tasks say. */
  readonly redact: (text: string) => string;
}

/** Of a service, so many tasks that ended against the wish are shown: Swarm itself remembers five a place. */
const historyShown = 20;
const over = new Set(['failed', 'rejected', 'orphaned']);
const isWanted = ({ desired }: SeenTask): boolean =>
  desired === 'running' || desired === 'ready' || desired === 'complete';

/**
 * Tasks as they are: Swarm counts those of a node that went away as running until it has replaced them (moby#45922). Those of
 * nodes that a new leader has not heard of yet go on.
 */
export function asKnown(
  tasks: readonly SeenTask[],
  nodes: readonly { readonly id: string; readonly state: string }[],
): readonly SeenTask[] {
  const away = new Set(nodes.flatMap(({ id, state }) => (state === 'down' || state === 'disconnected' ? [id] : [])));
  return tasks.map((task) =>
    task.state === 'running' && away.has(task.node ?? '') ? { ...task, state: 'unknown' } : task,
  );
}

/** Every service with its tasks, keyed by id. */
export function toSwarmServices({ services, tasks, nodes, now, redact }: SeenSwarm): SwarmState['services'] {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const byService = new Map<string, SeenTask[]>();
  for (const task of asKnown(tasks, nodes)) {
    const list = byService.get(task.service);
    if (list === undefined) byService.set(task.service, [task]);
    else list.push(task);
  }
  const nodeName = (id: string): string => known.get(id)?.hostname || id.slice(0, 12);
  return Object.fromEntries(
    services.map((service) => {
      return [service.id, toService(service, byService.get(service.id) ?? [], now, { nodeName, redact })];
    }),
  );
}

interface Words {
  readonly nodeName: (id: string) => string;
  readonly redact: (text: string) => string;
}

function toService(service: ObservedService, tasks: readonly SeenTask[], now: number, words: Words): SwarmService {
  const { spec, template, update } = service;
  const labels = labelsOf(spec);
  const stack = labels[stackLabel];
  const { Image = '' } = (template.ContainerSpec ?? {}) as { readonly Image?: string };
  const [image = '', digest] = Image.split('@', 2);
  const verdict = orLoop(judgeService(service, tasks, now), service, tasks, now);
  const aggregate = toAggregate(verdict, service, tasks);
  const canary = canaryOf(spec);
  const calm = aggregate === 'healthy' || aggregate === 'stopped' || aggregate === 'completed';
  return {
    id: service.id,
    name: service.name,
    ...(stack === undefined ? {} : { stack }),
    mode: modeName(spec),
    running: verdict.running,
    desired: verdict.desired,
    image,
    ...(digest === undefined ? {} : { digest }),
    ...(update === undefined ? {} : { update: { state: update.state, message: words.redact(update.message) } }),
    aggregate,
    ...(calm ? {} : { reason: words.redact(verdict.text) }),
    canRollBack: service.previous !== undefined && canaryOf(service.previous) === undefined,
    ...(canary === undefined ? {} : { canary: { ...toShown(canary), running: newTasks(service, tasks) } }),
    ports: portsOf(spec, tasks, words),
    tasks: shownTasks(tasks).map((task) => toTask(task, words)),
  };
}

/** Milliseconds in which a second end of one place's tasks is no accident. */
const loop = 60_000;

/** Tasks that end and are replaced, over and over, look well between two ends. */
function orLoop(
  verdict: Convergence,
  { spec, updatedAt }: ObservedService,
  tasks: readonly SeenTask[],
  now: number,
): Convergence {
  if (verdict.kind !== 'converged' || verdict.running === 0 || modeName(spec).endsWith('-job')) return verdict;
  const ended = tasks
    .filter(({ state, at, createdAt }) => over.has(state) && now - at < loop && createdAt >= updatedAt)
    .sort((a, b) => b.at - a.at);
  const again = ended.find((task) => ended.some((other) => other !== task && placeOf(other) === placeOf(task)));
  return again === undefined
    ? verdict
    : { ...verdict, kind: 'failed', text: `its tasks keep ending: ${taskError(again)}` };
}

const toShown = ({ tasks, by, since }: Canary) => ({ tasks, by, since });

function modeName(spec: Raw): SwarmService['mode'] {
  const mode = modeOf(spec);
  if (mode.Global !== undefined) return 'global';
  if (mode.ReplicatedJob !== undefined) return 'replicated-job';
  return mode.GlobalJob === undefined ? 'replicated' : 'global-job';
}

function portsOf(spec: Raw, tasks: readonly SeenTask[], { nodeName }: Words): SwarmService['ports'] {
  const { Ports = [] } = (spec.EndpointSpec ?? {}) as {
    readonly Ports?: readonly {
      readonly PublishedPort?: number;
      readonly TargetPort?: number;
      readonly Protocol?: string;
      readonly PublishMode?: string;
    }[];
  };
  const running = tasks.filter(({ state }) => state === 'running');
  const nodes = [...new Set(running.flatMap(({ node }) => (node === undefined ? [] : [nodeName(node)])))].sort();
  return Ports.flatMap(({ PublishedPort, TargetPort = 0, Protocol = 'tcp', PublishMode }) => {
    if (PublishedPort === undefined) return [];
    const port = { published: PublishedPort, target: TargetPort, protocol: Protocol };
    return [PublishMode === 'host' ? { ...port, nodes } : port];
  });
}

/** A service that is not yet what it should be works on that, unless something of it has failed. */
function toAggregate(verdict: Convergence, service: ObservedService, tasks: readonly SeenTask[]): Aggregate {
  const { kind, running, desired } = verdict;
  const mode = modeName(service.spec);
  if (kind === 'converged') {
    if (mode === 'replicated-job' || mode === 'global-job') return 'completed';
    return desired === 0 && running === 0 ? 'stopped' : 'healthy';
  }
  if (kind === 'failed') return running > 0 ? 'degraded' : 'failed';
  const lost = tasks.some(({ state }) => state === 'unknown');
  const failedSince = tasks.some(({ state, createdAt }) => over.has(state) && createdAt >= service.updatedAt);
  return lost || failedSince ? 'degraded' : 'working';
}

const placeOf = ({ slot, node }: SeenTask): string =>
  slot === undefined ? (node ?? '') : String(slot).padStart(6, '0');

function shownTasks(tasks: readonly SeenTask[]): readonly SeenTask[] {
  const wanted = tasks
    .filter(isWanted)
    .sort((a, b) => placeOf(a).localeCompare(placeOf(b)) || b.createdAt - a.createdAt);
  const ended = tasks
    .filter((task) => !isWanted(task) && over.has(task.state))
    .sort((a, b) => b.createdAt - a.createdAt)
    .slice(0, historyShown);
  return [...wanted, ...ended];
}

function toTask(task: SeenTask, { nodeName, redact }: Words): SwarmTask {
  const failed = over.has(task.state);
  const says = failed ? taskError(task) : task.error;
  return {
    id: task.id,
    ...(task.slot === undefined || task.slot === 0 ? {} : { slot: task.slot }),
    ...(task.node === undefined ? {} : { node: nodeName(task.node) }),
    state: task.state,
    desired: task.desired,
    at: new Date(task.at).toISOString(),
    ...(says === undefined ? {} : { error: redact(says) }),
    ...(task.exitCode === undefined || (!failed && task.exitCode === 0) ? {} : { exitCode: task.exitCode }),
    failed,
    image: task.image.split('@', 1)[0] ?? '',
  };
}

/**
 * What was seen last, of a Swarm that nobody can be asked about now; of its machines, which of them are heard.
 * @param heardThen when it was seen
 */
export function asLastSeen(
  state: SwarmState,
  names: Pick<SwarmState, 'nodes'>,
  { heard, heardThen }: { readonly heard?: Heard; readonly heardThen?: Heard } = {},
): Pick<SwarmState, 'nodes' | 'services'> {
  const seenNodes = Object.keys(state.nodes).length > 0 ? state.nodes : names.nodes;
  const now = ({ here, state, address }: SwarmState['nodes'][string]): SwarmState['nodes'][string]['state'] => {
    if (here) return state;
    if (heard === undefined) return 'unknown';
    if (heard.includes(address)) return 'ready';
    return heardThen === undefined || heardThen.includes(address) ? 'disconnected' : state;
  };
  return {
    nodes: Object.fromEntries(
      Object.entries(seenNodes).map(([id, node]) => {
        const state = now(node);
        const message = state === 'disconnected' ? silentText : '';
        return [id, { ...node, state, leader: false, message }];
      }),
    ),
    services: Object.fromEntries(
      Object.entries(state.services).map(([id, service]) => [
        id,
        { ...service, aggregate: 'unknown' as const, reason: 'as it was when the Swarm last answered' },
      ]),
    ),
  };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The patches that make `after` of `before`; none when they say the same. */
export function swarmChanges(before: SwarmState, after: SwarmState): readonly SwarmPatch[] {
  return [
    ...(same(before.part, after.part) ? [] : [{ op: 'put-part', value: after.part } as const]),
    ...Object.values(after.nodes).flatMap((value) =>
      same(before.nodes[value.id], value) ? [] : [{ op: 'put-node', value } as const],
    ),
    ...Object.values(after.services).flatMap((value) =>
      same(before.services[value.id], value) ? [] : [{ op: 'put-service', value } as const],
    ),
    ...(['nodes', 'services'] as const).flatMap((kind) =>
      Object.keys(before[kind]).flatMap((id) => (id in after[kind] ? [] : [{ op: 'drop', kind, id } as const])),
    ),
  ];
}
