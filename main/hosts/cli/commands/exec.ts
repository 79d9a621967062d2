import { splitId, toServiceId } from '../../../../preload/contract/ids.ts';
import { lookAt, stackServices } from '../live-view.ts';
import { type Command, usage } from '../run.ts';

export interface ExecCommandOptions {
  readonly service: string;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly user: string | undefined;
  readonly workingDir: string | undefined;
  readonly environment: readonly string[];
  readonly index: number | undefined;
  readonly privileged: boolean;
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
    const { stdin, stdout, stderr } = process;
    const tty = options.tty && stdin.isTTY === true && stdout.isTTY === true && !io.json;
    // The service's own label says as whom terminals enter; `docker exec` alone would enter as root.
    const user = options.user ?? project?.services.get(options.service)?.labels?.get('io.claude-env.user');
    let resize: (() => void) | undefined;
    if (tty) stdin.setRawMode(true);
    try {
      const { exitCode } = await services.exec(toServiceId(stack, options.service), {
        command: options.command,
        tty,
        // With a terminal Ctrl-C goes into the container; without one our own signal ends the exchange.
        signal,
        input: stdin as AsyncIterable<Uint8Array>,
        privileged: options.privileged,
        environment: [...(tty ? [`TERM=${process.env.TERM ?? 'xterm'}`] : []), ...options.environment],
        ...(user === undefined ? {} : { user }),
        ...(options.workingDir === undefined ? {} : { workingDir: options.workingDir }),
        ...(options.index === undefined ? {} : { index: options.index }),
        onOutput: (stream, chunk) => {
          if (io.json) io.data({ stream, text: Buffer.from(chunk).toString('utf8') });
          else (stream === 'stdout' ? stdout : stderr).write(chunk);
        },
        onStart: (control) => {
          if (!tty) return;
          resize = () => {
            // The command may have ended between the window's change and this call.
            control.resize(stdout.columns, stdout.rows).catch(() => undefined);
          };
          resize();
          stdout.on('resize', resize);
        },
      });
      io.data({ exitCode });
      return exitCode;
    } finally {
      if (resize !== undefined) stdout.off('resize', resize);
      if (tty) stdin.setRawMode(false);
      stdin.pause();
    }
  };
