import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { Attached, AttachOptions } from '../services/ports.ts';
import { dialStream } from './dial.ts';
import { createDetachWatch, feed, readUntilLeft } from './terminal-input.ts';

export interface RunAttached {
  readonly docker: Docker;
  readonly container: string;
  readonly options: AttachOptions;
  readonly signal: AbortSignal;
}

/**
 * Starts a created container with this side's input and output joined to it from its first byte on, and resolves with its
 * exit code. The order is docker's own: attach, then begin to wait, then start; a command that ends at once is missed by
 * neither. Aborting leaves the conversation, not the container: it goes on.
 */
export async function runAttached({ docker, container, options, signal }: RunAttached): Promise<Attached> {
  const target = docker.getContainer(container);
  const stream = (await target.attach({
    stream: true,
    stdin: options.input !== undefined,
    stdout: true,
    stderr: true,
    hijack: true,
    abortSignal: signal,
  })) as Duplex;
  const onAbort = () => stream.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  const keys = createDetachWatch(options.tty);
  const leave = () => stream.destroy();
  try {
    const condition = options.removed ? 'removed' : 'next-exit';
    const path = `/containers/${container}/wait?condition=${condition}`;
    // The engine sends the answer's head when it has begun to wait.
    const waiting = await dialStream(docker, { method: 'POST', path, signal });
    await target.start({ abortSignal: signal });
    options.onStart({
      resize: async (columns, rows) => void (await target.resize({ w: columns, h: rows })),
      kill: async (name) => void (await target.kill({ signal: name })),
    });
    if (options.input) void feed(stream, keys.watch(options.input, leave));
    await readUntilLeft(stream, { tty: options.tty, onOutput: options.onOutput, keys });
    signal.throwIfAborted();
    if (keys.seen()) {
      waiting.destroy();
      return { detached: true };
    }
    return { detached: false, exitCode: await readExitCode(waiting) };
  } finally {
    signal.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}

async function readExitCode(answer: AsyncIterable<unknown>): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const { StatusCode = -1 }: { readonly StatusCode?: number } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  return StatusCode;
}
