import { resolve } from 'node:path';
import { splitId } from '../../../../preload/contract/ids.ts';
import type { EnvCandidate } from '../../../core/env-import/rewrite.ts';
import { signTitle } from '../../../core/secrecy/judge.ts';
import type { EnvProposal, ImportScope } from '../../../services/env-import.ts';
import { programName } from '../../shared/program-name.ts';
import { exitCodes } from '../exit-codes.ts';
import { meansLocal } from '../globals.ts';
import { columns } from '../present/table.ts';
import { ask, confirm } from '../prompt.ts';
import { type Command, type Context, cancelled, usage } from '../run.ts';

export interface ImportWords {
  readonly file: string;
  readonly names: readonly string[];
  readonly project: string | undefined;
  readonly user: boolean;
  readonly allProposed: boolean;
  readonly replace: boolean;
}

const isProposed = ({ sign, blocked }: EnvCandidate): boolean => sign !== undefined && blocked === undefined;

function show({ io }: Context, { file, entries, warnings }: EnvProposal): void {
  const rows = entries
    .filter(({ sign }) => sign !== undefined)
    .map(({ name, line, sign, blocked }) => [
      name,
      `line ${line}`,
      blocked === undefined ? (sign === undefined ? '' : signTitle[sign]) : `stays: ${blocked}`,
    ]);
  io.say(
    rows.length === 0
      ? `Nothing in ${file} looks like a secret.`
      : [`What looks like a secret in ${file}:`, ...columns(rows)].join('\n'),
  );
  if (!io.json) {
    for (const { message, hint } of warnings) io.warn(`Note: ${message}${hint === undefined ? '' : ` (${hint})`}`);
  }
}

/** undefined: nobody has chosen, and nobody can be asked. */
async function choose(
  context: Context,
  words: ImportWords,
  proposal: EnvProposal,
): Promise<readonly string[] | undefined> {
  const { io, globals, signal } = context;
  const proposed = proposal.entries.filter(isProposed).map(({ name }) => name);
  if (words.names.length > 0) return words.names;
  if (words.allProposed) return proposed;
  if (!io.canAsk) return undefined;
  if (proposed.length === 0) return [];
  const answer = await ask('Which of them? Names, or', 'all', signal);
  const chosen = answer === 'all' ? proposed : answer.split(/[\s,]+/).filter((name) => name !== '');
  if (!globals.yes && !(await confirm(`Move ${chosen.join(', ')} to the keychain?`, true, signal))) throw cancelled();
  return chosen;
}

/** Named, else the project that is meant by -f or -p, else that of the file's folder. */
async function toScope(
  { services, globals, target }: Context,
  words: ImportWords,
  found: EnvProposal,
): Promise<ImportScope> {
  if (words.user) return { scope: 'user' };
  const project = words.project ?? target.project;
  if (project !== undefined) return { scope: 'project', project };
  if (!meansLocal(globals))
    return { scope: 'project', project: splitId((await services.stacks.load(target)).stack).project };
  if (found.project !== undefined) return { scope: 'project', project: found.project };
  throw usage(
    'There is no compose file beside it, so it is not known whose the secrets are.',
    'Say --user for every project of yours, or --project NAME.',
  );
}

export const importEnv =
  (words: ImportWords): Command =>
  async (context) => {
    const { io, services, globals } = context;
    if (words.user && words.project !== undefined) throw usage('--user and --project exclude each other.');
    const given = resolve(words.file);
    const proposal = await services.envImport.propose(given);
    const { file, entries, warnings } = proposal;
    show(context, proposal);
    const names = await choose(context, words, proposal);
    if (names === undefined || names.length === 0) {
      io.data({ file, entries, warnings, moved: [] });
      if (names === undefined) {
        io.say(
          `Nothing was changed. \`${programName()} secret import ${words.file} --all-proposed --yes\` moves these; names can be given instead.`,
        );
      }
      return exitCodes.done;
    }
    // On a terminal the choice was confirmed; names and --all-proposed are confirmed by --yes where nobody can be asked.
    if (!globals.yes && (words.names.length > 0 || words.allProposed)) {
      if (!io.canAsk) throw usage('Nothing was changed: it was not confirmed.', 'Say --yes.');
      if (!(await confirm(`Move ${names.join(', ')} to the keychain?`, true, context.signal))) throw cancelled();
    }
    const to = await toScope(context, words, proposal);
    await services.envImport.move({ file: given, names, to, replace: words.replace });
    io.data({ file, entries, warnings, moved: names, to });
    io.say(
      `In the keychain${to.scope === 'user' ? '' : `, for the project ${to.project}`}: ${names.join(', ')}. ${file} has comments in their place.`,
    );
    io.say(
      `\`${programName()} up\` finds them. docker compose by itself does not: for it these variables are unset now.`,
    );
    io.say(`\`${programName()} secret import --undo ${words.file}\` puts the lines back.`);
    return exitCodes.done;
  };

export const undoImport =
  (file: string): Command =>
  async ({ io, services, globals, signal }) => {
    const given = resolve(file);
    const { undo } = await services.envImport.propose(given);
    if (undo.length > 0 && !globals.yes) {
      if (!io.canAsk)
        throw usage('Nothing was changed: it was not confirmed.', 'Say --yes: the file then holds values again.');
      const question = `Put ${undo.join(', ')} back into ${given}? The file then holds their values again.`;
      if (!(await confirm(question, false, signal))) throw cancelled();
    }
    const undone = await services.envImport.undo(given);
    io.data(undone);
    for (const { name, why } of undone.left) io.warn(`${name} was not put back: ${why}.`);
    if (undone.restored.length > 0) {
      io.say(
        `${undone.file} holds values again: ${undone.restored.join(', ')}. The keychain keeps them too; \`${programName()} secret rm\` removes one.`,
      );
    }
    return undone.left.length === 0 ? exitCodes.done : exitCodes.failed;
  };
