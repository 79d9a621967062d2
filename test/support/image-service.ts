import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { cacheDir, inRoot } from '../../scripts/setup/paths.mjs';

/*
 * Runs one of the team's services as its image does, without building the image: the packages of its lock file, the folder
 * that all share and its own laid beside each other, secrets as files, and an environment with nothing else in it.
 */

const run = promisify(execFile);
const images = inRoot('resources', 'images');

/** A line of the service's log; resources/images/common/service/log.mjs writes it. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface ImageService {
  /** By the names that its `listening` line gives them: `http`, `ws`, `internal`, … On 127.0.0.1. */
  readonly ports: Readonly<Record<string, number>>;
  readonly pid: number;
  readonly lines: readonly LogLine[];
  /** All that it wrote, on both outputs. */
  readonly output: () => string;
  /** The first line, past or to come, that satisfies. */
  readonly line: (wanted: (line: LogLine) => boolean) => Promise<LogLine>;
  /** Resolves with its exit code: SIGTERM unless told otherwise. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** @returns the folder that holds `node_modules` of the service's lock file; installed once a machine */
export async function provideModules(name: string): Promise<string> {
  const lock = await readFile(join(images, name, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const cache = join(process.env.CLAUDE_ENV_TEST_CACHE ?? cacheDir(), 'services');
  const ready = join(cache, `${name}-${digest}`);
  if (await readFile(join(ready, 'package.json')).then(Boolean, () => false)) return ready;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, `${name}-`));
  try {
    for (const file of ['package.json', 'package-lock.json']) await cp(join(images, name, file), join(work, file));
    const shell = process.platform === 'win32';
    await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: work, shell });
    // Somebody else may have been faster; theirs is the same.
    await rename(work, ready).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return ready;
}

/** @returns a folder as /opt/service in the image */
async function layOut(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `claude-env-${name}-`));
  // A service may become another user before it reads its secrets.
  await chmod(folder, 0o755);
  await symlink(join(await provideModules(name), 'node_modules'), join(folder, 'node_modules'), 'junction');
  const kept = (path: string) => !path.includes('node_modules');
  for (const part of ['common', name])
    await cp(join(images, part), join(folder, part), { recursive: true, filter: kept });
  return folder;
}

/** What the image's command says to Node itself: how much memory it may take, above all. */
async function nodeFlags(name: string): Promise<readonly string[]> {
  const dockerfile = await readFile(join(images, name, 'Dockerfile'), 'utf8').catch(() => '');
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const words = JSON.parse(command) as readonly string[];
  return words.filter((word) => word.startsWith('--'));
}

/**
 * Starts a service and waits until it listens.
 * @param name its folder in resources/images
 * @param options `env`: all that it gets besides PATH; `secrets`: by name, each becomes a file and NAME_FILE its variable
 * @throws with all that it wrote, when it ends before it listens
 */
export async function startImageService(
  name: string,
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly secrets?: Readonly<Record<string, string>>;
  } = {},
): Promise<ImageService> {
  const folder = await layOut(name);
  const secrets = await Promise.all(
    Object.entries(options.secrets ?? {}).map(async ([secret, value]) => {
      const file = join(folder, secret);
      await writeFile(file, value, { mode: 0o644 });
      return [`${secret.toUpperCase().replaceAll('-', '_')}_FILE`, file] as const;
    }),
  );
  const env = { PATH: process.env.PATH, ...Object.fromEntries(secrets), ...options.env };
  const child = spawn(process.execPath, [...(await nodeFlags(name)), join(folder, name, 'main.mjs')], {
    cwd: folder,
    env,
  });
  const service = listen(child);
  child.once('close', () => void rm(folder, { recursive: true, force: true }));
  const { ports } = await service.line((line) => line.message === 'listening');
  return { ...service, ports: ports as Record<string, number> };
}

function listen(child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }) {
  const lines: LogLine[] = [];
  const written: string[] = [];
  const events = new EventEmitter<{ line: [LogLine]; end: [] }>();
  events.setMaxListeners(0);
  createInterface({ input: child.stderr }).on('line', (text) => written.push(text));
  createInterface({ input: child.stdout }).on('line', (text) => {
    written.push(text);
    const line: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
    if (line === undefined) return;
    lines.push(line as LogLine);
    events.emit('line', line as LogLine);
  });
  let ended = false;
  const gone = once(child, 'close').then(([code]: (number | null)[]) => {
    ended = true;
    events.emit('end');
    return code ?? null;
  });
  const output = () => written.join('\n');
  return {
    pid: child.pid ?? 0,
    lines,
    output,
    line: async (wanted: (line: LogLine) => boolean): Promise<LogLine> => {
      const past = lines.find(wanted);
      if (past !== undefined) return past;
      return new Promise((resolve, reject) => {
        const over = () => reject(new Error(`The service ended:\n${output()}`));
        if (ended) over();
        const look = (line: LogLine) => {
          if (!wanted(line)) return;
          events.off('line', look).off('end', over);
          resolve(line);
        };
        events.on('line', look).once('end', over);
      });
    },
    stop: async (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal);
      return gone;
    },
  };
}
