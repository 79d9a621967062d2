import type { SwarmNode, SwarmService } from '../../preload/contract/swarm.ts';
import type { AddressAdvice, JoinedTeam, NodeAction, ReachCheck } from '../../preload/contract/team.ts';
import { aggregateLook, type Look } from './aggregate.ts';
import { nodeTitle, shortName } from './swarm.ts';

/* Words for getting into a team and for changing its machines. Pure. */

export const lastings = [
  { seconds: 3_600, label: '1 hour' },
  { seconds: 8 * 3_600, label: '8 hours' },
  { seconds: 86_400, label: '1 day' },
  { seconds: 3 * 86_400, label: '3 days' },
  { seconds: 7 * 86_400, label: '7 days' },
] as const;

/** `2026-11-21 16:00 UTC`: both ends of an invite read the same. */
export const untilText = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

export const roleHelp = {
  worker: 'It runs what managers give it, and cannot look at the rest of the Swarm.',
  manager:
    'It holds all of the Swarm’s secrets, and can run anything on every machine as root. An odd number of them, on machines that stay on.',
} as const;
export const machineHelp = {
  server: 'It stays on, and runs the team’s services.',
  laptop: 'It comes and goes: services that are placed on servers stay away from it.',
} as const;

export const checkLook: Readonly<Record<ReachCheck['status'], Look>> = {
  ok: { ...aggregateLook.healthy, label: 'fine' },
  problem: { ...aggregateLook.failed, label: 'problem' },
  unknown: { ...aggregateLook.unknown, label: 'cannot be told from here' },
};

/** What could not be tried is neither good nor bad. */
export const overlayLook = ({ verdict }: JoinedTeam['overlay']): Look => {
  if (verdict === 'both') return { ...aggregateLook.healthy, label: 'fine' };
  if (verdict === 'skipped' || verdict === 'no-network') return { ...aggregateLook.unknown, label: 'not tried' };
  return { ...aggregateLook.failed, label: 'problem' };
};

/** `eth0: leased (DHCP): …` */
export const adviceText = ({ name, reasons }: AddressAdvice): string =>
  reasons.length === 0 ? `${name}: good to be known by` : `${name}: ${reasons.join('; ')}`;

/** What can be done with a node now; only one that is gone is taken off the list. */
export function nodeActions({ availability, role, machine, state, here }: SwarmNode): readonly NodeAction[] {
  return [
    ...(availability === 'active' ? (['pause', 'drain'] as const) : (['activate'] as const)),
    role === 'worker' ? 'promote' : 'demote',
    machine === 'server' ? 'laptop' : 'server',
    ...(state === 'ready' || here ? [] : (['remove'] as const)),
  ];
}

const verbs: Readonly<Record<NodeAction, string>> = {
  drain: 'Drain',
  pause: 'Pause',
  activate: 'Activate',
  promote: 'Promote',
  demote: 'Demote',
  server: 'Make it a server',
  laptop: 'Make it a laptop',
  remove: 'Remove',
};
export const actionVerb = (action: NodeAction): string => verbs[action];
const titles: Readonly<Record<NodeAction, (name: string) => string>> = {
  drain: (name) => `Drain ${name}`,
  pause: (name) => `Pause ${name}`,
  activate: (name) => `Activate ${name}`,
  promote: (name) => `Promote ${name} to manager`,
  demote: (name) => `Demote ${name} to worker`,
  server: (name) => `Make ${name} a server`,
  laptop: (name) => `Make ${name} a laptop`,
  remove: (name) => `Remove ${name} from the team`,
};
export const actionTitle = (node: SwarmNode, action: NodeAction): string => titles[action](nodeTitle(node));

/** For a terminal, by the id, which no other machine has. */
export const actionWords = ({ id }: SwarmNode, action: NodeAction): string => {
  const short = id.slice(0, 12);
  if (action === 'remove') return `team node rm ${short}`;
  return action === 'server' || action === 'laptop'
    ? `team node role ${short} ${action}`
    : `team node ${action} ${short}`;
};

/** Services that have a task on the node, by the names within their stacks. */
export const servicesOn = (node: SwarmNode, services: readonly SwarmService[]): readonly string[] =>
  services
    .filter(({ tasks }) =>
      tasks.some(
        (task) => task.desired === 'running' && task.node !== undefined && [node.hostname, node.id].includes(task.node),
      ),
    )
    .map(shortName)
    .sort();

/** What a change does, in sentences; what it means for the managers' majority is the services' to say. */
export function actionMeans(node: SwarmNode, action: NodeAction, services: readonly SwarmService[]): readonly string[] {
  const here = servicesOn(node, services);
  const named = here.join(', ');
  switch (action) {
    case 'drain':
      return [
        here.length === 0
          ? 'No task of a service runs on it, and it gets none any more.'
          : `Its tasks end, and start on other nodes that may take them: ${named}.`,
        ...(here.length === 0
          ? []
          : ['Data in local volumes stay on this machine: a task that moves starts without them.']),
      ];
    case 'pause':
      return [`It gets no new tasks.${here.length === 0 ? '' : ` What runs on it goes on: ${named}.`}`];
    case 'activate':
      return ['It gets tasks again. Those that went elsewhere do not come back by themselves.'];
    case 'promote':
      return ['As a manager it holds all of the Swarm’s secrets, and can run anything on every machine as root.'];
    case 'demote':
      return ['It stays in the team as a worker, and what runs on it goes on.'];
    case 'server':
      return ['Services that are placed on servers may run on it.'];
    case 'laptop':
      return [
        `Services that are placed on servers leave it${here.length === 0 ? '' : ` (${named} run on it now)`}, and get no task on it any more.`,
      ];
    case 'remove':
      return [
        'It is taken off the list. If that machine comes back, it is in no team until it leaves and joins again.',
        'What is in its local volumes stays on that machine.',
      ];
  }
}

/** As main judges it, said before it is asked. */
export const teamNameMistake = (name: string): string | undefined =>
  /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/.test(name)
    ? undefined
    : 'Up to 40 letters, digits, spaces, dots, dashes and underscores, the first a letter or digit.';
