import { resolve } from 'node:path';
import { shellWord } from '../../../../preload/contract/shell-word.ts';
import { programName } from '../../shared/program-name.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine } from '../io.ts';
import { confirm } from '../prompt.ts';
import { type Command, cancelled, usage } from '../run.ts';

/** As one would type it. */
const toLine = (command: readonly string[]): string => oneLine(command.map(shellWord).join(' '));

const lines = (commands: readonly (readonly string[])[]): readonly string[] =>
  commands.length === 0 ? ['  no command'] : commands.map((command) => `  ${toLine(command)}`);

export const addTrust =
  (given: readonly string[]): Command =>
  async ({ io, services, globals, signal }) => {
    const added: { path: string; commands: readonly (readonly string[])[] }[] = [];
    for (const file of given.map((one) => resolve(one))) {
      const { path, sha256, commands } = await services.trust.show(file);
      io.say([`${path} would be trusted, as it is now, to run:`, ...lines(commands)].join('\n'));
      if (!globals.yes) {
        if (!io.canAsk) throw usage('Nothing was changed: it was not confirmed.', 'Say --yes.');
        if (!(await confirm('Trust it?', false, signal))) throw cancelled();
      }
      await services.trust.add(file, sha256);
      added.push({ path, commands });
    }
    io.data({ added });
    io.say(`Trusted. Once a file has changed it has to be looked at again: \`${programName()} trust list\`.`);
    return exitCodes.done;
  };

export const listTrust: Command = async ({ io, services }) => {
  const all = await services.trust.list();
  io.data({ trusted: all.map(({ since, ...one }) => ({ ...one, since: new Date(since).toISOString() })) });
  const words = {
    trusted: '',
    changed: ' (has changed since: nothing of it is run)',
    gone: ' (is not there any more)',
  };
  io.say(
    all.length === 0
      ? 'No file is trusted, so no command is run for a secret.'
      : all
          .flatMap(({ path, state, commands }) => [
            `${path}${words[state]}`,
            ...(state === 'trusted' ? lines(commands) : []),
          ])
          .join('\n'),
  );
  return exitCodes.done;
};

export const removeTrust =
  (given: readonly string[]): Command =>
  async ({ io, services }) => {
    const removed: string[] = [];
    for (const file of given.map((one) => resolve(one))) {
      const was = await services.trust.remove(file);
      if (was) removed.push(file);
      io.say(was ? `${file} is trusted no longer.` : `${file} was not trusted.`);
    }
    io.data({ removed });
    return removed.length === given.length ? exitCodes.done : exitCodes.failed;
  };
