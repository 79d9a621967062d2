import { splitId, toServiceId } from '../../../../preload/contract/ids.ts';
import { AppFailure } from '../../../core/app-failure.ts';
import { lookAt, stackServices } from '../live-view.ts';
import { type Command, usage } from '../run.ts';
import { joinTerminal } from '../terminal.ts';

export interface ExecCommandOptions {
  readonly service: string;
  readonly command: readonly string[];
  readonly tty: boolean;
  /** Standard input is passed on. */
  readonly interactive: boolean;
  readonly detach: boolean;
  readonly user: string | undefined;
  readonly workingDir: string | undefined;
  readonly environment: readonly string[];
  readonly index: number | undefined;
  readonly privileged: boolean;
  /** Gets what the command says as well. */
  readonly onText?: (text: string) => void;
}

/** Runs a command in a service's container; its exit code becomes ours. */
export const exec =
  (options: ExecCommandOptions): Command =>
  async (context) => {
    const { io, services, target, signal } = context;
    const { stack, project } = await services.stacks.load(target);
    await lookAt(services, splitId(stack).engine, signal);
    const known = stackServices(services.live.state(), stack);
    if (!known.some(({ name }) => name === options.service) && project?.services.has(options.service) !== true) {
      throw usage(
        `There is no service ${options.service} in ${splitId(stack).project}.`,
        `It has: ${known.map(({ name }) => name).join(', ') || 'none'}.`,
      );
    }
    // The service's own label says as whom terminals enter; `docker exec` alone would enter as root.
    const user = options.user ?? project?.services.get(options.service)?.labels?.get('io.claude-env.user');
    const { exitCode } = await joinTerminal(io, options.tty && !options.detach, ({ tty, input, onOutput, onStart }) =>
      services.exec(toServiceId(stack, options.service), {
        command: options.command,
        tty,
        // With a terminal Ctrl-C goes into the container; without one our own signal ends the exchange.
        signal,
        privileged: options.privileged,
        detach: options.detach,
        environment: [...(tty ? [`TERM=${process.env.TERM ?? 'xterm'}`] : []), ...options.environment],
        ...(options.interactive && !options.detach ? { input } : {}),
        ...(user === undefined ? {} : { user }),
        ...(options.workingDir === undefined ? {} : { workingDir: options.workingDir }),
        ...(options.index === undefined ? {} : { index: options.index }),
        onOutput: (stream, chunk) => {
          options.onText?.(Buffer.from(chunk).toString('latin1'));
          return onOutput(stream, chunk);
        },
        onStart,
      }),
    ).catch((error: unknown) => {
      throw signal.aborted ? left(options.service) : error;
    });
    io.data(options.detach ? { detached: true } : { exitCode });
    return exitCode;
  };

/** The engine has no call that ends a command inside a container; docker leaves it there without a word. */
const left = (service: string): AppFailure =>
  new AppFailure({
    code: 'cancelled',
    message: `Cancelled. What was started in ${service} may still run there: the engine cannot end it.`,
    hint: 'A command that reads its input has seen its end; `top` shows what is left.',
  });
