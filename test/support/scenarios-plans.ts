import type { AppError, Diagnostic } from '../../preload/contract/errors.ts';
import type { CheckResult, Operation, Plan, PlanStep, StepProgress } from '../../preload/contract/model.ts';
import { ago, localId, shopId } from './scenarios-data.ts';

/* Plans, operations, diagnostics and checks for the screenshots. */

export const step = (
  id: string,
  kind: PlanStep['kind'],
  target: string,
  service: string,
  cause: string,
  change: Partial<PlanStep> = {},
): PlanStep => ({ id, kind, target, service, cause, destructive: false, after: [], ...change });

export const plan = (change: Partial<Plan> & Pick<Plan, 'stack' | 'action' | 'steps' | 'command'>): Plan => ({
  fingerprint: 'f'.repeat(64),
  losses: [],
  conflicts: [],
  problems: [],
  warnings: [],
  ...change,
});

const firstUpSteps: readonly PlanStep[] = [
  step('1', 'build-image', 'localhost/claude-env/mcp-bundle:0.1.0', 'mcp-bundle', 'the image does not exist'),
  step('2', 'build-image', 'localhost/claude-env/devcontainer:0.1.0', 'claude-env', 'the image does not exist'),
  step('3', 'create-network', 'claude-env-local_claude-local', '', 'the file defines it'),
  step('4', 'create-volume', 'claude-env-local_claude-config', '', 'the file defines it'),
  step('5', 'create-container', 'mcp-servers-local', 'mcp-bundle', 'the service has no container'),
  step('6', 'start-container', 'mcp-servers-local', 'mcp-bundle', 'it was created'),
  step('7', 'wait-healthy', 'mcp-servers-local', 'mcp-bundle', 'claude-env depends on it'),
  step('8', 'create-container', 'claude-env-local', 'claude-env', 'the service has no container'),
  step('9', 'start-container', 'claude-env-local', 'claude-env', 'it was created'),
  step('10', 'run-hook', 'claude-env init --mode=local', 'claude-env', 'post_start of claude-env'),
];

export const redeployPlan = plan({
  stack: localId,
  action: 'up',
  command: 'claude-env up',
  steps: [
    step('1', 'build-image', 'localhost/claude-env/devcontainer:0.1.0', 'claude-env', 'its build context changed'),
    step('2', 'create-container', '4b1c8e0f2a7d_claude-env-local', 'claude-env', 'image changed, port 3010 added'),
    step('3', 'stop-container', 'claude-env-local', 'claude-env', 'it is replaced'),
    step('4', 'remove-container', 'claude-env-local', 'claude-env', 'it is replaced'),
    step('5', 'rename-container', 'claude-env-local', 'claude-env', 'it takes the name of the old one'),
    step('6', 'start-container', 'claude-env-local', 'claude-env', 'it was created'),
    step('7', 'run-hook', 'claude-env init --mode=local', 'claude-env', 'post_start of claude-env'),
  ],
});

/** A project that takes values from the keychain: one it always had, one it asks for now, and two that nobody has. */
const credentialSteps: readonly PlanStep[] = [
  step('1', 'create-container', '4b1c8e0f2a7d_webshop-api-1', 'api', 'DB_PASSWORD changed in the keychain'),
  step('2', 'stop-container', 'webshop-api-1', 'api', 'it is replaced'),
  step('3', 'remove-container', 'webshop-api-1', 'api', 'it is replaced'),
  step('4', 'start-container', 'webshop-api-1', 'api', 'it was created'),
];
export const credentialsPlan = plan({
  stack: shopId,
  action: 'up',
  command: 'claude-env up -f ~/code/webshop/compose.yaml',
  steps: [...credentialSteps],
  credentials: [
    { name: 'ANTHROPIC_API_KEY', source: 'user', services: ['api', 'worker'], agreed: false },
    { name: 'DB_PASSWORD', source: 'project', services: ['api', 'db'], agreed: true },
  ],
});
export const missingValuesPlan = plan({
  ...credentialsPlan,
  credentials: [],
  missing: [
    {
      name: 'DB_PASSWORD',
      required: true,
      message: 'the database asks for it',
      where: { file: '/home/dev/code/webshop/compose.yaml', line: 27, column: 5 },
    },
    { name: 'SMTP_TOKEN', required: false },
  ],
  problems: [
    {
      severity: 'error',
      rule: 'undefined-variable',
      message: 'required variable `DB_PASSWORD` is not set: the database asks for it',
      where: { file: '/home/dev/code/webshop/compose.yaml', line: 27, column: 5 },
    },
  ],
});

export const nothingPlan = plan({ stack: localId, action: 'up', command: 'claude-env up', steps: [] });

export const conflictPlan = plan({
  stack: localId,
  action: 'up',
  command: 'claude-env up',
  steps: [...firstUpSteps],
  conflicts: [
    {
      service: 'mcp-bundle',
      port: { host: 3001, hostIp: '127.0.0.1', container: 3001, protocol: 'tcp' },
      owner: 'container `grafana-1` of project metrics',
      alternative: 3011,
    },
    {
      service: 'claude-env',
      port: { host: 3000, hostIp: '127.0.0.1', container: 3000, protocol: 'tcp' },
      owner: 'process node (pid 4127)',
      alternative: 3012,
    },
  ],
});

export const removePlan = plan({
  stack: shopId,
  action: 'down',
  command: 'claude-env down -f /home/dev/code/webshop/compose.yaml --volumes',
  losses: ['volume webshop_pgdata: 1.4 GB of db, last written 20 s ago', 'volume webshop_uploads: 312 MB of web'],
  steps: [
    ...['web', 'worker', 'api', 'cache', 'db'].flatMap((name, index) => [
      step(`s${index}`, 'stop-container', `webshop-${name}-1`, name, 'the stack is removed'),
      step(`r${index}`, 'remove-container', `webshop-${name}-1`, name, 'the stack is removed'),
    ]),
    step('n', 'remove-network', 'webshop_default', '', 'nothing uses it any more'),
    step('v1', 'remove-volume', 'webshop_pgdata', '', 'volumes were asked for', { destructive: true }),
    step('v2', 'remove-volume', 'webshop_uploads', '', 'volumes were asked for', { destructive: true }),
  ],
});

const file = '/home/dev/code/blog/compose.yaml';
export const blogText = `# The team's blog
services:
  app:
    image: ghcr.io/team/blog:\${BLOG_VERSION:?set the version}
    ports:
      - "80808:80"
    depends_on: [db, mailer]
    networks: [front, backend]
    restrat: unless-stopped

  db:
    image: mariadb:11
    environment:
      MARIADB_DATABASE: blog # created on first start
    depends_on: [app]
    networks: [front]

networks:
  front: {}
`;
/** The same, mended. */
export const blogMendedText = blogText
  .replace('80808', '8080')
  .replace('[db, mailer]', '[db]')
  .replace('[front, backend]', '[front]')
  .replace('restrat', 'restart')
  .replace('    depends_on: [app]\n', '');
const mistake = (line: number, column: number, rule: string, message: string, hint?: string): Diagnostic => ({
  severity: 'error',
  rule,
  message,
  ...(hint === undefined ? {} : { hint }),
  where: { file, line, column },
});
export const blogMistakes: readonly Diagnostic[] = [
  mistake(
    4,
    30,
    'undefined-variable',
    'BLOG_VERSION is required: set the version',
    'Set it in the environment or in .env.',
  ),
  mistake(6, 9, 'invalid-port', '80808 is not a port: ports end at 65535'),
  mistake(7, 22, 'undefined-service', 'depends_on names mailer, which is not a service of this file'),
  mistake(
    8,
    23,
    'undefined-network',
    'backend is not among the networks of this file',
    'Add it under networks, or correct the name.',
  ),
  mistake(9, 5, 'unknown-key', 'restrat is not a key of a service', 'Did you mean restart?'),
  mistake(15, 18, 'dependency-cycle', 'app and db wait for each other'),
];
export const blogFile = file;
export const invalidFile: AppError = {
  code: 'file.invalid',
  message: `${file} has 6 mistakes; nothing was done.`,
  hint: 'Mend them and try again; each names its line.',
  diagnostics: [...blogMistakes],
};

const progress = (id: string, change: Omit<StepProgress, 'step'>): [string, StepProgress] => [
  id,
  { step: id, ...change },
];

export const runningOperation: Operation = {
  id: 'op-build',
  stack: localId,
  action: 'up',
  state: 'running',
  startedAt: ago(74),
  steps: [...firstUpSteps],
  progress: Object.fromEntries([
    progress('1', { state: 'done', startedAt: ago(74), endedAt: ago(22) }),
    progress('2', {
      state: 'running',
      startedAt: ago(74),
      message: 'step 9 of 14: RUN npm ci --ignore-scripts --prefix /opt/claude',
      fraction: 0.62,
    }),
    progress('3', { state: 'done', startedAt: ago(74), endedAt: ago(73) }),
    progress('4', { state: 'done', startedAt: ago(74), endedAt: ago(73) }),
    progress('5', { state: 'done', startedAt: ago(22), endedAt: ago(21) }),
    progress('6', { state: 'done', startedAt: ago(21), endedAt: ago(20) }),
    progress('7', { state: 'running', startedAt: ago(20), message: 'starting: health check 2' }),
  ]),
};

const buildError: AppError = {
  code: 'image.build-failed',
  message: 'Building localhost/claude-env/devcontainer:0.1.0 failed at step 9 of 14: RUN npm ci --ignore-scripts.',
  hint: 'This network re-signs TLS. Name its CA file under Settings, Extra CA certificates, and redeploy.',
  detail: [
    'Step 9/14 : RUN npm ci --ignore-scripts --prefix /opt/claude',
    ' ---> Running in 5e8c1f3b7d20',
    'npm error code SELF_SIGNED_CERT_IN_CHAIN',
    'npm error errno SELF_SIGNED_CERT_IN_CHAIN',
    'npm error request to https://registry.npmjs.org/@anthropic-ai%2fclaude-code failed,',
    'npm error reason: self-signed certificate in certificate chain',
    "The command '/bin/sh -c npm ci --ignore-scripts --prefix /opt/claude' returned a non-zero code: 1",
  ].join('\n'),
};
export const failedOperation: Operation = {
  ...runningOperation,
  id: 'op-failed',
  state: 'failed',
  endedAt: ago(10),
  error: buildError,
  progress: Object.fromEntries([
    ...['1', '3', '4', '5', '6', '7'].map((id) =>
      progress(id, { state: 'done', startedAt: ago(74), endedAt: ago(30) }),
    ),
    progress('2', { state: 'failed', startedAt: ago(74), endedAt: ago(10), error: buildError }),
    ...['8', '9', '10'].map((id) => progress(id, { state: 'skipped' })),
  ]),
};

export const checks: readonly CheckResult[] = [
  {
    id: 'engine',
    title: 'Container engine',
    status: 'ok',
    found: 'Docker Engine 28.2.2 (API 1.50) at unix:///var/run/docker.sock',
  },
  { id: 'api', title: 'API version', status: 'ok', found: '1.50, between 1.41 and 1.51' },
  { id: 'builder', title: 'Image builds', status: 'ok', found: 'A build of one line worked in 0.4 s' },
  {
    id: 'hub',
    title: 'Docker Hub',
    status: 'warning',
    found: 'registry-1.docker.io did not answer within 5 s',
    nextStep: 'Name a base image that this machine has under Settings, or set a proxy there.',
  },
  {
    id: 'ports',
    title: 'Ports 3000-3010',
    status: 'problem',
    found: '3000 is held by process node (pid 4127)',
    nextStep: 'End it, or give the environment another port.',
  },
  { id: 'disk', title: 'Disk space', status: 'ok', found: '148 GB free where the engine keeps its data' },
  { id: 'editor', title: 'VS Code', status: 'ok', found: 'code 1.109 with the Dev Containers extension' },
  { id: 'keychain', title: 'Keychain', status: 'skipped', found: 'No session bus, so no keychain is looked for' },
];
