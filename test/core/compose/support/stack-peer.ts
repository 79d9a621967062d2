import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { parseDotenv } from '../../../../main/core/compose/dotenv.ts';
import { type Answer, type Asked, askOurs, firstDifference } from './live-peer.ts';
import { fromOurs, fromStack } from './stack-form.ts';

/* The same project asked of `docker stack config`, the reader of the 3.x format. It needs no engine for that. */

const ENVIRONMENT: Readonly<Record<string, string>> = { HOME: '/home/me', PATH: '/usr/bin:/bin' };

/** The docker CLI that tests may ask. */
export function stackBinary(): string | undefined {
  return process.env.CLAUDE_ENV_PEER_DOCKER;
}

/** `docker stack` reads no `.env`: its variables are set for it, as its users do with `export`. */
function dotenvOf(folder: string): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(
      parseDotenv(readFileSync(join(folder, '.env'), 'utf8'), (name) => ENVIRONMENT[name]).values,
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** `model` is its answer, in its own form. Rejects when the program cannot be run, or does not end within a minute. */
function askStack(binary: string, { files, environment }: Asked): Promise<Answer> {
  const folder = dirname(files[0] ?? '/');
  const options = {
    cwd: folder,
    env: { ...dotenvOf(folder), ...ENVIRONMENT, PWD: folder, ...environment },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
  };
  const args = ['stack', 'config', ...files.flatMap((file) => ['-c', file])];
  return new Promise((resolve, reject) => {
    execFile(binary, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ model: parse(stdout, { maxAliasCount: -1 }) as unknown });
      else if (typeof error.code === 'number') resolve({ refused: stderr.trim() });
      else reject(error);
    });
  });
}

export interface Compared {
  readonly verdict: 'equal' | 'differs' | 'only ours refuses' | 'docker stack refuses';
  /** The first difference, or why it was refused. */
  readonly what: string;
}

/** The project as ours and as docker stack read it, in one form (stack-form.ts). */
export async function compareWithStack(binary: string, asked: Asked): Promise<Compared> {
  const ours = await askOurs(asked);
  // Nobody tells `docker stack config` how the project is called.
  const name = 'model' in ours ? { COMPOSE_PROJECT_NAME: String((ours.model as { name: string }).name) } : {};
  const stack = await askStack(binary, { ...asked, environment: { ...name, ...asked.environment } });
  if ('refused' in stack) return { verdict: 'docker stack refuses', what: stack.refused };
  if ('refused' in ours) return { verdict: 'only ours refuses', what: ours.refused };
  const folder = dirname(asked.files[0] ?? '/');
  const environment = { ...dotenvOf(folder), ...ENVIRONMENT, ...asked.environment };
  const place = { folder, project: String((ours.model as { name: string }).name), environment };
  const found = firstDifference(fromOurs(ours.model), fromStack(stack.model, ours.model, place));
  return found === undefined ? { verdict: 'equal', what: '' } : { verdict: 'differs', what: `ours | stack: ${found}` };
}
