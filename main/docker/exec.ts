import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { ExecOptions } from '../services/ports.ts';
import { createDemux } from './demux.ts';

export interface RunExec {
  readonly docker: Docker;
  readonly container: string;
  readonly options: ExecOptions;
  readonly signal: AbortSignal;
}

/**
 * Runs a command in a running container and resolves with its exit code. The connection is hijacked (the engine switches
 * it from HTTP to the raw stream), which is what lets standard input end before the output does.
 * Aborting closes the connection; the engine has no call that ends an exec'ed process, so a command that neither reads
 * nor writes goes on until it ends by itself.
 */
export async function runExec({ docker, container, options, signal }: RunExec): Promise<{ exitCode: number }> {
  const tty = options.tty ?? false;
  const exec = await docker.getContainer(container).exec({
    Cmd: [...options.command],
    AttachStdin: options.input !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
    ...(options.user && { User: options.user }),
    ...(options.workingDir && { WorkingDir: options.workingDir }),
    ...(options.environment && { Env: [...options.environment] }),
    ...(options.privileged && { Privileged: true }),
    abortSignal: signal,
  });
  const stream = await exec.start({ hijack: true, stdin: true, Tty: tty, abortSignal: signal });
  // An upgraded socket no longer belongs to the request, so the request's signal does not reach it.
  const onAbort = () => stream.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    options.onStart?.({ resize: async (columns, rows) => void (await exec.resize({ w: columns, h: rows })) });
    if (options.input) void feed(stream, options.input);
    const demux = createDemux(tty, options.onOutput);
    for await (const chunk of stream) demux(chunk as Buffer);
    stream.destroy();
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
  const { ExitCode } = await exec.inspect({ abortSignal: signal });
  return { exitCode: ExitCode ?? -1 };
}

/** Standard input until it ends or the command does; input that breaks breaks the conversation. */
async function feed(stream: Duplex, input: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(input), stream);
  } catch (error) {
    // Closed by the command's end: what was still coming in has no reader.
    if (!stream.destroyed) stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
