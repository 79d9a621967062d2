import { AppFailure } from '../../core/app-failure.ts';
import { encodeError } from '../../rpc/encode-error.ts';
import type { Log } from '../../services/ports.ts';
import type { Services, StackTarget } from '../../services/services.ts';
import { exitCodes, toExitCode } from './exit-codes.ts';
import { type Globals, toTarget } from './globals.ts';
import { createInterrupt, type Interrupt } from './interrupt.ts';
import { createIo, type Io } from './io.ts';
import { errorText } from './present/errors.ts';
import { programVersion } from './version.ts';

/** What a command gets. */
export interface Context {
  readonly io: Io;
  readonly globals: Globals;
  readonly services: Services;
  readonly log: Log;
  readonly target: StackTarget;
  /** Fires at the first Ctrl-C; the second one ends the process. */
  readonly signal: AbortSignal;
  /** Signals of this process go to what runs, until the returned function is called. */
  readonly takeSignals: Interrupt['takeOver'];
}

/** Answers with the exit code; throws AppFailure. */
export type Command = (context: Context) => Promise<number>;

export const cancelled = (): AppFailure => new AppFailure({ code: 'cancelled', message: 'Cancelled.' });
export const usage = (message: string, hint?: string): AppFailure =>
  new AppFailure({ code: 'usage', message, ...(hint === undefined ? {} : { hint }) });

/** A failure becomes text on stderr (with --json: one `{error}` line on stdout) and an exit code. */
export function reportFailure(error: unknown, io: Io, log: Log): number {
  const found = encodeError(error, 'command', log);
  if (io.json) io.data({ error: found });
  else io.warn(errorText(found, io.paint));
  return toExitCode(found.code);
}

/** Makes the app, runs the command, closes everything, whatever happened. */
export async function runWithApp(globals: Globals, host: 'cli' | 'web', command: Command): Promise<number> {
  const io = createIo({ json: globals.json });
  const interrupt = createInterrupt(() => {
    // What ends at once needs no word.
    const say = () => io.warn(io.live ? 'Stopping. Press Ctrl-C again to leave at once.' : 'Stopping.');
    if (!io.json) setTimeout(say, 300).unref();
  });
  let log: Log = () => undefined;
  let close: () => Promise<void> = () => Promise.resolve();
  let code: number = exitCodes.failed;
  try {
    const [{ createApp }, { watchCrashes }] = await Promise.all([
      import('../shared/create-app.ts'),
      import('../shared/crash.ts'),
    ]);
    const app = await createApp({ host, packaged: false, version: programVersion() });
    log = app.log;
    watchCrashes(log, () => process.exit(exitCodes.failed));
    close = () => app.services.close();
    const { services } = app;
    code = await command({
      io,
      globals,
      services,
      log,
      target: toTarget(globals),
      signal: interrupt.signal,
      takeSignals: interrupt.takeOver,
    });
  } catch (error) {
    code = reportFailure(error, io, log);
  }
  try {
    await close();
  } catch (error) {
    reportFailure(error, io, log);
  }
  interrupt.dispose();
  await io.flushed();
  return code;
}
