import type { AppInfo } from '../../preload/contract/api.ts';
import type {
  Container,
  Engine,
  Environment,
  LiveState,
  LogLine,
  McpServer,
  PublishedPort,
  Service,
  Settings,
  Stack,
} from '../../preload/contract/model.ts';

/* Entities for the screenshots and the renderer's tests. Everything is relative to one fixed moment. */

/** What scripts/screenshots takes the time to be. */
export const now = Date.parse('2026-03-12T14:30:00Z');
export const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
const hour = 3600;

export const dockerEngine: Engine = {
  id: 'default',
  title: 'Docker',
  address: 'unix:///var/run/docker.sock',
  source: 'the default socket /var/run/docker.sock',
  preferred: true,
  local: true,
  state: {
    kind: 'connected',
    name: 'workstation',
    product: 'Docker Engine',
    version: '28.2.2',
    apiVersion: '1.50',
    os: 'linux',
    arch: 'amd64',
    swarm: 'none',
    since: ago(3 * hour),
  },
};

export const remoteEngine: Engine = {
  id: 'context:build-farm',
  title: 'build-farm',
  address: 'ssh://dev@build-farm.example',
  source: 'context `build-farm` from ~/.docker/config.json',
  preferred: false,
  local: false,
  state: {
    kind: 'connected',
    name: 'build-farm',
    product: 'Docker Engine',
    version: '27.5.1',
    apiVersion: '1.47',
    os: 'linux',
    arch: 'arm64',
    swarm: 'manager',
    since: ago(3 * hour),
  },
};

const hash = (text: string): string => {
  let value = 7;
  for (const char of text) value = (value * 31 + char.charCodeAt(0)) % 4_294_967_291;
  return value.toString(16).padStart(8, '0').repeat(8);
};

const tcp = (host: number, container = host): PublishedPort => ({
  host,
  hostIp: '127.0.0.1',
  container,
  protocol: 'tcp',
});

export function container(engine: string, name: string, change: Partial<Container> = {}): Container {
  return {
    id: `${engine}//${hash(name)}`,
    name,
    number: 1,
    oneOff: false,
    state: 'running',
    health: 'healthy',
    startedAt: ago(3 * hour),
    restarts: 0,
    image: 'debian:bookworm-slim',
    ports: [],
    ...change,
  };
}

export function service(stack: string, name: string, change: Partial<Service> = {}): Service {
  const [engine = '', project = ''] = stack.split('/');
  const state = change.state ?? 'running';
  const health = change.health ?? 'healthy';
  const image = change.image ?? `registry.example/${project}/${name}:1.4`;
  const startedAt = change.startedAt ?? ago(3 * hour);
  return {
    id: `${stack}/${name}`,
    stack,
    name,
    aggregate: 'healthy',
    state,
    health,
    image,
    ...(state === 'running' ? { startedAt } : {}),
    restarts: 0,
    ports: [],
    containers:
      state === 'absent'
        ? []
        : [container(engine, `${project}-${name}-1`, { state, health, image, startedAt, ports: change.ports ?? [] })],
    ...change,
  };
}

function stack(id: string, services: readonly Service[], change: Partial<Stack> = {}): Stack {
  const [engine = '', project = ''] = id.split('/');
  return {
    id,
    engine,
    project,
    title: project,
    kind: 'compose',
    aggregate: 'healthy',
    files: [`/home/dev/code/${project}/compose.yaml`],
    workingDir: `/home/dev/code/${project}`,
    filesFound: true,
    services: services.map((one) => one.id),
    ...change,
  };
}

export function liveOf(
  engines: readonly Engine[],
  stacks: readonly (readonly [Stack, readonly Service[]])[],
): LiveState {
  return {
    engines: Object.fromEntries(engines.map((engine) => [engine.id, engine])),
    stacks: Object.fromEntries(stacks.map(([one]) => [one.id, one])),
    services: Object.fromEntries(stacks.flatMap(([, services]) => services.map((one) => [one.id, one]))),
  };
}

export const mcpServers: readonly McpServer[] = [
  {
    server: 'context7',
    url: 'http://127.0.0.1:3001/mcp',
    port: 3001,
    state: 'ready',
    tools: [
      { name: 'resolve-library-id', description: 'Resolves a package name to a Context7-compatible library id.' },
      { name: 'query-docs', description: 'Fetches up-to-date documentation and code examples for a library.' },
    ],
    restarts: 0,
    since: ago(3 * hour),
  },
  {
    server: 'sequential',
    url: 'http://127.0.0.1:3002/mcp',
    port: 3002,
    state: 'ready',
    tools: [{ name: 'sequentialthinking', description: 'Dynamic and reflective problem-solving through thoughts.' }],
    restarts: 1,
    since: ago(40),
  },
  {
    server: 'magic',
    url: 'http://127.0.0.1:3003/mcp',
    port: 3003,
    state: 'needs-setup',
    reason: 'It needs an API key: set TWENTY_FIRST_API_KEY (https://21st.dev/mcp) and redeploy.',
    tools: [],
    restarts: 0,
    since: ago(3 * hour),
  },
  {
    server: 'playwright',
    url: 'http://127.0.0.1:3004/mcp',
    port: 3004,
    state: 'ready',
    tools: [
      { name: 'browser_navigate', description: 'Navigate to a URL' },
      { name: 'browser_snapshot', description: 'Capture accessibility snapshot of the current page' },
      { name: 'browser_click', description: 'Perform click on a web page' },
      { name: 'browser_type', description: 'Type text into editable element' },
    ],
    restarts: 0,
    since: ago(3 * hour),
  },
];

export const localId = 'default/claude-env-local';
const localFile = '/home/dev/.local/share/claude-env/stacks/0.1.0/local/compose.yaml';

export const claudeEnv = service(localId, 'claude-env', {
  image: 'localhost/claude-env/devcontainer:0.1.0',
  ports: [3000, 3005, 3006, 3007, 3008, 3009, 3010].map((port) => tcp(port)),
  containers: [
    container('default', 'claude-env-local', {
      image: 'localhost/claude-env/devcontainer:0.1.0',
      ports: [3000, 3005, 3006, 3007, 3008, 3009, 3010].map((port) => tcp(port)),
    }),
  ],
});
export const mcpBundle = service(localId, 'mcp-bundle', {
  image: 'localhost/claude-env/mcp-bundle:0.1.0',
  ports: [3001, 3002, 3003, 3004].map((port) => tcp(port)),
  mcp: [...mcpServers],
  containers: [
    container('default', 'mcp-servers-local', {
      image: 'localhost/claude-env/mcp-bundle:0.1.0',
      ports: [3001, 3002, 3003, 3004].map((port) => tcp(port)),
    }),
  ],
});
export const localServices = [claudeEnv, mcpBundle] as const;
export const localStack = stack(localId, localServices, {
  title: 'Local',
  kind: 'local',
  files: [localFile],
  workingDir: '/home/dev/.local/share/claude-env/stacks/0.1.0/local',
});

export const shopId = 'default/webshop';
export const shopServices: readonly Service[] = [
  service(shopId, 'web', { image: 'nginx:1.27-alpine', ports: [tcp(8080, 80)], health: 'none' }),
  service(shopId, 'api', {
    aggregate: 'failed',
    state: 'restarting',
    health: 'none',
    image: 'registry.example/webshop/api:2.14.0',
    restarts: 9,
    ports: [],
    reason: 'It ends with code 1 again and again (9 restarts in 4 min): “connect ECONNREFUSED db:5432”.',
    nextStep: 'Its database db is not healthy yet. Look at the logs of db first, then restart api.',
    containers: [
      container('default', 'webshop-api-1', {
        state: 'restarting',
        health: 'none',
        exitCode: 1,
        restarts: 9,
        finishedAt: ago(12),
        image: 'registry.example/webshop/api:2.14.0',
      }),
    ],
  }),
  service(shopId, 'db', {
    aggregate: 'degraded',
    health: 'unhealthy',
    image: 'postgres:15-alpine',
    startedAt: ago(260),
    ports: [tcp(5432)],
    reason: 'Its health check fails: the database refuses connections while it recovers.',
    nextStep: 'Recovery usually ends by itself. If it does not within some minutes, look at its logs.',
    containers: [
      container('default', 'webshop-db-1', {
        health: 'unhealthy',
        startedAt: ago(260),
        image: 'postgres:15-alpine',
        ports: [tcp(5432)],
        healthOutput:
          '/var/run/postgresql:5432 - rejecting connections\npg_isready: the database system is in recovery mode\n',
      }),
    ],
  }),
  service(shopId, 'cache', { image: 'redis:7-alpine', ports: [tcp(6379)] }),
  service(shopId, 'worker', {
    image: 'registry.example/webshop/worker:2.14.0',
    health: 'none',
    containers: [1, 2, 3].map((number) =>
      container('default', `webshop-worker-${number}`, {
        number,
        health: 'none',
        image: 'registry.example/webshop/worker:2.14.0',
      }),
    ),
  }),
  service(shopId, 'migrate', {
    aggregate: 'completed',
    state: 'exited',
    health: 'none',
    image: 'registry.example/webshop/api:2.14.0',
    containers: [
      container('default', 'webshop-migrate-1', { state: 'exited', health: 'none', exitCode: 0, finishedAt: ago(250) }),
    ],
  }),
];
export const shopStack = stack(shopId, shopServices, {
  aggregate: 'failed',
  reason: 'api ends with code 1 again and again; db is not healthy.',
});

const blogId = 'default/blog';
export const blogServices: readonly Service[] = ['app', 'db'].map((name) =>
  service(blogId, name, {
    aggregate: 'stopped',
    state: 'exited',
    health: 'none',
    image: name === 'db' ? 'mariadb:11' : 'ghcr.io/team/blog:5',
    containers: [
      container('default', `blog-${name}-1`, {
        state: 'exited',
        health: 'none',
        exitCode: 0,
        finishedAt: ago(26 * hour),
        image: name === 'db' ? 'mariadb:11' : 'ghcr.io/team/blog:5',
      }),
    ],
  }),
);
export const blogStack = stack(blogId, blogServices, { aggregate: 'stopped' });

const farmId = 'context:build-farm/ci-runners';
export const farmServices: readonly Service[] = [
  service(farmId, 'runner', { image: 'ghcr.io/team/runner:12', health: 'none', ports: [tcp(9000)] }),
  service(farmId, 'registry', { image: 'registry:3', health: 'none', ports: [tcp(5000)] }),
];
export const farmStack = stack(farmId, farmServices, {
  filesFound: false,
  files: ['/srv/ci/compose.yaml'],
});

const everyPort = [3000, 3001, 3002, 3003, 3004, 3005, 3006, 3007, 3008, 3009, 3010];
export const localEnvironment: Environment = {
  name: 'local',
  stack: localId,
  workspace: '/home/dev/code',
  ports: Object.fromEntries(everyPort.map((port) => [`CLAUDE_ENV_PORT_${port}`, port])),
  hostClaude: false,
  dockerSocket: false,
};

export const appInfo: AppInfo = {
  version: '0.1.0',
  host: 'electron',
  platform: 'linux',
  node: '24.21.0',
  suggestedWorkspace: '/home/dev/code',
  capabilities: ['dialogs', 'tray'],
};
export const settings: Settings = { theme: 'system', build: {} };

const esc = String.fromCharCode(27);
const logTexts: readonly (readonly [Service | undefined, 'stdout' | 'stderr', string])[] = [
  [mcpBundle, 'stdout', 'supervisor: 4 servers configured: context7, sequential, magic, playwright'],
  [mcpBundle, 'stdout', 'context7: listening on 0.0.0.0:3001'],
  [mcpBundle, 'stdout', `${esc}[32mcontext7: ready, 2 tools${esc}[0m`],
  [mcpBundle, 'stdout', 'sequential: listening on 0.0.0.0:3002'],
  [mcpBundle, 'stdout', `${esc}[32msequential: ready, 1 tool${esc}[0m`],
  [mcpBundle, 'stderr', `${esc}[33mmagic: needs setup, TWENTY_FIRST_API_KEY is not set${esc}[0m`],
  [claudeEnv, 'stdout', 'claude-env init: mode local'],
  [claudeEnv, 'stdout', 'claude-env init: registering context7 at http://mcp-bundle:3001/mcp'],
  [claudeEnv, 'stdout', 'claude-env init: registering sequential at http://mcp-bundle:3002/mcp'],
  [claudeEnv, 'stdout', `claude-env init: ${esc}[1;32mdone${esc}[0m in 1.8 s`],
  [mcpBundle, 'stdout', 'GET /status 200 3 ms'],
  [claudeEnv, 'stdout', '> vite dev --host 0.0.0.0 --port 3000'],
  [claudeEnv, 'stdout', `  ${esc}[36m➜  Local:   http://localhost:3000/${esc}[0m`],
  [
    claudeEnv,
    'stderr',
    `${esc}[31m[error] src/cart.ts:41:17 Type 'undefined' is not assignable to type 'Price'${esc}[0m`,
  ],
  [claudeEnv, 'stdout', '2 files changed, rebuilt in 84 ms'],
  [mcpBundle, 'stdout', 'sequential: process 57 ended by SIGKILL, starting it again'],
  [mcpBundle, 'stdout', `${esc}[32msequential: ready, 1 tool${esc}[0m`],
];

/** What a crash loop writes. */
const crash = [
  'connecting to db:5432',
  `${esc}[31mError: connect ECONNREFUSED 172.20.0.4:5432${esc}[0m`,
  '    at afterConnect (node:net:1634:16)',
  'exiting with code 1',
];
const crashLines: readonly LogLine[] = Array.from({ length: 12 }, (_, index) => ({
  seq: 1000 + index,
  service: `${shopId}/api`,
  container: 'webshop-api-1',
  stream: index % 4 === 1 || index % 4 === 2 ? 'stderr' : 'stdout',
  at: ago(60 - Math.floor(index / 4) * 20 - (index % 4 === 3 ? 0 : 1)),
  text: crash[index % 4] ?? '',
}));

/** Enough lines to fill any window, in bursts like real ones. */
const localLines: readonly LogLine[] = Array.from({ length: 60 }, (_, index) => {
  const [from = claudeEnv, stream, text] = logTexts[index % logTexts.length] ?? [claudeEnv, 'stdout', ''];
  return {
    seq: index,
    service: from.id,
    container: from.containers[0]?.name ?? '',
    stream: stream ?? 'stdout',
    at: ago((60 - index) * 7),
    text: text ?? '',
  };
});
export const logLines: readonly LogLine[] = [...localLines, ...crashLines];
