import { AppFailure } from '../../main/core/app-failure.ts';
import type { Details } from '../../main/core/plan/drift.ts';
import { label } from '../../main/core/plan/labels.ts';
import type { Observed, ObservedContainer, Step } from '../../main/core/plan/plan.ts';
import type { EngineFacts, RegistryAnswer } from '../../main/core/plan/preflight.ts';
import type { EngineSignal, SeenContainer } from '../../main/core/seen.ts';
import type {
  EngineConnection,
  Engines,
  ExecOptions,
  LogChunk,
  LogOptions,
  StepContext,
} from '../../main/services/ports.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Engine, EngineState } from '../../preload/contract/model.ts';
import { observed as nothingThere } from './builders.ts';
import { realEngineOnly } from './fake-conversations.ts';

/*
 * An engine in memory: it has containers, says events, can be lost, and carries a plan's steps out on its own state, so
 * that plan → run → plan again is tried without Docker. Faults are put in with `fail` and `onExecute`.
 */

const connected: EngineState = {
  kind: 'connected',
  name: 'fake',
  product: 'Docker Engine',
  version: '20.10.24',
  apiVersion: '1.41',
  os: 'linux',
  arch: 'amd64',
  swarm: 'none',
  since: '2026-01-01T00:00:00.000Z',
};
const lostError: AppError = { code: 'engine.unreachable', message: 'The engine does not answer.', retry: true };

export interface FakeLogReader {
  readonly container: string;
  readonly options: LogOptions;
  readonly write: (chunk: LogChunk) => void;
  readonly end: (error?: unknown) => void;
}
export interface FakeExec {
  readonly container: string;
  readonly options: ExecOptions;
  readonly write: (text: string) => void;
  readonly end: (exitCode: number) => void;
}
type Method = 'listContainers' | 'inspectContainers' | 'observe';

export interface FakeEngine {
  readonly id: string;
  readonly engines: Engines;
  readonly connection: EngineConnection;
  /** What was asked of the engine, in order: `list`, `inspect a,b`, `observe p`, `execute <step>`. */
  readonly calls: string[];
  readonly containers: Map<string, SeenContainer>;
  readonly images: Set<string>;
  readonly takenPorts: Observed['takenPorts'][number][];
  facts: EngineFacts;
  details: Details;
  /** By reference; what is not here, every registry has. */
  readonly registry: Map<string, RegistryAnswer>;
  readonly logReaders: FakeLogReader[];
  readonly execs: FakeExec[];
  /** Creates or changes a container and says the event. */
  readonly put: (container: Partial<SeenContainer> & { readonly name: string }, action?: string) => SeenContainer;
  readonly remove: (name: string) => void;
  readonly event: (action: string, container: SeenContainer) => void;
  readonly gap: () => void;
  readonly lose: (error?: AppError) => void;
  readonly recover: () => void;
  /** The next call of this method rejects. */
  readonly fail: (method: Method, error: unknown) => void;
  /** Replaces what the engine does with a step; call `apply` for the usual. */
  onExecute: (step: Step, context: StepContext, apply: () => void) => Promise<void>;
}

const hexOf = (count: number): string => count.toString(16).padStart(64, '0');

export function createFakeEngine(
  options: { readonly id?: string; readonly state?: EngineState; readonly address?: string } = {},
): FakeEngine {
  const id = options.id ?? 'fake';
  let state: EngineState = options.state ?? connected;
  let made = 0;
  let events = 0;
  const containers = new Map<string, SeenContainer>();
  const networks = new Map<string, Readonly<Record<string, string>>>();
  const volumes = new Map<string, Readonly<Record<string, string>>>();
  const images = new Set<string>();
  const takenPorts: Observed['takenPorts'][number][] = [];
  const calls: string[] = [];
  const logReaders: FakeLogReader[] = [];
  const execs: FakeExec[] = [];
  const faults = new Map<Method, unknown[]>();
  const stateListeners = new Set<(engine: Engine) => void>();
  const watchers = new Set<(signal: EngineSignal) => void>();

  const signal = (one: EngineSignal) => {
    for (const watcher of [...watchers]) watcher(one);
  };
  const find = (nameOrId: string): SeenContainer | undefined =>
    [...containers.values()].find((container) => container.id === nameOrId || container.name === nameOrId);
  const event = (action: string, container: SeenContainer) => {
    events += 1;
    signal({
      kind: 'event',
      event: {
        type: 'container',
        action,
        id: container.id,
        attributes: { name: container.name, ...container.labels },
        timeNano: String(events),
      },
    });
  };
  const put: FakeEngine['put'] = (change, action = 'start') => {
    const before = find(change.id ?? change.name);
    made += before === undefined ? 1 : 0;
    const next: SeenContainer = {
      id: hexOf(made),
      labels: {},
      state: 'running',
      health: 'none',
      oomKilled: false,
      restarts: 0,
      image: 'busybox',
      ports: [],
      startedAt: `2026-01-01T00:00:${String(made % 60).padStart(2, '0')}.000000000Z`,
      ...before,
      ...change,
    };
    containers.set(next.id, next);
    event(action, next);
    return next;
  };
  const toEngine = (): Engine => ({
    id,
    title: id,
    address: options.address ?? `unix:///run/${id}.sock`,
    source: 'test',
    preferred: true,
    local: true,
    state,
  });
  const setState = (next: EngineState) => {
    state = next;
    for (const listener of [...stateListeners]) listener(toEngine());
  };
  const check = (method: Method) => {
    const error = faults.get(method)?.shift();
    if (error !== undefined) throw error;
    if (state.kind === 'unreachable') throw new AppFailure(state.error);
  };

  const observed = (project: string): Observed => ({
    ...nothingThere(),
    containers: [...containers.values()]
      .filter(({ labels }) => labels[label.project] === project)
      .map((container): ObservedContainer => {
        const { labels } = container;
        const hash = labels[label.configHash];
        const image = labels[label.image];
        return {
          id: container.id,
          name: container.name,
          service: labels[label.service] ?? '',
          number: Number(labels[label.containerNumber] ?? 1),
          oneOff: false,
          state: container.state,
          health: container.health,
          ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
          ...(hash === undefined ? {} : { configHash: hash }),
          ...(image === undefined ? {} : { imageLabel: image }),
          imageId: `sha256:${container.image}`,
          dependsOn: labels[label.dependsOn] ?? '',
          labels,
          networks: Object.fromEntries(
            [...networks.keys()].map((name) => [name, { id: `net-${name}`, aliases: [] as string[] }]),
          ),
          mounts: [],
          ports: container.ports,
          hasHealthcheck: container.health !== 'none',
        };
      }),
    networks: Object.fromEntries(
      [...networks].map(([name, labels]) => [name, { id: `net-${name}`, name, labels, ...hashOf(labels) }]),
    ),
    volumes: Object.fromEntries(
      [...volumes].map(([name, labels]) => [name, { name, driver: 'local', labels, ...hashOf(labels) }]),
    ),
    images: Object.fromEntries(
      [...images].map((name) => [
        name,
        { id: `sha256:${name}`, labels: {}, os: 'linux', arch: 'amd64', hasHealthcheck: false, volumes: [] },
      ]),
    ),
    takenPorts,
  });

  const labelsOf = (body: Readonly<Record<string, unknown>>): Record<string, string> =>
    (body.Labels ?? {}) as Record<string, string>;

  const apply = (step: Step): void => {
    switch (step.kind) {
      case 'pull-image':
      case 'build-image':
        images.add(step.image);
        return;
      case 'create-network':
        networks.set(step.name, labelsOf(step.body));
        return;
      case 'remove-network':
        networks.delete(step.name);
        return;
      case 'create-volume':
        volumes.set(step.name, labelsOf(step.body));
        return;
      case 'remove-volume':
        volumes.delete(step.name);
        return;
      case 'create-container':
        put(
          {
            name: step.name,
            state: 'created',
            image: step.image,
            labels: { ...labelsOf(step.body), [label.image]: `sha256:${step.image}` },
          },
          'create',
        );
        return;
      case 'start-container':
      case 'restart-container':
        put({ ...known(step.container), state: 'running' }, 'start');
        return;
      case 'stop-container':
        put({ ...known(step.container), state: 'exited', exitCode: 0 }, 'die');
        return;
      case 'remove-container':
        remove(step.container);
        return;
      case 'rename-container': {
        const container = find(step.container);
        if (container !== undefined) put({ ...container, name: step.to }, 'rename');
        return;
      }
      default:
    }
  };
  const known = (nameOrId: string): SeenContainer => {
    const container = find(nameOrId);
    if (container === undefined)
      throw new AppFailure({ code: 'engine.error', message: `No such container: ${nameOrId}` });
    return container;
  };
  const remove = (name: string): void => {
    const container = find(name);
    if (container === undefined) return;
    containers.delete(container.id);
    event('destroy', container);
  };

  const connection: EngineConnection = {
    id,
    state: () => state,
    listContainers: async () => {
      calls.push('list');
      check('listContainers');
      return [...containers.values()].filter(({ labels }) => label.project in labels);
    },
    inspectContainers: async (ids) => {
      calls.push(`inspect ${ids.length}`);
      check('inspectContainers');
      return ids.flatMap((one) => containers.get(one) ?? []);
    },
    observe: async (project) => {
      calls.push(`observe ${project}`);
      check('observe');
      return observed(project);
    },
    execute: async (step, context) => {
      calls.push(`execute ${step.id}`);
      await fake.onExecute(step, context, () => apply(step));
    },
    ...realEngineOnly,
    details: async () => fake.details,
    facts: async () => fake.facts,
    askRegistry: async (image) => fake.registry.get(image) ?? { kind: 'found', platforms: [] },
    watch: (listener) => {
      watchers.add(listener);
      if (state.kind === 'connected') queueMicrotask(() => watchers.has(listener) && listener({ kind: 'gap' }));
      return () => void watchers.delete(listener);
    },
    logs: (container, logOptions, onChunk, abort) =>
      new Promise((resolve, reject) => {
        const end = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        abort.addEventListener('abort', () => end(new AppFailure({ code: 'cancelled', message: 'cancelled' })));
        logReaders.push({ container, options: logOptions, write: onChunk, end });
      }),
    exec: (container, execOptions) =>
      new Promise((resolve, reject) => {
        execOptions.signal?.addEventListener('abort', () =>
          reject(new AppFailure({ code: 'cancelled', message: 'cancelled' })),
        );
        execs.push({
          container,
          options: execOptions,
          write: (text) => execOptions.onOutput('stdout', new TextEncoder().encode(text)),
          end: (exitCode) => resolve({ exitCode }),
        });
      }),
  };

  const fake: FakeEngine = {
    id,
    connection,
    calls,
    details: { images: new Map(), networks: new Map(), volumes: new Map() },
    facts: { rootDir: '/var/lib/docker', runtimes: ['runc'], hasDevices: false, cpus: 8 },
    registry: new Map(),
    containers,
    images,
    takenPorts,
    logReaders,
    execs,
    put,
    remove,
    event,
    gap: () => signal({ kind: 'gap' }),
    lose: (error = lostError) => setState({ kind: 'unreachable', error, since: '2026-01-01T00:00:00.000Z' }),
    recover: () => {
      setState(connected);
      signal({ kind: 'gap' });
    },
    fail: (method, error) => void faults.set(method, [...(faults.get(method) ?? []), error]),
    onExecute: async (_step, _context, usual) => usual(),
    engines: {
      list: () => [toEngine()],
      onChange: (listener) => {
        stateListeners.add(listener);
        return () => void stateListeners.delete(listener);
      },
      get: (wanted) => {
        if (wanted !== id) {
          throw new AppFailure({ code: 'engine.unreachable', message: `There is no engine “${wanted}” here.` });
        }
        return connection;
      },
      reach: () => id,
      preferred: () => id,
      prefer: async () => undefined,
      retry: () => undefined,
      close: async () => undefined,
    },
  };
  return fake;
}

const hashOf = (labels: Readonly<Record<string, string>>): { configHash?: string } => {
  const hash = labels[label.configHash];
  return hash === undefined ? {} : { configHash: hash };
};

/** Labels of a compose container. */
export const composeLabels = (
  project: string,
  service: string,
  extra: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  [label.project]: project,
  [label.service]: service,
  [label.containerNumber]: '1',
  [label.oneOff]: 'False',
  [label.configHash]: 'x',
  [label.configFiles]: `/srv/${project}/compose.yaml`,
  [label.workingDir]: `/srv/${project}`,
  ...extra,
});
