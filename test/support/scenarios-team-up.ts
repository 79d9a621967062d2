import type { AppError } from '../../preload/contract/errors.ts';
import type { Operation } from '../../preload/contract/model.ts';
import type { SwarmService, SwarmState } from '../../preload/contract/swarm.ts';
import type { TeamServicesState } from '../../preload/contract/team-services.ts';
import type { TeamStackOptions, TeamStackPlan, TeamStackRun } from '../../preload/contract/team-stack.ts';
import type { Act, Scenario, World } from './scenarios.ts';
import { ago } from './scenarios-data.ts';
import { plan, step } from './scenarios-plans.ts';

/* The team's services, set up, updated and taken down, for the screenshots and the page's tests. */

const stack = 'default/claude-team';
const images = ['gateway', 'controller', 'config-sync', 'engine-view', 'mcp-bundle'];
const tag = (name: string) => `localhost/claude-env/${name}:0.1.0`;
const missing = 'the image does not exist';

export const options: TeamStackOptions = {
  names: [],
  port: 8443,
  registry: '',
  configRepo: '',
  configBranch: '',
  monitoring: false,
};
const made = 'there is none yet';
export const firstPlan: TeamStackPlan = {
  team: 'Falcon',
  addresses: ['10.77.0.2:8443', '10.77.0.3:8443'],
  steps: [
    {
      kind: 'make-authority',
      target: 'the team’s own CA, for addresses and team.claude-env.internal',
      cause: made,
    },
    {
      kind: 'issue-certificate',
      target: 'the gateways’ certificate, for team.claude-env.internal, 10.77.0.2, 10.77.0.3',
      cause: 'the authority is new',
    },
    { kind: 'make-value', target: 'what the services show each other', cause: made },
    { kind: 'make-value', target: 'password of the database', cause: made },
    { kind: 'make-value', target: 'password of redis', cause: made },
    { kind: 'make-value', target: 'who the first operator is', cause: made },
    {
      kind: 'mark-node',
      target: 'falcon-1 as the node that keeps the data',
      cause: 'the data of the database and of the configuration stay on one node',
    },
  ],
  build: plan({
    stack,
    action: 'build',
    command: 'claude-env build',
    steps: images.map((name, at) => step(`b${at}`, 'build-image', tag(name), name, missing)),
  }),
  notes: [],
  fingerprint: 'f',
};
const deploy = plan({
  stack,
  action: 'deploy',
  command: 'claude-env stack deploy',
  steps: [
    step('1', 'send-image', `${tag('gateway')} → falcon-2`, '', 'falcon-2 has another one'),
    step('2', 'update-service', 'gateway', 'gateway', `image ${tag('gateway')}`),
    step('3', 'wait-converged', 'gateway', 'gateway', 'updated'),
    step('4', 'create-config', 'claude-team_deploy', '', 'says who deployed what'),
  ],
});
const nothing: TeamStackPlan = {
  ...firstPlan,
  steps: [],
  build: undefined,
  deploy: plan({ stack, action: 'deploy', command: 'claude-env stack deploy', steps: [] }),
};
const update: TeamStackPlan = { ...nothing, deploy };
export const noKeychain: AppError = {
  code: 'keychain.missing',
  message: 'This machine has no keychain: no Secret Service answers on the session bus.',
  hint: 'Install and start one, such as gnome-keyring, then look again.',
};
const noServer: AppError = {
  code: 'usage',
  message: 'No node of this team is a server, and its services run on servers alone.',
  hint: 'Say which are: team node role NODE server',
};
const noImage: AppError = {
  code: 'image.build-failed',
  message: 'The image localhost/claude-env/controller:0.1.0 could not be built: step 5 of 11 failed.',
  hint: 'Look at the last lines below. What was built is kept.',
  detail: 'npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request to https://registry.npmjs.org/fastify failed',
};

const names = [
  ['config-sync', 1],
  ['controller', 2],
  ['engine-view', 1],
  ['gateway', 3],
  ['mcp-context7', 2],
  ['mcp-magic', 1],
  ['mcp-playwright', 1],
  ['mcp-sequential', 2],
  ['postgres', 1],
  ['redis', 1],
] as const;

/** With the services beside what else it has. */
export const withServices = (swarm: SwarmState): SwarmState => {
  const services = names.map(
    ([name, count]): SwarmService => ({
      id: `id-claude-team-${name}`,
      name: `claude-team_${name}`,
      stack: 'claude-team',
      mode: name === 'gateway' ? 'global' : 'replicated',
      running: count,
      desired: count,
      image: tag(name.startsWith('mcp-') ? 'mcp-bundle' : name),
      aggregate: 'healthy',
      canRollBack: false,
      ports:
        name === 'gateway'
          ? [{ published: 8443, target: 8443, protocol: 'tcp', nodes: ['falcon-1', 'falcon-2', 'falcon-3'] }]
          : [],
      tasks: [],
    }),
  );
  return { ...swarm, services: { ...swarm.services, ...Object.fromEntries(services.map((one) => [one.id, one])) } };
};

const building: Operation = {
  id: 'op-team-build',
  stack,
  action: 'build',
  state: 'running',
  startedAt: ago(74),
  steps: firstPlan.build?.steps ?? [],
  progress: {
    b0: { step: 'b0', state: 'done', startedAt: ago(74), endedAt: ago(31) },
    b1: {
      step: 'b1',
      state: 'running',
      startedAt: ago(31),
      message: 'step 7 of 11: RUN npm ci --omit=dev',
      fraction: 0.6,
    },
    b2: { step: 'b2', state: 'waiting' },
    b3: { step: 'b3', state: 'waiting' },
    b4: { step: 'b4', state: 'waiting' },
  },
};
const failedBuild: Operation = {
  ...building,
  state: 'failed',
  endedAt: ago(9),
  error: noImage,
  progress: {
    ...building.progress,
    b1: { step: 'b1', state: 'failed', startedAt: ago(31), endedAt: ago(9), error: noImage },
    b2: { step: 'b2', state: 'done', startedAt: ago(31), endedAt: ago(12) },
    b3: { step: 'b3', state: 'done', startedAt: ago(31), endedAt: ago(14) },
    b4: { step: 'b4', state: 'skipped' },
  },
};

interface Worlds {
  readonly full: World;
  readonly swarm: SwarmState;
  readonly linked: TeamServicesState;
}

export function teamUpScenarios({ full, swarm, linked }: Worlds): readonly Scenario[] {
  const using = (answers: World['answers'], operations: readonly Operation[] = []): World => ({
    ...full,
    operations,
    answers: {
      ...full.answers,
      swarm: { output: swarm },
      'teamStack.look': { output: { team: 'Falcon', options, only: [] } },
      'teamStack.plan': { output: firstPlan },
      ...answers,
    },
  });
  const running = (run: TeamStackRun, operations: readonly Operation[] = [], more: World['answers'] = {}): World =>
    using({ teamStack: { output: run }, ...more }, operations);
  const deployed = { swarm: { output: withServices(swarm) }, teamServices: { output: linked } } as const;
  const button = (name: string): Act => ({ click: ['button', name] });
  const services: readonly Act[] = [button('Team'), { click: ['tab', 'Team services'] }];
  const overview: readonly Act[] = [button('Team'), { click: ['tab', 'Overview'] }];
  const setUp = [...services, button('Set up the team’s services…')];
  const inMenu = (entry: string): readonly Act[] => [
    ...overview,
    button('More of the team’s services'),
    { click: ['menuitem', entry] },
  ];
  const toPlan = [...setUp, button('Show the plan')];
  const takeDown = plan({
    stack,
    action: 'rm',
    command: 'claude-env stack rm -p claude-team',
    steps: names
      .slice(0, 4)
      .map(([name], at) => step(`r${at}`, 'remove-service', `claude-team_${name}`, name, 'the stack is removed')),
  });
  return [
    { name: 'team-up-none', world: using({}), acts: services, shows: 'has no services of its own yet' },
    { name: 'team-up-options', world: using({}), acts: setUp, shows: 'Nothing below has to be filled in' },
    {
      name: 'team-up-options-mistake',
      world: using({}),
      acts: [
        ...setUp,
        {
          fill: [
            'Git repository of the team’s configuration (optional)',
            'https://anna:hunter2@git.falcon.test/claude.git',
          ],
        },
        { fill: ['Names of the servers (optional)', '10.77.0.2'] },
        button('Show the plan'),
      ],
      shows: 'It holds a password',
    },
    { name: 'team-up-plan', world: using({}), acts: toPlan, shows: 'the gateways’ certificate' },
    {
      name: 'team-up-no-keychain',
      world: using({ 'teamStack.plan': { output: { ...firstPlan, trouble: noKeychain } } }),
      acts: toPlan,
      shows: 'cannot be kept on this machine',
    },
    {
      name: 'team-up-no-server',
      world: using({ 'teamStack.plan': { error: noServer } }),
      acts: toPlan,
      shows: 'There is no plan',
    },
    {
      name: 'team-up-building',
      world: running({ phase: 'building', team: 'Falcon', since: ago(76), operation: building.id }, [building]),
      acts: services,
      shows: 'The services are on their way',
    },
    {
      name: 'team-up-failed',
      world: running({ phase: 'failed', team: 'Falcon', error: noImage }, [failedBuild]),
      acts: services,
      shows: 'could not be brought up',
    },
    {
      name: 'team-up-done',
      world: running({ phase: 'done', team: 'Falcon', addresses: [...firstPlan.addresses] }, [], deployed),
      acts: overview,
      shows: 'Falcon’s services are up',
    },
    {
      name: 'team-up-not-let-in',
      world: using({ swarm: deployed.swarm }),
      acts: services,
      shows: 'this machine is not linked to them',
    },
    {
      name: 'team-update',
      world: using({ ...deployed, 'teamStack.plan': { output: update } }),
      acts: inMenu('Update the services…'),
      shows: 'falcon-2 has another one',
    },
    {
      name: 'team-update-nothing',
      world: using({ ...deployed, 'teamStack.plan': { output: nothing } }),
      acts: inMenu('Update the services…'),
      shows: 'Nothing to do',
    },
    {
      name: 'team-down',
      world: using({
        ...deployed,
        'swarm.plan': { output: takeDown },
        'teamStack.look': { output: { team: 'Falcon', options, only: ['password of the database'] } },
      }),
      acts: inMenu('Take the services down…'),
      shows: 'claude-team_postgres-data',
    },
  ];
}
