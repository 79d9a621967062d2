import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { TeamView } from '../../main/services/team/view.ts';
import type { LabNode } from '../support/swarm-lab.ts';

/** What `npm run build` makes; set for trials of a build elsewhere. */
const program = process.env.CLAUDE_ENV_TEST_CLI ?? resolve('out/cli/index.cjs');

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Every line of standard output, with --json. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** One person at one machine of the lab, with a home and a state folder of his own. */
export interface Desk {
  readonly node: LabNode;
  readonly folder: string;
  readonly say: (...args: readonly string[]) => Promise<Answer>;
  /** With --json; throws what went wrong. The line that has this key. */
  readonly get: <T>(key: string, ...args: readonly string[]) => Promise<T>;
  /** A docker context on this desk. */
  readonly addContext: (name: string, host: string) => Promise<void>;
  /** A command that goes on; `line` resolves with the next line of JSON that fits. */
  readonly start: (...args: readonly string[]) => {
    readonly line: (
      fits: (line: Readonly<Record<string, unknown>>) => boolean,
    ) => Promise<Readonly<Record<string, unknown>>>;
    readonly stop: () => Promise<void>;
    /** As by a power cut: it can do nothing more. */
    readonly kill: () => Promise<void>;
  };
  readonly remove: () => Promise<void>;
}

type Line = Readonly<Record<string, unknown>>;

const parse = (text: string): Line | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** @param environment what its programs have besides, such as a keyring's */
export async function sitDownAt(node: LabNode, environment: Readonly<Record<string, string>> = {}): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), `desk-${node.name}-`));
  const docker = join(folder, 'docker');
  await Promise.all([mkdir(join(folder, 'state'), { mode: 0o700 }), mkdir(docker)]);
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(CLAUDE_ENV_(?!TEST)|COMPOSE_|DOCKER_|DBUS_)/.test(name),
  );
  const env = {
    ...Object.fromEntries(own),
    ...environment,
    HOME: folder,
    CLAUDE_ENV_STATE: join(folder, 'state'),
    DOCKER_CONFIG: docker,
    CLAUDE_ENV_ENGINES: 'named',
  };
  const command = (args: readonly string[]) => [process.execPath, program, ...args];
  const say = async (...args: readonly string[]): Promise<Answer> => {
    const answer = await node.exec(command(args), { env });
    return {
      ...answer,
      lines: answer.stdout.split('\n').flatMap((text): Line[] => {
        const line = parse(text);
        return line === undefined ? [] : [line];
      }),
    };
  };
  return {
    node,
    folder,
    say,
    get: async <T>(key: string, ...args: readonly string[]) => {
      const { code, lines, stdout, stderr } = await say(...args, '--json', '--yes');
      const line = lines.find((one) => key in one);
      if (code !== 0 || line === undefined) throw new Error(`${args.join(' ')}: code ${code}\n${stdout}\n${stderr}`);
      return line[key] as T;
    },
    addContext: async (name, host) => {
      const meta = join(docker, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
      await mkdir(meta, { recursive: true });
      await writeFile(
        join(meta, 'meta.json'),
        JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: { Host: host } } }),
      );
    },
    start: (...args) => {
      const child: ChildProcess = spawn(
        'nsenter',
        [`--net=/var/run/netns/${node.netns}`, '--', ...command([...args, '--json'])],
        {
          env: { ...env, DOCKER_HOST: `unix://${node.socket}` },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const ended = new Promise<void>((done) => child.once('exit', () => done()));
      const seen: Readonly<Record<string, unknown>>[] = [];
      const waiting = new Set<() => void>();
      if (child.stdout !== null) {
        createInterface({ input: child.stdout }).on('line', (text) => {
          const line = parse(text);
          if (line !== undefined) seen.push(line);
          for (const wake of [...waiting]) wake();
        });
      }
      return {
        line: (fits) =>
          new Promise((resolve) => {
            const look = () => {
              const at = seen.findIndex(fits);
              const found = seen[at];
              if (found === undefined) return;
              seen.splice(0, at + 1);
              waiting.delete(look);
              resolve(found);
            };
            waiting.add(look);
            look();
          }),
        stop: async () => {
          child.kill('SIGINT');
          await ended;
        },
        kill: async () => {
          child.kill('SIGKILL');
          await ended;
        },
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The team as it is seen from there. */
export const view = async (desk: Desk): Promise<TeamView> =>
  (await desk.say('team', 'nodes', '--json')).lines[0] as unknown as TeamView;

/** The code of the error that a command ends with, or its exit code. */
export const codeOf = async (desk: Desk, ...args: readonly string[]): Promise<string | number> => {
  const { lines, code } = await desk.say(...args, '--json', '--yes');
  const error = lines.map((line) => line.error).find((one) => one !== undefined) as { code: string } | undefined;
  return error === undefined ? code : error.code;
};
