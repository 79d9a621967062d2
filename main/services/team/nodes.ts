import { AppFailure } from '../../core/app-failure.ts';
import type { MachineRole } from '../../core/swarm/invite.ts';
import { type NodeChange, type SwarmNode, teamLabels, toMachineRole } from '../../core/swarm/membership.ts';
import { adviseManagers, type ManagerChange } from '../../core/swarm/quorum.ts';
import { findNode, mustBeManager, mustHaveQuorum, quorumOf, refuse, type TeamContext } from './context.ts';

export interface Which {
  readonly engine?: string;
  /** Host name or beginning of an id. */
  readonly node: string;
}

async function look(context: TeamContext, { engine, node }: Which) {
  const { swarm } = await context.engineOf(engine);
  const self = await swarm.self();
  mustBeManager(self);
  const nodes = await swarm.nodes();
  mustHaveQuorum(nodes);
  return { swarm, self, nodes, found: findNode(nodes, node) };
}

export type NodeAction =
  | { readonly kind: 'promote' | 'demote' | 'drain' | 'activate' | 'pause' }
  | { readonly kind: 'role'; readonly machine: MachineRole }
  /** undefined takes the label away. */
  | { readonly kind: 'label'; readonly labels: Readonly<Record<string, string | undefined>> };

/** What promoting or demoting would mean for the Swarm's ability to change; undefined for everything else. */
export async function adviseNode(
  context: TeamContext,
  which: Which,
  kind: NodeAction['kind'] | 'rm',
): Promise<ManagerChange | undefined> {
  const { nodes, found } = await look(context, which);
  if (kind === 'promote' && found.role !== 'manager') {
    return adviseManagers(quorumOf(nodes), { add: true, laptop: toMachineRole(found.labels) === 'laptop' });
  }
  if ((kind === 'demote' || kind === 'rm') && found.manager !== undefined) {
    return adviseManagers(quorumOf(nodes), { add: false, reachable: found.manager.reachable });
  }
  return undefined;
}

const toChange = (action: NodeAction): NodeChange => {
  switch (action.kind) {
    case 'promote':
      return { role: 'manager' };
    case 'demote':
      return { role: 'worker' };
    case 'drain':
      return { availability: 'drain' };
    case 'activate':
      return { availability: 'active' };
    case 'pause':
      return { availability: 'pause' };
    case 'role':
      return { labels: { [teamLabels.machine]: action.machine } };
    case 'label':
      return { labels: action.labels };
  }
};

/** Changes one node, and answers with what it is now. */
export async function changeNode(context: TeamContext, which: Which, action: NodeAction): Promise<SwarmNode> {
  const { swarm, nodes, found } = await look(context, which);
  if (action.kind === 'demote' && found.manager !== undefined) {
    const advice = adviseManagers(quorumOf(nodes), { add: false, reachable: found.manager.reachable });
    if (advice.kind === 'refused')
      throw refuse(`${found.hostname} stays a manager. ${advice.advice}`, 'Promote another one first.');
  }
  await swarm.changeNode(found.id, toChange(action));
  if (action.kind === 'promote' || action.kind === 'demote') {
    await agreed(context, () => swarm.nodes(), found.id, action.kind === 'promote');
  }
  return (await swarm.nodes()).find(({ id }) => id === found.id) ?? found;
}

/** Takes a node off the list: one that has left or is gone for good. */
export async function removeNode(
  context: TeamContext,
  { force, ...which }: Which & { readonly force: boolean },
): Promise<SwarmNode> {
  const { swarm, self, nodes, found } = await look(context, which);
  if (found.id === self.nodeId) {
    throw refuse('This machine cannot take itself off the list.', `\`${context.program} team leave\` leaves the team.`);
  }
  if (found.state === 'ready' && !force) {
    throw refuse(
      `${found.hostname} is there and working.`,
      `Let it leave (\`${context.program} team leave\` over there), or take it off the list with --force.`,
    );
  }
  if (found.manager !== undefined) {
    const advice = adviseManagers(quorumOf(nodes), { add: false, reachable: found.manager.reachable });
    if (advice.kind === 'refused')
      throw refuse(`${found.hostname} is a manager. ${advice.advice}`, 'Promote another one first.');
    await swarm.changeNode(found.id, { role: 'worker' });
    await agreed(context, () => swarm.nodes(), found.id, false);
  }
  await swarm.removeNode(found.id, { force: true });
  return found;
}

/** The managers agree on a new one, or on one less, within moments; until then it must not be counted on. */
async function agreed(
  { clock }: TeamContext,
  nodes: () => Promise<readonly SwarmNode[]>,
  id: string,
  manager: boolean,
): Promise<void> {
  const until = clock.now() + 20_000;
  while ((await nodes()).some((node) => node.id === id && (node.manager !== undefined) !== manager)) {
    if (clock.now() > until) {
      throw new AppFailure({
        code: 'wait.timeout',
        message: 'The managers did not agree on it within 20 s.',
        hint: 'It is asked for, and happens when that machine answers.',
      });
    }
    await clock.sleep(200);
  }
}

/** A machine that joined again is a new node: it gets the old one's labels and availability, and the old one goes. */
export async function replaceNode(
  context: TeamContext,
  { engine, old, by }: { readonly engine?: string; readonly old: string; readonly by: string },
): Promise<{ readonly old: SwarmNode; readonly by: SwarmNode }> {
  const { swarm } = await context.engineOf(engine);
  mustBeManager(await swarm.self());
  const nodes = await swarm.nodes();
  mustHaveQuorum(nodes);
  const [before, after] = [findNode(nodes, old), findNode(nodes, by)];
  if (before.id === after.id) throw refuse('Old and new are the same node.', 'Name both by their ids.');
  if (before.state === 'ready') {
    throw refuse(
      `${before.hostname} (${before.id.slice(0, 12)}) is there and working.`,
      'It is replaced when it has left.',
    );
  }
  await swarm.changeNode(after.id, { labels: before.labels, availability: before.availability });
  await swarm.removeNode(before.id, { force: true });
  return { old: before, by: after };
}
