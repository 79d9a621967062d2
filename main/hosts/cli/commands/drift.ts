import { exitCodes } from '../exit-codes.ts';
import { unlessInterrupted } from '../interrupt.ts';
import { driftText } from '../present/drift.ts';
import { diagnosticText } from '../present/errors.ts';
import { type Command, cancelled } from '../run.ts';
import { requirePrepared } from './first-run.ts';

/** What differs between the files and what is on the engine. Ends with 1 when something does, for scripts. */
export const drift =
  (names: readonly string[]): Command =>
  async (context) => {
    const { io, services, target, signal } = context;
    await requirePrepared(context);
    const found = await unlessInterrupted(services.stacks.drift(target, names), signal, cancelled);
    for (const warning of found.warnings) io.warn(diagnosticText(warning, io.paint));
    io.data(found);
    io.say(driftText(found, io.paint));
    return found.items.length === 0 ? exitCodes.done : exitCodes.failed;
  };
