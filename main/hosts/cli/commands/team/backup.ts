import { resolve } from 'node:path';
import { exitCodes } from '../../exit-codes.ts';
import { type Command, usage } from '../../run.ts';

interface Flags {
  readonly root?: string;
  readonly file?: string;
}

/** Without a root folder: what to do. With one, of a stopped engine: does it. */
export const backup =
  ({ root, file }: Flags): Command =>
  async ({ io, services, target }) => {
    if (root === undefined) {
      const guide = await services.team.guideBackup(target.engine === undefined ? {} : { engine: target.engine });
      io.data({ guide });
      for (const step of guide.steps) io.say(step);
      return exitCodes.done;
    }
    if (file === undefined) throw usage('Where to?', 'Add --to FILE.');
    const done = await services.team.backUp({ root: resolve(root), file: resolve(file) });
    io.data({ backup: done });
    io.say(`${done.file} has the Swarm’s state (${done.bytes} bytes). Start the engine again.`);
    return exitCodes.done;
  };

export const restore =
  ({ root, file }: Flags): Command =>
  async ({ io, services }) => {
    if (root === undefined || file === undefined) throw usage('What, and where?', 'Add --root FOLDER and --from FILE.');
    const done = await services.team.restore({ root: resolve(root), file: resolve(file) });
    io.data({ restored: done });
    if (done.kept !== undefined) io.say(`What was there is in ${done.kept}.`);
    for (const step of done.steps) io.say(step);
    return exitCodes.done;
  };
