import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type App, createApp } from '../../main/hosts/shared/create-app.ts';
import type { ActionOptions } from '../../preload/contract/api.ts';
import { splitId } from '../../preload/contract/ids.ts';
import type { Plan, PlanAction, Stack } from '../../preload/contract/model.ts';
import { type TestEngine, testEngine } from '../support/engine.ts';
import type { Project } from './projects/project.ts';

/** Paths of the programs to get on with; undefined where scripts/setup/peers.mjs could not get them. */
export const peers = {
  compose: process.env.CLAUDE_ENV_PEER_COMPOSE,
  compose1: process.env.CLAUDE_ENV_PEER_COMPOSE1,
} as const;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project on disk, under a name that nobody else has. */
export interface Place {
  /** The name that both give it on the engine. */
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly project: Project;
}

export interface Listed {
  readonly files: readonly string[];
  readonly services: readonly string[];
}

export interface Stand {
  readonly engine: TestEngine;
  /** Scratch with a static busybox. */
  readonly image: string;
  readonly put: (project: Project) => Promise<Place>;
  readonly plan: (place: Place, action: PlanAction, options?: ActionOptions) => Promise<Plan>;
  /** What differs between the files and the engine, a line each. */
  readonly drift: (place: Place) => Promise<readonly string[]>;
  /** Plans and runs; rejects unless all of it was done. */
  readonly ours: (place: Place, action: PlanAction, options?: ActionOptions) => Promise<void>;
  /** How ours lists it; undefined when it does not. */
  readonly listed: (place: Place) => Promise<Listed | undefined>;
  /** A command of docker compose; `program` is 2.40.3 unless given. */
  readonly try: (place: Place, words: readonly string[], program?: string) => Promise<Finished>;
  /** The same; rejects unless it ended with 0. */
  readonly theirs: (place: Place, words: readonly string[], program?: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

const dockerfile =
  'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nENV PATH=/bin\n';

/** Both on one engine: ours in this process as a host has it, theirs as the program that users start. */
export async function createStand(): Promise<Stand> {
  const engine = testEngine();
  const root = await mkdtemp(join(tmpdir(), 'claude-env-interop-'));
  await Promise.all([mkdir(join(root, 'home')), mkdir(join(root, 'state'), { mode: 0o700 })]);
  Object.assign(process.env, {
    DOCKER_HOST: engine.address,
    DOCKER_CONFIG: join(root, 'home', '.docker'),
    CLAUDE_ENV_STATE: join(root, 'state'),
    CLAUDE_ENV_ENGINES: 'named',
  });
  const image = `${engine.uniqueName('busybox')}:latest`;
  const app = await createApp({ host: 'web', version: 'interop' });
  await app.services.live.ready();

  const target = ({ name, files, folder, project }: Place) => ({
    files,
    ...(project.nameFromFolder !== true ? { project: name } : {}),
    ...(project.profiles === undefined ? {} : { profiles: project.profiles }),
    ...(project.envFiles === undefined ? {} : { envFiles: project.envFiles.map((file) => join(folder, file)) }),
  });
  const attempt: Stand['try'] = (place, words, program = peers.compose) =>
    new Promise((resolve, reject) => {
      if (program === undefined) throw new Error('There is no such program here.');
      const args = [...flags(place), ...words];
      const env = {
        PATH: process.env.PATH,
        HOME: join(root, 'home'),
        DOCKER_HOST: engine.address,
        DOCKER_CONFIG: join(root, 'home', '.docker'),
        DOCKER_BUILDKIT: '0',
      };
      const options = { cwd: place.folder, env, timeout: 90_000, maxBuffer: 64 * 1024 * 1024 };
      execFile(program, args, options, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      });
    });

  const stand: Stand = {
    engine,
    image,
    put: async (project) => {
      const unique = engine.uniqueName(project.name);
      const folder = join(root, project.nameFromFolder === true ? `${unique.toUpperCase()}.App (2)` : unique);
      const name = project.nameFromFolder === true ? `${unique}app2` : unique;
      for (const [path, text] of Object.entries(project.files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text.replaceAll('IMAGE', image).replaceAll('PROJECT', name));
      }
      return { name, folder, files: (project.use ?? ['compose.yaml']).map((file) => join(folder, file)), project };
    },
    plan: (place, action, options = {}) => app.services.stacks.plan(target(place), action, options),
    drift: async (place) => {
      const { items } = await app.services.stacks.drift(target(place), []);
      return items.map(({ name, key, change, file, engine }) => `${name} ${key} ${change}: ${file} | ${engine}`);
    },
    ours: async (place, action, options = {}) => {
      const plan = await stand.plan(place, action, options);
      const refused = [...plan.problems.map(({ message }) => message), ...plan.conflicts.map(({ owner }) => owner)];
      if (refused.length > 0) throw new Error(`${action} of ${place.name} is refused: ${refused.join('; ')}`);
      const { operation } = await app.services.stacks.run(target(place), action, {
        ...options,
        fingerprint: plan.fingerprint,
      });
      const { state, error } = await app.services.operations.finished(operation);
      if (state !== 'done') throw new Error(`${action} of ${place.name} ended ${state}: ${error?.message}`);
    },
    listed: async ({ name }) => {
      const found = await liveStack(app, name);
      return found && { files: found.files, services: found.services.map((id) => splitId(id).name).sort() };
    },
    try: attempt,
    theirs: async (place, words, program) => {
      const { code, stdout, stderr } = await attempt(place, words, program);
      if (code !== 0) throw new Error(`compose ${words.join(' ')} of ${place.name} ended with ${code}: ${stderr}`);
      return stdout;
    },
    close: async () => {
      await engine.cleanUp();
      await app.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  await buildImage(stand, root);
  return stand;
}

/** Waits for the engine's events to bring it: nobody told ours of what another program made. */
function liveStack({ services }: App, name: string): Promise<Stack | undefined> {
  const look = () => {
    const { stacks } = services.live.state();
    return Object.values(stacks).find((stack) => stack.project === name && stack.aggregate === 'healthy');
  };
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(undefined), 60_000);
    const stop = services.live.subscribe(() => {
      const found = look();
      if (found !== undefined) queueMicrotask(() => done(found));
    });
    const done = (found: Stack | undefined) => {
      clearTimeout(timer);
      stop();
      resolve(found);
    };
  });
}

const flags = ({ name, files, folder, project }: Place): readonly string[] => [
  ...files.flatMap((file) => ['-f', file]),
  ...(project.nameFromFolder !== true ? ['-p', name] : []),
  ...(project.profiles ?? []).flatMap((profile) => ['--profile', profile]),
  ...(project.envFiles ?? []).flatMap((file) => ['--env-file', join(folder, file)]),
];

async function buildImage({ engine, image }: Stand, root: string): Promise<void> {
  const folder = join(root, 'image');
  await mkdir(folder);
  await Promise.all([
    writeFile(join(folder, 'Dockerfile'), dockerfile),
    copyFile('/bin/busybox', join(folder, 'busybox')),
  ]);
  const stream = await engine.docker.buildImage({ context: folder, src: ['Dockerfile', 'busybox'] }, { t: image });
  await new Promise<void>((resolve, reject) => {
    engine.docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
}
