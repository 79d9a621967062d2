import { StringDecoder } from 'node:string_decoder';
import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { HookSpec } from '../core/plan/plan.ts';
import type { StepReport } from '../services/ports.ts';
import { runExec } from './exec.ts';

const keptLines = 40;
const keptCharacters = 64 * 1024;

export interface RunHook {
  readonly docker: Docker;
  readonly container: string;
  /** What a message calls it. */
  readonly name: string;
  readonly hook: HookSpec;
  readonly report: (progress: StepReport) => void;
  readonly signal: AbortSignal;
}

/** Runs a hook inside the container. Throws `exec.failed` with its last lines when it ends with anything but 0. */
export async function runHook({ docker, container, name, hook, report, signal }: RunHook): Promise<void> {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  let output = '';
  const { exitCode } = await runExec({
    docker,
    container,
    signal,
    options: {
      command: hook.command,
      ...(hook.user !== undefined && { user: hook.user }),
      ...(hook.workingDir !== undefined && { workingDir: hook.workingDir }),
      environment: hook.environment,
      privileged: hook.privileged,
      onOutput: (stream, chunk) => {
        output = (output + decoders[stream].write(Buffer.from(chunk))).slice(-keptCharacters);
        const line = output.trimEnd().split('\n').at(-1);
        if (line) report({ message: line.slice(0, 500) });
      },
    },
  });
  if (exitCode === 0) return;
  const detail = output.trimEnd().split('\n').slice(-keptLines).join('\n');
  throw new AppFailure({
    code: 'exec.failed',
    message: `${hook.command.join(' ')} in ${name} ended with exit code ${exitCode}.`,
    ...(exitCode === 127 && { hint: 'The command does not exist in the container.' }),
    ...(detail !== '' && { detail }),
  });
}
