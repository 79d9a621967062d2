import { toStackId } from '../../../../preload/contract/ids.ts';
import { chooseEngine } from '../../../services/engine-choice.ts';
import { exitCodes } from '../exit-codes.ts';
import { lookAt } from '../live-view.ts';
import { diagnosticText } from '../present/errors.ts';
import { type Command, usage } from '../run.ts';

/** Remembers where the compose file of a project is now: after it was moved, or when its labels name none. */
export const locate =
  (paths: readonly string[]): Command =>
  async ({ io, services, target, signal }) => {
    if (target.project === undefined) {
      throw usage('Which project is it?', 'Name it with -p; `ls` lists them.');
    }
    const engine = target.engine ?? (await chooseEngine(services.engines));
    await lookAt(services, engine, signal);
    const stack = toStackId(engine, target.project);
    const diagnostics = await services.stacks.locate(stack, paths);
    for (const diagnostic of diagnostics) io.warn(diagnosticText(diagnostic, io.paint));
    io.data({ stack, files: paths, diagnostics });
    io.say(`The file of ${target.project} is ${paths.join(', ')} from now on.`);
    return exitCodes.done;
  };
