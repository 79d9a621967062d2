import type Docker from 'dockerode';
import type { ExecOptions } from '../services/ports.ts';
import { createDetachWatch, feed, readUntilLeft } from './terminal-input.ts';

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
 * nor writes goes on until it ends by itself. The same is true of one that was left with the detach keys, and of one that
 * was started detached: for these the code is 0, as docker has it.
 */
export async function runExec({ docker, container, options, signal }: RunExec): Promise<{ exitCode: number }> {
  const tty = options.tty ?? false;
  const detach = options.detach === true;
  const exec = await docker.getContainer(container).exec({
    Cmd: [...options.command],
    AttachStdin: !detach && options.input !== undefined,
    AttachStdout: !detach,
    AttachStderr: !detach,
    Tty: tty,
    ...(options.user && { User: options.user }),
    ...(options.workingDir && { WorkingDir: options.workingDir }),
    ...(options.environment && { Env: [...options.environment] }),
    ...(options.privileged && { Privileged: true }),
    abortSignal: signal,
  });
  if (detach) {
    (await exec.start({ Detach: true, Tty: tty, abortSignal: signal })).resume();
    return { exitCode: 0 };
  }
  const keys = createDetachWatch(tty);
  const stream = await exec.start({ hijack: true, stdin: true, Tty: tty, abortSignal: signal });
  // An upgraded socket no longer belongs to the request, so the request's signal does not reach it.
  const onAbort = () => stream.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    options.onStart?.({ resize: async (columns, rows) => void (await exec.resize({ w: columns, h: rows })) });
    if (options.input)
      void feed(
        stream,
        keys.watch(options.input, () => stream.destroy()),
      );
    await readUntilLeft(stream, { tty, onOutput: options.onOutput, keys });
    stream.destroy();
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
  if (keys.seen()) return { exitCode: 0 };
  const { ExitCode } = await exec.inspect({ abortSignal: signal });
  return { exitCode: ExitCode ?? -1 };
}
