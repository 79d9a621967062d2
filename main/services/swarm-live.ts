import type { Frame } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Aggregate, EngineId } from '../../preload/contract/model.ts';
import type { SwarmState } from '../../preload/contract/swarm.ts';
import { applySwarmPatch, unseenSwarm } from '../../preload/contract/swarm-state.ts';
import { noRedactor } from '../core/redact.ts';
import type { EngineSignal } from '../core/seen.ts';
import type { Heard } from '../core/swarm/hearing.ts';
import type { ObservedService, SeenTask } from '../core/swarm/observed.ts';
import { leaderless } from '../core/swarm/quorum.ts';
import { asLastSeen, swarmChanges, toSwarmServices } from '../core/swarm/view.ts';
import { encodeFailure } from './encode-failure.ts';
import { createListeners } from './listeners.ts';
import type { Clock, Engines, Ids, Log } from './ports.ts';
import { aboutOf, toSwarmNode, toSwarmPart, toTrouble } from './swarm-part.ts';
import type { TeamView } from './team/view.ts';

export interface SwarmLiveOptions {
  readonly engines: Pick<Engines, 'get'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Whom an engine hears that has no leader to ask. */
  readonly whoAnswers: (engine: EngineId) => Promise<Heard>;
  /** The engine's part in a Swarm and the nodes: services/team. */
  readonly team: (engine: EngineId) => Promise<TeamView>;
}

/** Swarm sends no events for tasks (moby#37403): their list is read this often while somebody looks and something moves. */
const taskEvery = 2_000;
/**
 * While nothing moves a long list is read less often: for each of its tasks, so that twelve readers take 2 % of a manager's core
 * however many there are. Seen: 0.35 ms of the manager's time a call and 0.03 ms a task.
 */
const pauseForTask = 20;
const taskAtLeastEvery = 10_000;
/** Who leads comes without an event, too, but mostly with a machine that comes or goes. A whole look takes 5 ms of a manager's time. */
const everythingEvery = 30_000;
/** Whom a manager's engine hears: 0.3 ms of its time. */
const listenEvery = 1_500;
/** An engine that is no manager is asked for its part, which it tells no event of, so often. */
const partEvery = 10_000;
/** What a deploy does comes as many events. */
const eventPause = 150;

type Listener = (frame: Frame<'swarm'>) => void;
const isCalm = (aggregate: Aggregate): boolean =>
  aggregate === 'healthy' || aggregate === 'stopped' || aggregate === 'completed' || aggregate === 'unknown';

/** The Swarm of each engine that somebody looks at: one reader an engine, however many look; none, when nobody does. */
export function createSwarmLive(options: SwarmLiveOptions) {
  const readers = new Map<EngineId, ReturnType<typeof createReader>>();
  return {
    /** A snapshot at once, then patches, until `signal` fires. Throws for an engine that nobody knows. */
    follow: async (engine: EngineId, onFrame: Listener, signal: AbortSignal): Promise<void> => {
      if (signal.aborted) return;
      const reader = readers.get(engine) ?? createReader(options, engine);
      readers.set(engine, reader);
      const leave = reader.add(onFrame);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      leave();
      if (reader.idle()) readers.delete(engine);
    },
  };
}
export type SwarmLive = ReturnType<typeof createSwarmLive>;

function createReader({ engines, clock, ids, log, team, whoAnswers }: SwarmLiveOptions, engine: EngineId) {
  const connection = engines.get(engine);
  const { redact } = log.redactor ?? noRedactor;
  const listeners = createListeners<Extract<Frame<'swarm'>, { kind: 'patches' }>['patches']>(log);
  let state: SwarmState = unseenSwarm;
  /** Of the last whole look; undefined where the engine is no manager that can be asked. */
  let services: readonly ObservedService[] | undefined;
  let lastWhole = Number.NEGATIVE_INFINITY;
  let nextTasks = 0;
  let heard: Heard;
  /** At the last look that a leader answered: who was silent then has his state from that. */
  let heardThen: Heard;
  let looking = false;
  let everything = true;
  let callOff: (() => void) | undefined;
  let firesAt = Number.POSITIVE_INFINITY;
  let stopWatching: (() => void) | undefined;
  let stopListening: (() => void) | undefined;
  let abort = new AbortController();

  const show = (next: SwarmState): void => {
    const patches = swarmChanges(state, next);
    const { length } = Object.values(next.services).flatMap(({ tasks }) => tasks);
    const moves = patches.length > 0 || Object.values(next.services).some(({ aggregate }) => !isCalm(aggregate));
    const pause = moves ? taskEvery : Math.min(Math.max(taskEvery, length * pauseForTask), taskAtLeastEvery);
    nextTasks = clock.now() + pause;
    if (patches.length === 0) return;
    state = patches.reduce(applySwarmPatch, state);
    listeners.emit([...patches]);
  };
  const servicesOf = (found: readonly ObservedService[], tasks: readonly SeenTask[], nodes: SwarmState['nodes']) =>
    toSwarmServices({ services: found, tasks, nodes: Object.values(nodes), now: clock.now(), redact });

  /** What is known nevertheless: what was seen last, and whom the engine hears. */
  const showTrouble = (error: AppError, about = aboutOf(state.part), nodes = state.nodes): void => {
    services = undefined;
    const lost = error.code === 'swarm.no-quorum';
    const seen = asLastSeen(state, { nodes }, lost ? { heard, heardThen } : {});
    const managers = Object.values(seen.nodes).flatMap(({ role, address }) => (role === 'manager' ? [address] : []));
    show({ part: toTrouble(lost ? leaderless(managers, heard) : error, about), ...seen });
  };

  const lookAtAll = async (signal: AbortSignal): Promise<void> => {
    const view = await team(engine);
    const part = toSwarmPart(view);
    heard ??= view.heard;
    const nodes = Object.fromEntries(view.nodes.map((node) => [node.id, toSwarmNode(node)]));
    if (signal.aborted) return;
    if (part.kind === 'no-quorum') {
      if (view.source !== 'manager') return showTrouble(part.error, aboutOf(part), nodes);
      services = undefined;
      return show({ part, ...asLastSeen(state, { nodes }), nodes });
    }
    if (part.kind !== 'manager') {
      services = undefined;
      show({ part, nodes, services: {} });
      return;
    }
    const [found, tasks] = await Promise.all([
      connection.swarmStacks.services(signal),
      connection.swarmStacks.tasks(signal),
    ]);
    services = found;
    heardThen = heard;
    show({ part, nodes, services: servicesOf(found, tasks, nodes) });
  };

  /** An engine that cannot be reached hears nobody that could be told. */
  const hear = (): Promise<Heard> => whoAnswers(engine).catch(() => undefined);

  /** A machine that falls silent is told by nothing else for 15 s and more. The engine is asked, while looks may wait for a leader. */
  const listen = async (signal: AbortSignal): Promise<void> => {
    if (state.part.kind === 'manager' || state.part.kind === 'no-quorum') {
      const now = await (state.part.kind === 'manager' ? connection.membership.heard() : hear());
      if (!signal.aborted && now?.join() !== heard?.join()) {
        heard = now;
        everything = true;
        if (state.part.kind === 'no-quorum') showTrouble(state.part.error);
        plan(eventPause);
      }
    }
    if (!signal.aborted) stopListening = clock.after(listenEvery, () => void listen(signal));
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const now = clock.now();
    // What is wrong is looked at more often: it passes, and nothing tells.
    const wrong = services === undefined || Object.values(state.nodes).some((node) => node.state === 'disconnected');
    if (everything || now - lastWhole >= (wrong ? taskEvery : everythingEvery)) {
      everything = false;
      lastWhole = now;
      await lookAtAll(signal);
    } else if (services !== undefined && now >= nextTasks) {
      const tasks = await connection.swarmStacks.tasks(signal);
      show({ ...state, services: servicesOf(services, tasks, state.nodes) });
    }
  };

  const run = async (): Promise<void> => {
    callOff = undefined;
    firesAt = Number.POSITIVE_INFINITY;
    looking = true;
    const { signal } = abort;
    const wasTasksOnly = services !== undefined && !everything;
    try {
      await look(signal);
    } catch (error) {
      if (!signal.aborted) {
        const said = encodeFailure(error, { what: 'looking at a Swarm', log, newId: ids.random });
        // A list of tasks that cannot be had mostly says too little: the whole look finds out what is wrong.
        if (wasTasksOnly && said.code !== 'swarm.no-quorum') everything = true;
        else {
          heard = await hear();
          showTrouble(said);
        }
      }
    } finally {
      looking = false;
    }
    if (signal.aborted) return;
    const calm = state.part.kind === 'none' || state.part.kind === 'worker';
    plan(everything ? eventPause : calm ? partEvery : taskEvery);
  };
  const plan = (ms: number): void => {
    if (looking || listeners.size() === 0) return;
    const at = clock.now() + ms;
    if (at >= firesAt) return;
    callOff?.();
    firesAt = at;
    callOff = clock.after(ms, () => void run());
  };

  const onSignal = (signal: EngineSignal): void => {
    if (signal.kind === 'event') {
      const { type } = signal.event;
      // Entering and leaving a Swarm makes and removes networks, and is told by nothing else on a worker.
      const aboutPart = type === 'network' && services === undefined;
      if (type !== 'service' && type !== 'node' && !aboutPart) return;
    }
    everything = true;
    plan(eventPause);
  };

  const start = (): void => {
    abort = new AbortController();
    everything = true;
    stopWatching = connection.watch(onSignal);
    plan(0);
    void listen(abort.signal);
  };
  const stop = (): void => {
    abort.abort();
    stopWatching?.();
    stopListening?.();
    callOff?.();
    callOff = undefined;
    firesAt = Number.POSITIVE_INFINITY;
  };

  return {
    add: (listener: Listener): (() => void) => {
      let seq = 0;
      listener({ kind: 'snapshot', seq, state });
      const leave = listeners.add((patches) => {
        seq += 1;
        listener({ kind: 'patches', seq, patches });
      });
      if (listeners.size() === 1) start();
      return () => {
        leave();
        if (listeners.size() === 0) stop();
      };
    },
    idle: (): boolean => listeners.size() === 0,
  };
}
