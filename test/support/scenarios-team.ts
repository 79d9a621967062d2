import type { AppError } from '../../preload/contract/errors.ts';
import type { Plan } from '../../preload/contract/model.ts';
import type { SwarmNode, SwarmPart, SwarmService, SwarmState, SwarmTask } from '../../preload/contract/swarm.ts';
import type { Scenario, World } from './scenarios.ts';
import { ago } from './scenarios-data.ts';
import { teamDialogScenarios } from './scenarios-team-dialogs.ts';
import { teamServices, teamServicesScenarios } from './scenarios-team-services.ts';
import { teamStackScenarios } from './scenarios-team-stacks.ts';
import { teamUpScenarios, withServices } from './scenarios-team-up.ts';

/* The states of the Team screen, for the screenshots and the page's tests. */

export const node = (hostname: string, address: string, members: Partial<SwarmNode> = {}): SwarmNode => ({
  id: `id-${hostname}`,
  hostname,
  address,
  role: 'worker',
  availability: 'active',
  state: 'ready',
  message: '',
  leader: false,
  machine: 'laptop',
  engine: '28.5.2',
  platform: 'linux/x86_64',
  labels: {},
  here: false,
  ...members,
});
const server = { role: 'manager', reachable: true, machine: 'server' } as const;
const byId = <T extends { readonly id: string }>(list: readonly T[]): Record<string, T> =>
  Object.fromEntries(list.map((one) => [one.id, one]));

const nodes = [
  node('falcon-1', '10.77.0.2', { ...server, leader: true, here: true }),
  node('falcon-2', '10.77.0.3', server),
  node('falcon-3', '10.77.0.4', { ...server, availability: 'drain' }),
  node('anna-laptop', '10.77.0.21', { engine: '27.3.1' }),
  node('bens-thinkpad', '10.77.0.22', { state: 'down', message: 'heartbeat failure' }),
];

export const task = (id: string, slot: number, members: Partial<SwarmTask> = {}): SwarmTask => ({
  id,
  slot,
  node: 'falcon-1',
  state: 'running',
  desired: 'running',
  at: ago(3 * 3600),
  failed: false,
  image: 'registry.falcon.test/shop-api:2.4.1',
  ...members,
});
export const service = (
  stack: string | undefined,
  name: string,
  members: Partial<SwarmService> = {},
): SwarmService => ({
  id: `id-${stack ?? ''}-${name}`,
  name: stack === undefined ? name : `${stack}_${name}`,
  ...(stack === undefined ? {} : { stack }),
  mode: 'replicated',
  running: 1,
  desired: 1,
  image: `registry.falcon.test/${name}:2.4.1`,
  aggregate: 'healthy',
  canRollBack: false,
  ports: [],
  tasks: [task(`t-${name}-1`, 1)],
  ...members,
});
const failedTask = (id: string, seconds: number, on: string): SwarmTask =>
  task(id, 2, {
    node: on,
    state: 'failed',
    desired: 'shutdown',
    at: ago(seconds),
    failed: true,
    error: 'it ended with exit code 3',
    exitCode: 3,
  });

const services = [
  service('team', 'api', {
    running: 2,
    desired: 3,
    aggregate: 'degraded',
    reason: '2 of 3 tasks run (3 failed: it ended with exit code 3)',
    canRollBack: true,
    update: { state: 'paused', message: 'update paused due to failure or early termination of task' },
    ports: [{ published: 8080, target: 80, protocol: 'tcp' }],
    tasks: [
      task('t-api-1', 1),
      task('t-api-2', 2, {
        node: 'falcon-2',
        state: 'starting',
        at: ago(4),
        image: 'registry.falcon.test/shop-api:2.5.0',
      }),
      task('t-api-3', 3, { node: 'falcon-3' }),
      failedTask('t-api-2b', 9, 'falcon-2'),
      failedTask('t-api-2c', 21, 'falcon-1'),
    ],
  }),
  service('team', 'db', { image: 'postgres:17', update: { state: 'completed', message: 'update completed' } }),
  service('team', 'agent', { mode: 'global', running: 4, desired: 4 }),
  service('team', 'migrate', { mode: 'replicated-job', running: 0, aggregate: 'completed' }),
  service('docs', 'web', {
    running: 0,
    aggregate: 'failed',
    reason: 'a task finds no node: no suitable node (scheduling constraints not satisfied on 5 nodes)',
    tasks: [
      { ...task('t-web-1', 1), state: 'pending', error: 'no suitable node (scheduling constraints not satisfied)' },
    ].map(({ node: _none, ...rest }) => rest),
  }),
  service(undefined, 'registry', {
    image: 'registry:3',
    ports: [{ published: 5000, target: 5000, protocol: 'tcp' }],
  }),
];

const about = {
  team: 'Falcon',
  address: '10.77.0.2',
  hostname: 'falcon-1',
  managers: ['10.77.0.2:2377', '10.77.0.3:2377', '10.77.0.4:2377'],
  source: 'manager',
  notes: [],
} as const;
const editable = (part: typeof about) => ({ ...part, managers: [...part.managers], notes: [...part.notes] });
export const managerPart: SwarmPart = {
  kind: 'manager',
  ...editable(about),
  autolock: false,
  quorum: { managers: 3, reachable: 3, needed: 2 },
};
export const fullSwarm: SwarmState = { part: managerPart, nodes: byId(nodes), services: byId(services) };

const noQuorum: AppError = {
  code: 'swarm.no-quorum',
  message: 'Only 1 of 3 managers answer, and 2 are needed. What runs goes on, but nothing can be changed.',
  hint: 'Bring managers back. If they are gone for good: `claude-env team recover` on one that is left.',
  retry: true,
};
export const lostSwarm: SwarmState = {
  part: { kind: 'no-quorum', ...editable(about), error: noQuorum },
  nodes: byId(nodes.map((one) => ({ ...one, state: one.here ? one.state : 'unknown', leader: false, message: '' }))),
  services: byId(
    services.map((one) => ({ ...one, aggregate: 'unknown', reason: 'as it was when the Swarm last answered' })),
  ),
};
export const workerSwarm: SwarmState = {
  part: {
    kind: 'worker',
    ...editable(about),
    hostname: 'anna-laptop',
    address: '10.77.0.21',
    source: 'self',
    notes: [
      'This is a worker: only managers (10.77.0.2:2377, 10.77.0.3:2377) see the whole team. An operator with a login there sees it with --engine and a docker context, or gives an invite with --see.',
    ],
  },
  nodes: byId([
    node('anna-laptop', '10.77.0.21', { engine: '', platform: '', here: true }),
    ...['10.77.0.2', '10.77.0.3'].map((address) => ({
      labels: {},
      id: address,
      hostname: '',
      address,
      role: 'manager' as const,
      availability: 'active' as const,
      state: 'unknown' as const,
      message: '',
      leader: false,
      engine: '',
      platform: '',
      here: false,
    })),
  ]),
  services: {},
};

const rollbackPlan: Plan = {
  stack: 'default/team',
  action: 'rollback',
  fingerprint: 'f',
  steps: [
    {
      id: 'rollback-service team_api',
      kind: 'rollback-service',
      target: 'api',
      service: 'api',
      cause: 'image registry.falcon.test/api:2.5.0 → 2.4.1',
      destructive: false,
      after: [],
    },
    {
      id: 'wait-converged team_api',
      kind: 'wait-converged',
      target: 'api',
      service: 'api',
      cause: 'updated',
      destructive: false,
      after: ['rollback-service team_api'],
    },
  ],
  losses: [],
  conflicts: [],
  problems: [],
  warnings: [],
  command: 'claude-env stack rollback -p team',
};
const noSwarm: SwarmState = { part: { kind: 'none' }, nodes: {}, services: {} };
const withSwarm = (base: World, swarm: SwarmState): World => ({
  ...base,
  answers: { ...base.answers, swarm: { output: swarm }, 'swarm.plan': { output: rollbackPlan } },
});

export function teamScenarios(base: World): readonly Scenario[] {
  const open = { click: ['button', 'Team'] } as const;
  return [
    {
      name: 'team-none',
      world: withSwarm(base, noSwarm),
      acts: [open],
      shows: 'This engine is in no Swarm',
    },
    {
      name: 'team',
      world: withSwarm(base, fullSwarm),
      acts: [open, { press: 'j' }, { press: 'j' }, { press: 'j' }, { press: 'Enter' }],
      shows: 'heartbeat failure',
    },
    {
      name: 'team-task-errors',
      world: withSwarm(base, fullSwarm),
      acts: [open, { click: ['button', 'api'] }],
      shows: 'it ended with exit code 3',
    },
    {
      name: 'team-rollback',
      world: withSwarm(base, fullSwarm),
      acts: [open, { click: ['button', 'api'] }, { click: ['button', 'Roll back…'] }],
      shows: 'claude-env stack rollback -p team',
    },
    {
      name: 'team-no-quorum',
      world: withSwarm(base, lostSwarm),
      acts: [open],
      shows: 'Only 1 of 3 managers answer',
    },
    { name: 'team-worker', world: withSwarm(base, workerSwarm), acts: [open], shows: 'Only managers know' },
    ...teamStackScenarios({
      full: withSwarm(base, fullSwarm),
      lost: withSwarm(base, lostSwarm),
      locked: (error) => ({ ...fullSwarm, part: { ...editable(about), kind: 'locked', error } }),
    }),
    ...teamDialogScenarios({ none: withSwarm(base, noSwarm), full: withSwarm(base, fullSwarm) }),
    ...teamServicesScenarios(withSwarm(base, withServices(fullSwarm))),
    ...teamUpScenarios({ full: withSwarm(base, fullSwarm), swarm: fullSwarm, linked: teamServices }),
  ];
}
