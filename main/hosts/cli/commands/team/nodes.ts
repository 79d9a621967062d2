import { exitCodes } from '../../exit-codes.ts';
import { teamText } from '../../present/team.ts';
import type { Command } from '../../run.ts';

/** The team as this machine can know it. Exit code 1 where the Swarm cannot be looked at. */
export const nodes: Command = async ({ io, services, target }) => {
  const view = await services.team.view(target.engine === undefined ? {} : { engine: target.engine });
  io.data(view);
  io.say(teamText(view, io.paint));
  return view.problem === undefined ? exitCodes.done : exitCodes.failed;
};

/** Goes on, and says when the Swarm knows this machine by an address that it no longer has. One line a change. */
export const watch: Command = async ({ io, services, target, signal }) => {
  await services.team.watchMoves(
    {
      ...(target.engine === undefined ? {} : { engine: target.engine }),
      onNotice: (notice) => {
        io.data(notice);
        io.say(notice.says);
      },
    },
    signal,
  );
  return exitCodes.done;
};
