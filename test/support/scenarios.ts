import type { AppError } from '../../preload/contract/errors.ts';
import type { LiveState, LogLine, Operation } from '../../preload/contract/model.ts';
import { credentialScenarios } from './scenarios-credentials.ts';
import {
  ago,
  appInfo,
  blogServices,
  blogStack,
  claudeEnv,
  dockerEngine,
  farmServices,
  farmStack,
  liveOf,
  localEnvironment,
  localServices,
  localStack,
  logLines,
  mcpBundle,
  remoteEngine,
  settings,
  shopServices,
  shopStack,
} from './scenarios-data.ts';
import { problemPlan, shopDrift, shopFilePath, shopText } from './scenarios-drift.ts';
import {
  blogFile,
  blogMendedText,
  blogMistakes,
  blogText,
  checks,
  conflictPlan,
  credentialsPlan,
  failedOperation,
  missingValuesPlan,
  nothingPlan,
  redeployPlan,
  removePlan,
  runningOperation,
} from './scenarios-plans.ts';
import { teamScenarios } from './scenarios-team.ts';

/** What the page finds behind its bridge. Answers are keyed by method, or by `stacks.plan:<action>`. */
export interface World {
  readonly live: LiveState;
  readonly operations: readonly Operation[];
  readonly answers: Readonly<Record<string, { readonly output: unknown } | { readonly error: AppError }>>;
  readonly lines: readonly LogLine[];
  readonly capabilities: readonly ('dialogs' | 'tray')[];
  /** `bridge`: as in Electron. `no-session`: a browser without a key. `gone`: one with a link that nobody answers. The others: a browser whose socket does that. */
  readonly transport: 'bridge' | 'no-session' | 'gone' | 'session' | 'protocol' | 'dropped';
}
/** What is done on the page before the picture is taken. */
export type Act =
  | { readonly click: readonly [role: 'button' | 'tab' | 'checkbox' | 'menuitem', name: string] }
  | { readonly row: string }
  | { readonly stack: string }
  | { readonly press: string }
  | { readonly fill: readonly [label: string, text: string] };

export interface Scenario {
  readonly name: string;
  readonly world: World;
  readonly acts: readonly Act[];
  /** Text that has to be on the page when it is ready. */
  readonly shows: string;
}

const editor = {
  uri: 'vscode://vscode-remote/attached-container+7b22/workspaces',
  command:
    'code --folder-uri vscode-remote://attached-container+7b22636f6e7461696e65724e616d65223a222f636c617564652d656e76227d/workspaces',
};
const baseAnswers = {
  'app.info': { output: appInfo },
  'settings.get': { output: settings },
  'environments.list': { output: { environments: [localEnvironment] } },
  'app.doctor': { output: { checks } },
  'editor.link': { output: editor },
  'stacks.plan:up': { output: redeployPlan },
  'stacks.plan:down': { output: removePlan },
  'stacks.files': { output: { files: [], diagnostics: [] } },
};
const base: World = {
  live: liveOf(
    [dockerEngine],
    [
      [localStack, localServices],
      [blogStack, blogServices],
      [shopStack, shopServices],
    ],
  ),
  operations: [],
  answers: baseAnswers,
  lines: logLines,
  capabilities: ['dialogs', 'tray'],
  transport: 'bridge',
};
const unreachable = (message: string, hint: string, seconds: number) => ({
  kind: 'unreachable' as const,
  error: { code: 'engine.unreachable' as const, message, hint },
  since: ago(seconds),
});
const withOperation = (operation: Operation, state: 'working' | 'failed', reason: string): World => ({
  ...base,
  live: liveOf(
    [dockerEngine],
    [
      [
        { ...localStack, aggregate: state, reason },
        [
          {
            ...claudeEnv,
            aggregate: state === 'failed' ? 'stopped' : 'working',
            state: 'absent',
            health: 'none',
            reason: state === 'failed' ? 'Its image could not be built.' : 'Its image is being built.',
            containers: [],
            ports: [],
          },
          { ...mcpBundle, startedAt: ago(20) },
        ],
      ],
      [blogStack, blogServices],
    ],
  ),
  operations: [operation],
});
const answered = (answers: World['answers'], world = base): World => ({
  ...world,
  answers: { ...world.answers, ...answers },
});
const noEnvironments = { 'environments.list': { output: { environments: [] } } };
const nothingRuns: World = {
  ...base,
  live: liveOf([dockerEngine], []),
  answers: { ...baseAnswers, ...noEnvironments },
};
const lostEngine = {
  ...dockerEngine,
  state: unreachable(
    'connect ENOENT /var/run/docker.sock: the engine is not running.',
    'Start it, for example with: sudo systemctl start docker',
    95,
  ),
};

const movedFile: World = {
  ...base,
  live: liveOf(
    [dockerEngine],
    [
      [localStack, localServices],
      [{ ...blogStack, filesFound: false }, blogServices],
      [shopStack, shopServices],
    ],
  ),
};

/** One picture each, in both themes and both sizes; the name is the file's. */
export const scenarios: readonly Scenario[] = [
  { name: 'services', world: base, acts: [{ row: 'mcp-bundle' }], shows: 'context7' },
  {
    name: 'services-mcp-tools',
    world: base,
    acts: [{ row: 'mcp-bundle' }, { click: ['button', '2 tools'] }],
    shows: 'resolve-library-id',
  },
  { name: 'service-failed', world: base, acts: [{ stack: 'webshop' }], shows: 'ends with code 1' },
  {
    name: 'service-unhealthy',
    world: base,
    acts: [{ stack: 'webshop' }, { row: 'db' }],
    shows: 'Last failing health check',
  },
  { name: 'stack-stopped', world: base, acts: [{ stack: 'blog' }], shows: 'stopped' },
  { name: 'logs', world: base, acts: [{ click: ['tab', 'Logs'] }], shows: 'rebuilt in 84 ms' },
  {
    name: 'logs-filtered',
    world: base,
    acts: [{ click: ['tab', 'Logs'] }, { click: ['button', 'mcp-bundle'] }, { fill: ['Filter lines', 'ready'] }],
    shows: 'sequential: ready',
  },
  { name: 'plan', world: base, acts: [{ click: ['tab', 'Plan'] }], shows: 'its build context changed' },
  {
    name: 'plan-nothing-to-do',
    world: answered({ 'stacks.plan:up': { output: nothingPlan } }),
    acts: [{ click: ['tab', 'Plan'] }],
    shows: 'What runs is what the file says',
  },
  {
    name: 'plan-port-taken',
    world: answered({ 'stacks.plan:up': { output: conflictPlan } }),
    acts: [{ click: ['tab', 'Plan'] }],
    shows: 'grafana-1',
  },
  {
    name: 'plan-problems',
    world: answered({
      'stacks.plan:up': { output: problemPlan },
      'stacks.files': { output: { files: [{ path: shopFilePath, text: shopText }], diagnostics: [] } },
    }),
    acts: [{ stack: 'webshop' }, { click: ['tab', 'Plan'] }],
    shows: '3 things stand in the way',
  },
  {
    name: 'plan-credentials',
    world: answered({ 'stacks.plan:up': { output: credentialsPlan } }),
    acts: [{ stack: 'webshop' }, { click: ['tab', 'Plan'] }],
    shows: 'for the first time',
  },
  {
    name: 'plan-missing-values',
    world: answered({
      'stacks.plan:up': { output: missingValuesPlan },
      'stacks.files': { output: { files: [{ path: shopFilePath, text: shopText }], diagnostics: [] } },
    }),
    acts: [{ stack: 'webshop' }, { click: ['tab', 'Plan'] }],
    shows: '2 values are missing',
  },
  {
    name: 'plan-problem-in-file',
    world: answered({
      'stacks.plan:up': { output: problemPlan },
      'stacks.files': { output: { files: [{ path: shopFilePath, text: shopText }], diagnostics: [] } },
    }),
    acts: [{ stack: 'webshop' }, { click: ['tab', 'Plan'] }, { click: ['button', 'compose.yaml:27:5'] }],
    shows: './session_key',
  },
  {
    name: 'drift',
    world: answered({ drift: { output: shopDrift } }),
    acts: [{ stack: 'webshop' }, { click: ['tab', 'File drift'] }],
    shows: '9 differences',
  },
  {
    name: 'drift-none',
    world: answered({ drift: { output: { ...shopDrift, items: [] } } }),
    acts: [{ stack: 'webshop' }, { click: ['tab', 'File drift'] }],
    shows: 'What is there is what the file says',
  },
  {
    name: 'file-moved',
    world: movedFile,
    acts: [{ stack: 'blog' }, { click: ['tab', 'File drift'] }],
    shows: 'Its compose file is not there',
  },
  {
    name: 'file-moved-locate',
    world: movedFile,
    acts: [{ stack: 'blog' }, { click: ['tab', 'Compose file'] }, { click: ['button', 'Where is it now?…'] }],
    shows: 'Use this file',
  },
  {
    name: 'plan-remove',
    world: base,
    acts: [
      { stack: 'webshop' },
      { click: ['tab', 'Plan'] },
      { click: ['button', 'Remove'] },
      { click: ['checkbox', 'Also remove volumes'] },
    ],
    shows: 'webshop_pgdata',
  },
  {
    name: 'operation-running',
    world: withOperation(runningOperation, 'working', 'Images are being built.'),
    acts: [],
    shows: 'Cancel',
  },
  {
    name: 'build-failed',
    world: withOperation(failedOperation, 'failed', 'The image of claude-env could not be built.'),
    acts: [],
    shows: 'SELF_SIGNED_CERT_IN_CHAIN',
  },
  {
    name: 'compose-file',
    world: answered({
      'stacks.files': {
        output: { files: [{ path: blogFile, text: blogMendedText }], diagnostics: [] },
      },
    }),
    acts: [{ stack: 'blog' }, { click: ['tab', 'Compose file'] }],
    shows: 'MARIADB_DATABASE',
  },
  {
    name: 'compose-file-invalid',
    world: answered({
      'stacks.files': { output: { files: [{ path: blogFile, text: blogText }], diagnostics: [...blogMistakes] } },
    }),
    acts: [{ stack: 'blog' }, { click: ['tab', 'Compose file'] }],
    shows: '6 mistakes',
  },
  { name: 'first-run', world: nothingRuns, acts: [], shows: 'Set up your local environment' },
  {
    name: 'environment-consent',
    world: base,
    acts: [
      { click: ['button', 'Add a stack'] },
      { click: ['menuitem', 'New local environment…'] },
      { click: ['checkbox', 'This machine’s Docker socket'] },
    ],
    shows: 'Type docker-socket to give it',
  },
  {
    name: 'no-engine',
    world: { ...base, live: liveOf([], []) },
    acts: [],
    shows: 'No container engine was found',
  },
  {
    name: 'engine-unreachable',
    world: {
      ...base,
      live: liveOf(
        [
          lostEngine,
          {
            ...remoteEngine,
            state: unreachable(
              'ssh: connect to host build-farm.example port 22: Connection timed out',
              'Check that the machine is on and that `ssh dev@build-farm.example` works in a terminal.',
              95,
            ),
          },
        ],
        [],
      ),
    },
    acts: [],
    shows: 'Connection timed out',
  },
  {
    name: 'engine-lost',
    world: { ...base, live: { ...base.live, engines: { default: lostEngine } } },
    acts: [{ stack: 'claude-env-local' }],
    shows: 'has not answered for',
  },
  {
    name: 'several-engines',
    world: {
      ...base,
      live: liveOf(
        [dockerEngine, remoteEngine],
        [
          [localStack, localServices],
          [shopStack, shopServices],
          [farmStack, farmServices],
        ],
      ),
    },
    acts: [{ stack: 'ci-runners' }],
    shows: 'not on your localhost',
  },
  {
    name: 'menu',
    world: base,
    acts: [{ stack: 'claude-env-local' }, { click: ['button', 'More actions'] }],
    shows: 'Take off the list…',
  },
  {
    name: 'engine-details',
    world: base,
    acts: [{ click: ['button', 'Docker: Docker Engine 28.2.2'] }],
    shows: 'Chosen by',
  },
  ...teamScenarios(base),
  ...credentialScenarios(base),
  { name: 'doctor', world: base, acts: [{ click: ['button', 'Doctor'] }], shows: 'Docker Hub' },
  { name: 'settings', world: base, acts: [{ click: ['button', 'Settings'] }], shows: 'Extra CA certificates' },
  { name: 'palette', world: base, acts: [{ press: 'Control+k' }], shows: 'Stop Local' },
  { name: 'keys', world: base, acts: [{ press: '?' }], shows: 'Keyboard shortcuts' },
  {
    name: 'open-file',
    world: base,
    acts: [{ click: ['button', 'Add a stack'] }, { click: ['menuitem', 'Open a compose file…'] }],
    shows: 'Project name',
  },
  {
    name: 'session-missing',
    world: { ...base, transport: 'no-session' },
    acts: [],
    shows: 'This page needs its link',
  },
  { name: 'host-gone', world: { ...base, transport: 'gone' }, acts: [], shows: 'claude-env does not answer' },
  { name: 'session-over', world: { ...base, transport: 'session' }, acts: [], shows: 'This session is over' },
  { name: 'protocol-mismatch', world: { ...base, transport: 'protocol' }, acts: [], shows: 'different versions' },
  {
    name: 'connection-lost',
    world: { ...base, transport: 'dropped', capabilities: [] },
    acts: [],
    shows: 'last known state',
  },
];
