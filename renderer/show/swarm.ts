import { shellWord } from '../../preload/contract/shell-word.ts';
import type { SwarmNode, SwarmPart, SwarmService, SwarmState, SwarmTask } from '../../preload/contract/swarm.ts';
import type { PortAnswer } from '../../preload/contract/swarm-data.ts';
import { aggregateLook, type Look } from './aggregate.ts';
import { plural } from './words.ts';

/* Words and shapes for a Swarm. Pure. manager and worker are the Swarm's words for nodes. */

export interface StackGroup {
  /** undefined: services made outside of any stack. */
  readonly stack: string | undefined;
  readonly services: readonly SwarmService[];
}

const byName = (a: { readonly name: string }, b: { readonly name: string }) => a.name.localeCompare(b.name);

/** By stack, then by name; what belongs to none comes last. Never by state, so that nothing jumps. */
export function stackGroups(services: SwarmState['services']): readonly StackGroup[] {
  const groups = new Map<string | undefined, SwarmService[]>();
  for (const service of Object.values(services).sort(byName)) {
    const list = groups.get(service.stack);
    if (list === undefined) groups.set(service.stack, [service]);
    else list.push(service);
  }
  return [...groups]
    .map(([stack, found]) => ({ stack, services: found }))
    .sort(
      (a, b) => Number(a.stack === undefined) - Number(b.stack === undefined) || orEmpty(a).localeCompare(orEmpty(b)),
    );
}
const orEmpty = ({ stack = '' }: StackGroup): string => stack;

/** Managers first, then by name; those without a name by address. */
export const sortedNodes = (nodes: SwarmState['nodes']): readonly SwarmNode[] =>
  Object.values(nodes).sort(
    (a, b) =>
      Number(b.role === 'manager') - Number(a.role === 'manager') ||
      nodeTitle(a).localeCompare(nodeTitle(b)) ||
      a.id.localeCompare(b.id),
  );

export const nodeTitle = ({ hostname, address, id }: SwarmNode): string => hostname || address || id.slice(0, 12);

const nodeLooks: Readonly<Record<SwarmNode['state'], Look>> = {
  ready: { ...aggregateLook.healthy, label: 'ready' },
  down: { ...aggregateLook.failed, label: 'down' },
  disconnected: { ...aggregateLook.degraded, label: 'disconnected' },
  unknown: aggregateLook.unknown,
};
/** A manager that the others do not reach is trouble, even where its engine is said to be ready. */
export const nodeLook = ({ state, reachable }: SwarmNode): Look =>
  state === 'ready' && reachable === false ? { ...aggregateLook.degraded, label: 'not reached' } : nodeLooks[state];

const portLooks: Readonly<Record<PortAnswer, Look>> = {
  yes: { ...aggregateLook.healthy, label: 'answers' },
  partly: { ...aggregateLook.degraded, label: 'answers now and then' },
  refused: { ...aggregateLook.failed, label: 'refused' },
  silent: { ...aggregateLook.failed, label: 'silent' },
  unreachable: { ...aggregateLook.unknown, label: 'node out of reach' },
  untried: { ...aggregateLook.stopped, label: 'not tried' },
};
/** Of a port on a node. Absent: nothing is to answer while no task runs. */
export const portLook = (answer: PortAnswer | undefined): Look =>
  answer === undefined ? { ...aggregateLook.stopped, label: 'no task runs' } : portLooks[answer];

export const roleWords = ({ role, leader }: SwarmNode): string => (leader ? `${role}, leader` : role);
export const availabilityWords = { active: 'active', pause: 'paused', drain: 'drained' } as const satisfies Readonly<
  Record<SwarmNode['availability'], string>
>;

const ready = new Set(['running', 'complete', 'shutdown', 'remove']);
/** What ended against the wish is red; what was told to end is not. */
export function taskLook({ state, failed, error }: SwarmTask): Look {
  if (failed) return { ...aggregateLook.failed, label: state };
  if (state === 'running') return { ...aggregateLook.healthy, label: state };
  if (state === 'complete') return { ...aggregateLook.completed, label: state };
  if (state === 'unknown') return { ...aggregateLook.unknown, label: 'node is away' };
  if (ready.has(state)) return { ...aggregateLook.stopped, label: state };
  return error === undefined ? { ...aggregateLook.working, label: state } : { ...aggregateLook.degraded, label: state };
}

/** `web.2`, as `docker service ps` has it; tasks of a global service are told apart by their nodes. */
export const taskTitle = (service: SwarmService, { slot }: SwarmTask): string =>
  slot === undefined ? shortName(service) : `${shortName(service)}.${slot}`;

/** The name within its stack. */
export const shortName = ({ name, stack }: { readonly name: string; readonly stack?: string | undefined }): string =>
  stack !== undefined && name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;

export const modeWords = {
  replicated: '',
  global: 'global',
  'replicated-job': 'job',
  'global-job': 'global job',
} as const satisfies Readonly<Record<SwarmService['mode'], string>>;

const updateWords: Readonly<Record<string, string>> = {
  updating: 'updating',
  paused: 'update stopped',
  rollback_started: 'rolling back',
  rollback_paused: 'rollback stopped',
  rollback_completed: 'rolled back',
};
/** Of the last update, where that is worth a word: one that is completed is not. */
export const updateText = ({ update, canary }: SwarmService): string =>
  updateWords[update?.state ?? ''] ?? (canary === undefined ? '' : `canary: ${canary.running} of ${canary.tasks}`);

/** For a terminal. `engine`: the one that is meant, where it is not the one that commands take by themselves. */
export const swarmCommand = (words: string, engine: string | undefined): string =>
  onEngine(`npx claude-env ${words}`, engine);
export const onEngine = (command: string, engine: string | undefined): string =>
  `${command}${engine === undefined ? '' : ` --engine ${shellWord(engine)}`}`;

/** Where what is shown is not what is now. */
export const isOld = ({ kind }: SwarmPart): boolean => kind === 'no-quorum' || kind === 'locked' || kind === 'failed';

/** One line below the title: what this engine is, and how much there is. */
export function swarmSummary({ part, nodes, services }: SwarmState): string {
  const all = Object.values(nodes);
  const count = all.length;
  const unready = all.filter(({ state }) => state !== 'ready').length;
  const told = count === 0 ? '' : plural(count, 'node') + (unready === 0 ? '' : `, ${unready} not ready`);
  const join = (...parts: readonly string[]) => parts.filter((text) => text !== '').join(' · ');
  switch (part.kind) {
    case 'looking':
      return 'Asking the engine…';
    case 'none':
      return 'The Swarm that a team shares';
    case 'joining':
      return 'This engine is joining: no manager has let it in yet.';
    case 'worker':
      return join(`${part.hostname} is a worker`, part.source === 'endpoint' ? told : '');
    case 'manager': {
      const { managers, reachable } = part.quorum;
      const answer = managers === reachable ? '' : `${reachable} of ${managers} managers answer`;
      const stacks = new Set(Object.values(services).flatMap(({ stack }) => stack ?? [])).size;
      return join(told, answer, plural(stacks, 'stack'), plural(Object.keys(services).length, 'service'));
    }
    case 'locked':
      return 'Locked: nothing can be seen of it until it is unlocked.';
    case 'no-quorum':
      return 'Too few managers answer: what is below is as it was last seen.';
    case 'failed':
      return 'It cannot be looked at now.';
  }
}

/** `:8080`; of mode `host` with the nodes that answer: `:8443 on n2`. */
export const swarmPortText = ({ published, nodes }: SwarmService['ports'][number]): string => {
  if (nodes === undefined) return `:${published}`;
  return `:${published} on ${nodes.length > 2 ? plural(nodes.length, 'node') : nodes.join(', ') || 'no node'}`;
};

export const swarmPortTitle = ({ published, target, protocol, nodes }: SwarmService['ports'][number]): string =>
  `${published} → ${target}/${protocol}, ${nodes === undefined ? 'on every node' : `on nodes with a task: ${nodes.join(', ') || 'none'}`}`;
