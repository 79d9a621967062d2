import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { shellWord } from '../../preload/contract/shell-word.ts';
import { testEngine } from '../support/engine.ts';

/** util-linux' `script`, which gives a program a terminal. */
export const hasScript = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

/** What `npm run build` makes; set for trials of a build elsewhere. */
export const program = process.env.CLAUDE_ENV_TEST_CLI ?? resolve('out/cli/index.cjs');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves with the first line of standard output that fits, also when it came before. Rejects when it ends without. */
  readonly line: (fits: (line: string) => boolean) => Promise<string>;
}

export interface Workbench {
  readonly engine: ReturnType<typeof testEngine>;
  readonly folder: string;
  readonly state: string;
  readonly home: string;
  /** Writes a file below the folder and returns its path. */
  readonly file: (name: string, text: string) => Promise<string>;
  readonly start: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Running;
  readonly run: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<Finished>;
  /** Another program with the same surroundings: docker compose, a terminal around ours. */
  readonly launch: (program: string, args: readonly string[]) => Running;
  readonly peer: (
    program: string,
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ) => Promise<Finished>;
  /** Everything on standard output as one JSON value. */
  readonly json: <T>(args: readonly string[]) => Promise<T>;
  readonly remove: () => Promise<void>;
}

/** A home, a state folder and a place for files of a test's own, with the test engine as the only one to be found. */
export async function createWorkbench(): Promise<Workbench> {
  if (!existsSync(program)) throw new Error(`${program} is missing: run \`npm run build\` first.`);
  const engine = testEngine();
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-cli-'));
  const [home, state] = [join(folder, 'home'), join(folder, 'state')];
  await Promise.all([mkdir(home), mkdir(state, { mode: 0o700 })]);

  const own = Object.entries(process.env).filter(
    ([name]) => !/^(CLAUDE_ENV_(?!TEST)|COMPOSE_|DOCKER_|FORCE_COLOR)/.test(name),
  );
  const environment = {
    ...Object.fromEntries(own),
    HOME: home,
    USERPROFILE: home,
    DOCKER_CONFIG: join(home, '.docker'),
    CLAUDE_ENV_STATE: state,
    DOCKER_HOST: engine.address,
    CLAUDE_ENV_ENGINES: 'named',
  };
  const children = new Set<ChildProcess>();
  const launch = (command: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Running => {
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...environment, ...more },
      stdio: 'pipe',
    });
    children.add(child);
    child.once('close', () => children.delete(child));
    return watch(child);
  };
  const start: Workbench['start'] = (args, more = {}) => launch(process.execPath, [program, ...args], more);
  const run: Workbench['run'] = (args, more) => {
    const { child, finished } = start(args, more);
    child.stdin?.end();
    return finished;
  };
  return {
    engine,
    folder,
    state,
    home,
    file: async (name, text) => {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return path;
    },
    start,
    run,
    launch,
    peer: (command, args, more = {}) => {
      const { child, finished } = launch(command, args, more);
      child.stdin?.end();
      return finished;
    },
    json: async (args) => {
      const { code, stdout, stderr } = await run([...args, '--json']);
      if (code !== 0) throw new Error(`claude-env ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
      return JSON.parse(stdout);
    },
    remove: async () => {
      // What a failed test left running.
      for (const child of children) child.kill('SIGKILL');
      await engine.cleanUp();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function watch(child: ChildProcess): Running {
  const said: string[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  let ended = false;
  const stdoutLines = createInterface({ input: child.stdout ?? process.stdin });
  stdoutLines.on('line', (line) => {
    said.push(line);
    for (const look of [...waiting]) look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolveFinished, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      ended = true;
      for (const look of [...waiting]) look();
      resolveFinished({ code, stdout: said.map((line) => `${line}\n`).join(''), stderr });
    });
  });
  const line: Running['line'] = (fits) =>
    new Promise((resolveLine, reject) => {
      const look = () => {
        const found = said.find(fits);
        if (found === undefined && !ended) return;
        waiting.delete(look);
        if (found === undefined) reject(new Error(`It ended without that line:\n${said.join('\n')}\n${stderr}`));
        else resolveLine(found);
      };
      waiting.add(look);
      look();
    });
  return { child, finished, line };
}

export const jsonLines = (text: string): readonly unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

/** Our program on a terminal, whose size `stty` sets: `rows 33 cols 77`. What it writes is the screen. */
export const startOnTerminal = (
  { launch }: Workbench,
  stty: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running =>
  launch('env', [
    ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    'script',
    '-qfec',
    `stty ${stty}; exec ${[process.execPath, program, ...args].map(shellWord).join(' ')}`,
    '/dev/null',
  ]);

/** A compose file whose service `web` does nothing and ends at once; `more` goes below that, `below` after everything. */
export const sleepingProject = ({ engine }: Workbench, name: string, more = '', below = ''): string => `name: ${name}
services:
  web:
    image: ${engine.base}
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
${more}${below}`;

/** A project's containers, running or not, one-offs too. */
export const containersOf = ({ docker }: ReturnType<typeof testEngine>, project: string) =>
  docker.listContainers({ all: true, filters: { label: [`com.docker.compose.project=${project}`] } });

/** What must be on the engine after as it was before. */
export async function engineContents({ docker }: ReturnType<typeof testEngine>): Promise<readonly string[]> {
  const [containers, networks, volumes, images] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
    docker.listImages(),
  ]);
  return [
    ...containers.map(({ Id }) => `container ${Id}`),
    ...networks.map(({ Id }) => `network ${Id}`),
    ...(volumes.Volumes ?? []).map(({ Name }) => `volume ${Name}`),
    ...images.map(({ Id }) => `image ${Id}`),
  ].sort();
}
