import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppFailure } from '../core/app-failure.ts';

/** How long buildx may take to end the build on the engine before it is killed; the engine then notices by itself. */
const patience = 10_000;

export interface BuildxRun {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input: Readable | undefined;
  readonly onLine: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Runs the plugin and gives its exit code; null when a signal ended it. Throws what the context's stream throws. */
export async function runBuildx({ path, args, env, input, onLine, signal }: BuildxRun): Promise<number | null> {
  signal.throwIfAborted();
  const child = spawn(path, args, { env, stdio: ['pipe', 'ignore', 'pipe'], windowsHide: true });
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new AppFailure({ code: 'unsupported', message: `buildx could not be started: ${cause.message}` }, { cause }),
      ),
    );
  });
  const ended = once(child, 'close');
  // `close` never comes for a child that could not be started.
  ended.catch(() => undefined);
  await started;
  let kill: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    kill = setTimeout(() => child.kill('SIGKILL'), patience);
  };
  signal.addEventListener('abort', stop, { once: true });
  // A builder that has seen enough closes its input: what it says and its exit code tell the rest.
  let broken: unknown;
  if (input === undefined) child.stdin.end();
  else {
    pipeline(input, child.stdin).catch((error: unknown) => {
      if (error instanceof AppFailure) {
        broken = error;
        child.kill('SIGTERM');
      }
    });
  }
  for await (const line of createInterface({ input: child.stderr, crlfDelay: Number.POSITIVE_INFINITY })) onLine(line);
  const [code] = (await ended) as [number | null];
  clearTimeout(kill);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (broken !== undefined) throw broken;
  return code;
}
