import type { Operation, Plan } from '../../preload/contract/model.ts';
import type { SwarmState } from '../../preload/contract/swarm.ts';
import type { RecordedDeploy } from '../../preload/contract/swarm-change.ts';
import type { SwarmLogFrame } from '../../preload/contract/swarm-logs.ts';
import type { Act, Scenario, World } from './scenarios.ts';
import { ago } from './scenarios-data.ts';
import { plan, step } from './scenarios-plans.ts';
import { teamDataScenarios } from './scenarios-team-data.ts';

/* Stacks on a Swarm, and what keeps a team, for the screenshots. */

const stack = 'default/team';
const file = '/home/anna/shop/stack.yaml';
const deployPlan: Plan = plan({
  stack,
  action: 'deploy',
  command: 'claude-env stack deploy',
  steps: [
    step('1', 'create-network', 'team_default', '', 'not there yet'),
    step('2', 'create-secret', 'team_db_password', '', 'its value changed'),
    step('3', 'update-service', 'api', 'api', 'image registry.falcon.test/api:2.4.1 → 2.5.0'),
    step('4', 'update-service', 'db', 'db', 'secret db_password'),
    step('5', 'wait-converged', 'api', 'api', 'updated'),
    step('6', 'wait-converged', 'db', 'db', 'updated'),
    step('7', 'create-config', 'team_deploy', '', 'says who deployed what'),
  ],
  warnings: [
    {
      severity: 'warning',
      rule: 'local-volume',
      message: 'service db: its data are in the local volume “data”, and nothing keeps it on one node',
      hint: 'Write `deploy.placement.constraints: [node.hostname == falcon-1]`.',
      where: { file, line: 21, column: 7 },
    },
  ],
  credentials: [{ name: 'DB_PASSWORD', source: 'team', services: ['db'], agreed: false }],
});
const deploys: readonly RecordedDeploy[] = [
  {
    number: 4,
    at: ago(600),
    who: 'anna@falcon-1',
    hash: '3f9a1c775be042d8',
    changes: 'update api: image registry.falcon.test/api:2.4.1 → 2.5.0; update db: secret db_password',
    id: 'team_deploy-4',
    back: true,
  },
  {
    number: 3,
    at: ago(2 * 86_400),
    who: 'ben@bens-thinkpad',
    hash: 'a01cb3775be042d8',
    changes: 'back to deploy 1 by anna@falcon-1: update api: replicas 5 → 3',
    id: 'team_deploy-3',
    back: true,
  },
  {
    number: 2,
    at: ago(9 * 86_400),
    who: 'ben@bens-thinkpad',
    hash: '77c0de775be042d8',
    changes: 'create agent: not there yet',
    id: 'team_deploy-2',
    back: false,
  },
];
const failed: Operation = {
  id: 'o1',
  stack,
  action: 'deploy',
  state: 'failed',
  startedAt: ago(70),
  endedAt: ago(12),
  steps: [
    step('update-service team_api', 'update-service', 'api', 'api', 'image registry.falcon.test/api:2.4.1 → 2.5.0'),
    step('wait-converged team_api', 'wait-converged', 'api', 'api', 'updated'),
  ],
  progress: {
    'update-service team_api': {
      step: 'update-service team_api',
      state: 'done',
      startedAt: ago(70),
      endedAt: ago(69),
    },
    'wait-converged team_api': {
      step: 'wait-converged team_api',
      state: 'failed',
      startedAt: ago(69),
      endedAt: ago(12),
      error: {
        code: 'container.exited',
        message: 'api: the update was stopped, because its new tasks fail: it ended with exit code 3.',
        hint: 'Mend it and deploy again, or roll it back.',
        detail: 'api.2 on falcon-2:\nloading /etc/shop/config.json\nerror: DB_HOST is not set',
      },
    },
  },
};
const frames: readonly SwarmLogFrame[] = [
  {
    kind: 'lines',
    lines: (
      [
        ['api.1', 'falcon-1', 'GET /health 200 2 ms'],
        ['api.3', 'falcon-3', 'GET /basket 200 31 ms'],
        ['api.2', 'falcon-2', 'loading /etc/shop/config.json'],
        ['api.2', 'falcon-2', 'error: DB_HOST is not set'],
        ['api.1', 'falcon-1', 'POST /order 201 88 ms'],
      ] as const
    ).map(([task, node, text], index) => ({
      seq: index,
      task,
      taskId: `id-${task}`,
      node,
      stream: text.startsWith('error') ? ('stderr' as const) : ('stdout' as const),
      at: ago(30 - index * 3),
      text,
    })),
  },
  {
    kind: 'gap',
    gap: {
      seq: 9,
      node: 'falcon-3',
      tasks: ['api.3'],
      since: ago(27),
      reason: 'the node does not answer',
      over: false,
    },
  },
];

const ending = {
  team: 'Falcon',
  role: 'manager',
  last: true,
  breaks: [
    '3 tasks of team_api, team_db end here; the Swarm starts them elsewhere where it may.',
    'Local volumes stay on this machine, and what starts elsewhere does not find them.',
    'It is the only manager: the Swarm ends, with all its services, secrets and networks, on every machine.',
  ],
};
const guide = [
  'On this manager’s machine, as root (containers stop with the engine, unless live-restore is on):',
  '  systemctl stop docker docker.socket      # or however this engine is stopped',
  '  npx claude-env team backup --root /var/lib/docker --to swarm-backup.tar.gz',
  '  systemctl start docker',
  'The file opens the whole Swarm: keep it as you keep keys.',
];
const lockedError = {
  code: 'swarm.locked',
  message: 'The Swarm’s keys on this manager are locked, as after every restart with autolock on.',
  hint: '`claude-env team unlock` takes the key from the keychain, or asks for it.',
} as const;

export function teamStackScenarios(worlds: {
  readonly full: World;
  readonly lost: World;
  /** As a manager is seen that needs its key. */
  readonly locked: (error: typeof lockedError) => SwarmState;
}): readonly Scenario[] {
  const full: World = {
    ...worlds.full,
    answers: {
      ...worlds.full.answers,
      'swarm.history': { output: { deploys } },
      'team.adviseLeaving': { output: ending },
      'team.guideBackup': { output: { steps: guide } },
      swarmLogs: { output: frames },
    },
  };
  const answering = (answers: World['answers'], world = full): World => ({
    ...world,
    answers: { ...world.answers, ...answers },
  });
  const button = (name: string): Act => ({ click: ['button', name] });
  const item = (name: string): Act => ({ click: ['menuitem', name] });
  const team = button('Team');
  const menu = button('Change the stack team');
  const more = button('More of the team');
  const deploy = [
    team,
    button('Deploy a stack…'),
    { fill: ['Files', file] },
    { fill: ['Stack name', 'team'] },
  ] as const;
  return [
    { name: 'team-deploy', world: full, acts: deploy, shows: 'Show the plan' },
    {
      name: 'team-deploy-plan',
      world: answering({ 'swarm.plan': { output: deployPlan } }),
      acts: [...deploy, button('Show the plan')],
      shows: 'its data are in the local volume',
    },
    {
      name: 'team-deploy-failed',
      world: { ...full, operations: [failed] },
      acts: [team],
      shows: 'DB_HOST is not set',
    },
    { name: 'team-history', world: full, acts: [team, menu, item('Deploys, and back to one…')], shows: 'Back to 4…' },
    { name: 'team-remove', world: full, acts: [team, menu, item('Remove…')], shows: 'Volumes stay on the nodes' },
    ...teamDataScenarios(full, [team, menu]),
    { name: 'team-logs', world: full, acts: [team, button('api'), button('Logs')], shows: 'No lines from api.3' },
    {
      name: 'team-moved',
      world: answering({
        moves: { output: [{ moved: { team: 'Falcon', known: '10.77.0.3', now: ['192.168.1.20'] } }] },
      }),
      acts: [],
      shows: 'Falcon knows this machine as 10.77.0.3',
    },
    {
      name: 'team-labels',
      world: full,
      acts: [team, button('Change falcon-2'), item('Labels…'), { fill: ['One label a line', 'disk=ssd\nzone'] }],
      shows: 'zone has no',
    },
    { name: 'team-leave', world: full, acts: [team, more, item('Leave…')], shows: 'the Swarm ends' },
    { name: 'team-backup', world: full, acts: [team, more, item('Back up…')], shows: 'systemctl stop docker' },
    { name: 'team-autolock', world: full, acts: [team, more, item('Turn autolock on…')], shows: 'Without the key' },
    {
      name: 'team-locked',
      world: answering({ swarm: { output: worlds.locked(lockedError) } }),
      acts: [team, button('Unlock…')],
      shows: 'Unlock key',
    },
    { name: 'team-recover', world: worlds.lost, acts: [team, button('What can be done…')], shows: 'Go on alone' },
  ];
}
