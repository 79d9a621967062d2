import { resolve } from 'node:path';
import { exitCodes } from '../../exit-codes.ts';
import { confirm } from '../../prompt.ts';
import { type Command, cancelled, usage } from '../../run.ts';

/** Says what breaks, then leaves. */
export const leave =
  (flags: { readonly backup?: string; readonly withoutBackup: boolean }): Command =>
  async ({ io, services, target, globals, signal }) => {
    const engine = target.engine === undefined ? {} : { engine: target.engine };
    const leaving = await services.teamServices.adviseLeaving(engine);
    const team = (leaving.swarm ?? leaving.services)?.team ?? '';
    io.say(`Leaving ${team}:`);
    for (const sentence of [...(leaving.swarm?.breaks ?? []), ...(leaving.services?.means ?? [])])
      io.say(`  ${sentence}`);
    if (!globals.yes) {
      if (!io.canAsk) throw usage('Leaving has to be agreed to.', 'Add --yes.');
      if (!(await confirm(`Leave ${team}?`, false, signal))) throw cancelled();
    }
    const left = await services.teamServices.leaveTeam({
      ...engine,
      withoutBackup: flags.withoutBackup,
      ...(flags.backup === undefined ? {} : { backup: resolve(flags.backup) }),
    });
    const { swarm } = left;
    io.data({ left: { ...(swarm === undefined ? { team } : { ...swarm, breaks: leaving.swarm?.breaks }), ...left } });
    if (swarm !== undefined) {
      io.say(
        swarm.ended
          ? `${swarm.team} has ended.`
          : `This machine has left ${swarm.team}. There it is listed as down until an operator removes it.`,
      );
    }
    if (left.services !== undefined) {
      io.say(`The link to ${left.services.team}’s services has ended.`);
      for (const note of left.services.notes) io.say(`${io.paint('yellow', '▲')} ${note}`);
    }
    return exitCodes.done;
  };
