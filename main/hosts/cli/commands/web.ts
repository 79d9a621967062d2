import { join } from 'node:path';
import { stateFolder } from '../../../platform/state-folder.ts';
import { programName } from '../../shared/program-name.ts';
import { askRunning, type RunningLink } from '../../web/control.ts';
import { openUrl } from '../../web/open-url.ts';
import { serve } from '../../web/serve.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Globals } from '../globals.ts';
import { createIo, type Io } from '../io.ts';
import { type Command, reportFailure, runWithApp } from '../run.ts';

export interface WebOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly open: boolean;
}

async function show(io: Io, url: string, open: boolean): Promise<void> {
  io.data({ url });
  io.say(`claude-env is at ${url}`);
  io.say(io.paint('dim', `The address opens once; \`${programName()} open\` makes another.`));
  if (open && !(await openUrl(url))) io.say(io.paint('dim', 'No browser was found to open it with.'));
}

const serving =
  (options: WebOptions): Command =>
  async ({ io, services, log, signal }) => {
    const host = await serve({
      services,
      log,
      stateFolder: stateFolder(),
      pageFolder: join(import.meta.dirname, '../renderer'),
      port: options.port,
    });
    try {
      await show(io, host.link(), options.open);
      io.say(io.paint('dim', 'Ctrl-C ends the page; stacks go on.'));
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      await host.close();
    }
    // Being told to end is how this command ends well.
    return exitCodes.done;
  };

async function ask(io: Io): Promise<RunningLink | undefined | number> {
  try {
    return await askRunning(stateFolder());
  } catch (error) {
    return reportFailure(error, io, () => undefined);
  }
}

/**
 * `web` and `open`. One web host a state folder: where one runs, a fresh link of it is shown and this command ends;
 * otherwise it becomes the host and stays until Ctrl-C.
 */
export async function web(globals: Globals, options: WebOptions): Promise<number> {
  const io = createIo(globals);
  const running = await ask(io);
  if (typeof running === 'number') return running;
  if (running === undefined) return runWithApp(globals, 'web', serving(options));
  if (options.port !== 0 && options.port !== running.port) {
    io.warn(
      `The page is served on port ${running.port} already (process ${running.pid}); end that one to choose another.`,
    );
  }
  await show(io, running.url, options.open);
  await io.flushed();
  return exitCodes.done;
}
