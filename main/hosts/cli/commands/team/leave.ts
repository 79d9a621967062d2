import { resolve } from 'node:path';
import { exitCodes } from '../../exit-codes.ts';
import { confirm } from '../../prompt.ts';
import { type Command, cancelled, usage } from '../../run.ts';

/** Says what breaks, then leaves. */
export const leave =
  (flags: { readonly backup?: string; readonly withoutBackup: boolean }): Command =>
  async ({ io, services, target, globals, signal }) => {
    const engine = target.engine === undefined ? {} : { engine: target.engine };
    const leaving = await services.team.adviseLeaving(engine);
    io.say(`Leaving ${leaving.team}:`);
    for (const sentence of leaving.breaks) io.say(`  ${sentence}`);
    if (!globals.yes) {
      if (!io.canAsk) throw usage('Leaving has to be agreed to.', 'Add --yes.');
      if (!(await confirm(`Leave ${leaving.team}?`, false, signal))) throw cancelled();
    }
    const left = await services.team.leave({
      ...engine,
      withoutBackup: flags.withoutBackup,
      ...(flags.backup === undefined ? {} : { backup: resolve(flags.backup) }),
    });
    io.data({ left: { ...left, breaks: leaving.breaks } });
    io.say(
      left.ended
        ? `${left.team} has ended.`
        : `This machine has left ${left.team}. There it is listed as down until an operator removes it.`,
    );
    return exitCodes.done;
  };
