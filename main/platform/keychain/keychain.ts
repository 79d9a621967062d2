import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppFailure } from '../../core/app-failure.ts';
import type { Keychain } from '../../services/ports.ts';
import { endedError, silentError, toKeychainError } from './failures.ts';
import type { KeychainMessage, KeychainReply, KeychainRequest } from './protocol.ts';

/** A process that runs worker.ts. */
export interface KeychainWorker {
  readonly send: (message: KeychainMessage) => void;
  readonly onReply: (listener: (reply: KeychainReply) => void) => void;
  /** Called once, however it ended. */
  readonly onEnd: (listener: () => void) => void;
  readonly end: () => void;
}
export type StartKeychainWorker = () => KeychainWorker;

/** Beside the bundle as JavaScript, in the sources as TypeScript, which Node 24 runs as it is. */
function workerFile(): string {
  const built = join(import.meta.dirname, 'keychain-worker.cjs');
  return existsSync(built) ? built : join(import.meta.dirname, 'worker.ts');
}

/** As a child of Node. Nothing but keytar's own dialog outlives this process. */
export const forkKeychainWorker: StartKeychainWorker = () => {
  const child = fork(workerFile(), [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  return {
    // A child that is gone says so by its end.
    send: (message) => child.send(message, () => undefined),
    onReply: (listener) => child.on('message', (reply) => listener(reply as KeychainReply)),
    onEnd: (listener) => {
      child.once('exit', listener);
      child.once('error', listener);
    },
    end: () => child.kill('SIGKILL'),
  };
};

export interface KeychainOptions {
  readonly start: StartKeychainWorker;
  /** How long the system's dialog may take, in milliseconds. */
  readonly patience?: number;
}

interface Waiting {
  readonly resolve: (found: string | null) => void;
  readonly reject: (failure: AppFailure) => void;
}

/** Windows' CRED_MAX_CREDENTIAL_BLOB_SIZE; elsewhere what is surely a secret and not a file. */
const mostBytes = (platform: NodeJS.Platform): number => (platform === 'win32' ? 2560 : 64 * 1024);

/** The system's keychain. Its process is started at the first call, and again after it has died. */
export function createKeychain({ start, patience = 60_000 }: KeychainOptions): Keychain {
  const { platform } = process;
  let running: { readonly worker: KeychainWorker; readonly waiting: Map<number, Waiting> } | undefined;
  let last = 0;

  const worker = () => {
    if (running !== undefined) return running;
    const started = { worker: start(), waiting: new Map<number, Waiting>() };
    running = started;
    started.worker.onReply((reply) => {
      const one = started.waiting.get(reply.id);
      started.waiting.delete(reply.id);
      if ('error' in reply) one?.reject(new AppFailure(toKeychainError(reply.error, platform)));
      else one?.resolve(reply.found);
    });
    started.worker.onEnd(() => {
      if (running === started) running = undefined;
      for (const one of started.waiting.values()) one.reject(new AppFailure(endedError(platform)));
      started.waiting.clear();
    });
    return started;
  };

  const ask = (request: KeychainRequest): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const { worker: asked, waiting } = worker();
      last += 1;
      const id = last;
      const late = setTimeout(() => {
        waiting.delete(id);
        reject(new AppFailure(silentError(patience / 1000)));
        // It is blocked in the dialog; the next call gets another.
        asked.end();
      }, patience);
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          clearTimeout(late);
          settle(value);
        };
      waiting.set(id, { resolve: done(resolve), reject: done(reject) });
      asked.send({ id, request });
    });

  return {
    get: async (account) => (await ask({ call: 'get', account })) ?? undefined,
    set: async (account, value) => {
      const most = mostBytes(platform);
      const bytes = Buffer.byteLength(value);
      if (bytes > most) {
        throw new AppFailure({
          code: 'input.invalid',
          message: `The value has ${bytes} bytes; this system’s keychain takes ${most}.`,
          hint: 'Keep what is larger in a file, and name that under `secrets:` with `file:`.',
        });
      }
      await ask({ call: 'set', account, value });
    },
    delete: async (account) => (await ask({ call: 'delete', account })) !== null,
    close: () => running?.worker.end(),
  };
}
