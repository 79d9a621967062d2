import { createDispatcher, type DispatcherOptions } from '../../main/rpc/dispatch.ts';
import type { Services } from '../../main/services/services.ts';
import type { Frame, StreamInput } from '../../preload/contract/api.ts';
import { emptyLiveState } from '../../preload/contract/live-state.ts';
import type { ServerMessage } from '../../preload/contract/wire.ts';
import { observedStack } from '../support/builders-swarm.ts';
import { createFakeLog } from '../support/fake-engine-world.ts';
import { plan } from '../support/scenarios-plans.ts';
import { createFakeTeam } from './fake-team.ts';
import { createFakeTeamMember } from './fake-team-member.ts';
import { createFakeTeamServices } from './fake-team-services.ts';
import { createFakeTeamStackRuns } from './fake-team-stack.ts';

type LiveListener = (frame: Frame<'live'>) => void;
type OperationsListener = (frame: Frame<'operations'>) => void;

/** Services whose streams the test drives; every method answers with something that fits the contract. */
function createFakeServices({ setValue = () => undefined }: { readonly setValue?: (value: string) => void } = {}) {
  const live = new Set<LiveListener>();
  const operations = new Set<OperationsListener>();
  const logs: {
    readonly input: StreamInput<'logs'>;
    readonly push: (frame: Frame<'logs'>) => void;
    readonly signal: AbortSignal;
    readonly end: (error?: unknown) => void;
  }[] = [];
  const called: string[] = [];
  const credentials: ((frame: Frame<'credentials'>) => void)[] = [];
  let snapshots = 0;
  const note =
    <T>(name: string, answer: T) =>
    async (): Promise<T> => {
      called.push(name);
      return answer;
    };
  const environment = {
    name: 'local',
    stack: 'e/p',
    workspace: '/w',
    ports: {},
    hostClaude: false,
    dockerSocket: false,
  };
  const unused = () => Promise.reject(new Error('not used'));
  const team = createFakeTeam(called);
  const services: Services = {
    info: note('info', {
      version: '0',
      host: 'web' as const,
      platform: 'linux' as const,
      node: '24',
      suggestedWorkspace: '/w',
      capabilities: [],
    }),
    doctor: note('doctor', []),
    engines: {
      list: () => [],
      onChange: () => () => undefined,
      get: () => {
        throw new Error('not used');
      },
      reach: () => 'e',
      preferred: () => undefined,
      prefer: async () => undefined,
      retry: () => void called.push('retry'),
      close: async () => undefined,
    },
    live: {
      state: () => emptyLiveState,
      ready: async () => undefined,
      subscribe: (listener) => {
        const own: LiveListener = (frame) => listener(frame);
        snapshots += 1;
        own({ kind: 'snapshot', seq: 0, state: emptyLiveState });
        live.add(own);
        return () => void live.delete(own);
      },
    },
    stacks: {
      load: note('load', { stack: 'e/p', project: undefined, diagnostics: [], files: [], variables: new Map() }),
      open: note('open', { stack: 'e/p', project: undefined, diagnostics: [], files: [], variables: new Map() }),
      locate: note('locate', []),
      agree: note('agree', undefined),
      drift: note('drift', { stack: 'e/p', files: [], items: [], warnings: [] }),
      followDrift: note('followDrift', undefined),
      forget: note('forget', undefined),
      files: note('files', { files: [], diagnostics: [] }),
      plan: note('plan', plan({ stack: 'e/p', action: 'up', steps: [], command: 'claude-env up' })),
      run: note('run', { operation: 'o' }),
    },
    swarm: {
      plan: note(
        'swarm.plan',
        plan({ stack: 'e/shop', action: 'scale', steps: [], command: 'claude-env stack scale' }),
      ),
      run: note('swarm.run', { operation: 'o' }),
      look: note('swarm.look', observedStack('shop')),
      list: unused,
      secrets: note('team secrets', [
        { name: 'db', stack: 'shop', setBy: 'anna@laptop', setAt: '2026-11-21T10:00:00.000Z', here: 'team' as const },
      ]),
      team: unused,
      logs: unused,
      tryPorts: note('swarm.tryPorts', { ports: [], findings: [] }),
      backups: { list: note('backups', []), remove: note('backups.remove', undefined) },
    },
    swarmLive: { follow: note('swarmLive', undefined) },
    operations: {
      list: () => [],
      subscribe: (listener) => {
        const own: OperationsListener = (frame) => listener(frame);
        operations.add(own);
        return () => void operations.delete(own);
      },
      cancel: () => void called.push('cancel'),
      dismiss: () => void called.push('dismiss'),
      finished: () => Promise.reject(new Error('not used')),
    },
    logs: (input, push, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => resolve());
        logs.push({ input, push, signal, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
    team,
    teamServices: createFakeTeamServices(called, team),
    teamMember: createFakeTeamMember(called),
    teamStackRuns: createFakeTeamStackRuns(called),
    teamStack: { plan: unused, prepare: unused, keep: unused, readText: unused, there: unused },
    registries: {
      list: note('registries', {
        registries: [
          { registry: 'ghcr.io', title: 'ghcr.io', source: { kind: 'helper' as const, helper: 'pass' }, used: true },
        ],
        problems: ['one could not be asked'],
      }),
      login: note('login', { registry: 'r', title: 'r', source: { kind: 'keychain' as const }, used: true }),
      logout: note('logout', { registry: 'r', removed: true, left: { kind: 'docker-config' as const, file: '/c' } }),
    },
    trust: { list: unused, show: unused, add: unused, remove: unused },
    envImport: {
      propose: note('propose', {
        file: '/x/.env',
        entries: [
          { name: 'A', line: 1, sign: 'name' as const },
          { name: 'B', line: 2, blocked: 'why' },
        ],
        warnings: [],
        undo: ['C'],
      }),
      move: note('move', { file: '/x/.env' }),
      undo: note('undo', { file: '/x/.env', restored: ['A'], left: [{ name: 'B', why: 'why' }] }),
    },
    containers: note('containers', { engine: 'e', project: 'p', containers: [] }),
    exec: note('exec', { exitCode: 0 }),
    credentials: {
      list: async () => [],
      set: async (_key, value) => setValue(value),
      remove: note('remove', true),
      reveal: note('reveal', 'value'),
      lookAgain: note('lookAgain', undefined),
      trouble: note('trouble', undefined),
      follow: (push, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve());
          credentials.push(push);
        }),
    },
    environments: {
      list: note('environments', [environment]),
      save: note('save', environment),
      remove: note('remove', undefined),
    },
    editorLink: note('editor', { uri: 'vscode://x', command: 'code' }),
    settings: {
      get: note('settings', { theme: 'system' as const, build: {} }),
      set: note('set', { theme: 'system' as const, build: {} }),
    },
    close: async () => undefined,
  };
  return {
    services,
    called,
    logs,
    credentials,
    live,
    operations,
    snapshots: () => snapshots,
    emitLive: (frame: Frame<'live'>) => {
      for (const listener of [...live]) listener(frame);
    },
    emitOperations: (frame: Frame<'operations'>) => {
      for (const listener of [...operations]) listener(frame);
    },
  };
}

export function connect(options: Partial<DispatcherOptions> = {}, ways: Parameters<typeof createFakeServices>[0] = {}) {
  const fake = createFakeServices(ways);
  const { log, lines } = createFakeLog();
  const dispatcher = createDispatcher({ services: fake.services, log, ...options });
  const sent: ServerMessage[] = [];
  let buffered = 0;
  const connection = dispatcher.connect((message) => sent.push(message), { buffered: () => buffered });
  return {
    ...fake,
    dispatcher,
    connection,
    sent,
    lines,
    fill: (bytes: number) => {
      buffered = bytes;
    },
    frames: (id: number) =>
      sent.flatMap((message) => (message.t === 'frame' && message.id === id ? [message.frame] : [])),
    ask: async (method: string, input: unknown, id = 1): Promise<ServerMessage | undefined> => {
      connection.receive({ t: 'call', id, method, input });
      await new Promise<void>((resolve) => setImmediate(resolve));
      return sent.find((message) => 'id' in message && message.id === id);
    },
  };
}
