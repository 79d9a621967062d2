import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Build } from '../../main/core/compose/project.ts';
import type { Step } from '../../main/core/plan/plan.ts';
import { createEngines } from '../../main/docker/engines.ts';
import { type Host, nodeHost } from '../../main/docker/host.ts';
import { createClock } from '../../main/platform/clock.ts';
import type { EngineConnection, Engines, StepContext, StepReport } from '../../main/services/ports.ts';
import { type TestEngine, testEngine } from '../support/engine.ts';

/** The product's own adapter on the tests' engine, and a small image that it built. */
export interface Bench {
  readonly engine: TestEngine;
  readonly engines: Engines;
  readonly connection: EngineConnection;
  /** Scratch with a static busybox: `sh`, `sleep`, `nc`, … */
  readonly image: string;
  readonly run: (step: LooseStep, context?: Partial<StepContext>) => Promise<void>;
  /** Creates and starts a container with this shell line; gives its name. */
  readonly start: (line: string, body?: Readonly<Record<string, unknown>>) => Promise<string>;
  readonly close: () => Promise<void>;
}

type Loose<S> = S extends Step ? Omit<S, 'id' | 'target' | 'cause' | 'destructive' | 'after'> : never;
export type LooseStep = Loose<Step>;

/** A machine that knows the tests' engine and nothing else of its surroundings. */
export const hostFor = (address: string, env: Readonly<Record<string, string>> = {}): Host => ({
  ...nodeHost(),
  home: '/nonexistent',
  env: { DOCKER_HOST: address, PATH: process.env.PATH, ...env },
});

export const toStep = (step: LooseStep): Step =>
  ({ id: step.kind, target: 'test', cause: 'test', destructive: false, after: [], ...step }) as Step;

export const toContext = (context: Partial<StepContext> = {}): StepContext => ({
  signal: new AbortController().signal,
  report: () => {},
  build: { args: {} },
  secrets: { has: async () => false, lookup: async () => undefined },
  ...context,
});

/** Resolves at the first report that fits: an event to wait for instead of a sleep. */
export function reporter(): {
  readonly reports: StepReport[];
  readonly report: (progress: StepReport) => void;
  readonly seen: (pattern: RegExp) => Promise<StepReport>;
} {
  const reports: StepReport[] = [];
  const waiting: { pattern: RegExp; resolve: (report: StepReport) => void }[] = [];
  const fits = (report: StepReport, pattern: RegExp) => pattern.test(report.message ?? '');
  return {
    reports,
    report: (progress) => {
      reports.push(progress);
      for (const { pattern, resolve } of waiting) if (fits(progress, pattern)) resolve(progress);
    },
    seen: (pattern) => {
      const before = reports.find((report) => fits(report, pattern));
      return before ? Promise.resolve(before) : new Promise((resolve) => waiting.push({ pattern, resolve }));
    },
  };
}

/** A folder with files, gone at the end of the test file. */
export async function folder(
  files: Readonly<Record<string, string>>,
): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'claude-env-docker-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Resolves when it is connected; rejects when it turns out unreachable. */
export const connected = (engines: Engines, id: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = () => {
      const state = engines.get(id).state();
      if (state.kind === 'unreachable') reject(new Error(state.error.message));
      if (state.kind !== 'connecting') resolve();
    };
    engines.onChange(look);
    look();
  });

/** `env`: what the machine's environment has besides. */
export async function openBench(env: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const engine = testEngine();
  const engines = await createEngines({ clock: createClock(), host: hostFor(engine.address, env) });
  await connected(engines, 'env');
  const connection = engines.get('env');
  const image = `${engine.uniqueName('busybox')}:latest`;
  const context = await folder({
    Dockerfile:
      'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nENV PATH=/bin\n',
  });
  await copyFile('/bin/busybox', join(context.path, 'busybox'));
  const run: Bench['run'] = (step, given) => connection.execute(toStep(step), toContext(given));
  const build: Build = { context: context.path };
  await run({ kind: 'build-image', image, build, noCache: false, pull: false, labels: {} });
  await context.remove();

  return {
    engine,
    engines,
    connection,
    image,
    run,
    start: async (line, body = {}) => {
      const name = engine.uniqueName('c');
      const create = { Image: image, Cmd: ['sh', '-c', line], StopTimeout: 1, ...body };
      await run({ kind: 'create-container', name, image, body: create, connect: [] });
      await run({ kind: 'start-container', container: name });
      return name;
    },
    close: async () => {
      await engine.cleanUp();
      await engines.close();
    },
  };
}
