import { createRedactor, noRedactor } from '../../main/core/redact.ts';
import { certificates } from '../../main/platform/certificates.ts';
import { createServices } from '../../main/services/index.ts';
import type { BackupStore } from '../../main/services/ports.ts';
import { createRegistries } from '../../main/services/registries.ts';
import { combineEngines } from '../support/combine-engines.ts';
import { createFakeEngine, type FakeEngine } from '../support/fake-engine.ts';
import {
  createFakeBackups,
  createFakeClock,
  createFakeDockerLogins,
  createFakeFiles,
  createFakeIds,
  createFakeKeychain,
  createFakeLog,
  createFakeState,
  createFakeSwarmValues,
} from '../support/fake-engine-world.ts';
import { createFakeNetwork, noSwarmFiles } from '../support/fake-network.ts';
import { nobodyThere } from '../support/fake-team-link.ts';

export const localStack = `
name: claude-env-\${CLAUDE_ENV_NAME:-local}
services:
  claude-env:
    image: dev
    ports:
      - 127.0.0.1:\${CLAUDE_ENV_PORT_3000:-3000}:3000
    volumes:
      - type: bind
        source: \${CLAUDE_ENV_WORKSPACE:?set it to the folder with your code}
        target: /workspaces
  mcp-bundle:
    image: mcp
    environment:
      BASE: \${CLAUDE_ENV_BASE:-debian}
    ports:
      - 127.0.0.1:\${CLAUDE_ENV_PORT_3001:-3001}:3001
    labels:
      io.claude-env.mcp: "true"
`;
const overrides = {
  '/app/stacks/local/compose.host-claude.yaml':
    'services: {claude-env: {environment: {HOST_CLAUDE: $CLAUDE_ENV_HOST_CLAUDE}}}',
  '/app/stacks/local/compose.docker-socket.yaml':
    'services: {claude-env: {environment: {SOCKET: $CLAUDE_ENV_DOCKER_SOCKET}}}',
};

export interface WorldOptions {
  readonly texts?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly documents?: Readonly<Record<string, unknown>>;
  readonly backups?: BackupStore;
  readonly prepare?: (engine: FakeEngine) => void;
  /** Beside the one that `prepare` gets; that one stays the preferred. */
  readonly others?: readonly FakeEngine[];
}

/** The whole product over an engine in memory. */
export function createWorld(options: WorldOptions = {}) {
  const engine = createFakeEngine();
  for (const image of ['web:1', 'db:1', 'dev', 'mcp']) engine.images.add(image);
  options.prepare?.(engine);
  const clock = createFakeClock();
  const { log, lines } = createFakeLog();
  const state = createFakeState(options.documents);
  const files = createFakeFiles(
    { '/app/stacks/local/compose.yaml': localStack, ...overrides, ...options.texts },
    {
      folders: ['/home/dev', '/home/dev/code', '/home/dev/.claude', '/code', '/code/two'],
      ...(options.environment === undefined ? {} : { environment: options.environment }),
    },
  );
  const keychain = createFakeKeychain();
  const services = createServices({
    program: 'claude-env',
    engines: options.others === undefined ? engine.engines : combineEngines([engine, ...options.others], engine.id),
    files,
    state,
    clock,
    ids: createFakeIds(),
    resources: {
      localStack: async () => ({ directory: '/app/stacks/local', files: ['/app/stacks/local/compose.yaml'] }),
      teamStack: async () => '/app/stacks/team',
    },
    network: createFakeNetwork(),
    teamLink: nobodyThere,
    swarmFiles: noSwarmFiles,
    machine: { findProgram: async () => undefined, freeBytes: async () => 1e12, stateFolder: () => '/state' },
    log,
    keychain,
    redactor: createRedactor(),
    programs: { find: async () => undefined, run: async () => ({ kind: 'not-started', reason: 'not here' }) },
    changes: { replace: async (path, { to }) => void files.texts.set(path, to) },
    swarmValues: createFakeSwarmValues(),
    certificates,
    backupStore: options.backups ?? createFakeBackups(),
    registries: createRegistries({
      keychain,
      state,
      clock,
      log,
      docker: createFakeDockerLogins(),
      redactor: noRedactor,
    }),
    app: { version: '0.0.0', host: 'cli', node: '24', capabilities: [] },
  });
  /** Time has to pass for the first look; a test that waits for the services would wait for ever. */
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const ended = work.finally(() => {
      over = true;
    });
    ended.catch(() => undefined);
    for (let turn = 0; turn < 200 && !over; turn += 1) await clock.advance(50);
    return ended;
  };
  return { engine, clock, state, files, services, lines, keychain, during };
}
