import { splitId } from '../../../preload/contract/ids.ts';
import type { Plan } from '../../../preload/contract/model.ts';
import type { MissingValue } from '../../../preload/contract/plan-values.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { sourceText } from '../../core/opaque.ts';
import type { CredentialKey } from '../../services/credentials.ts';
import { programName } from '../shared/program-name.ts';
import { askHidden } from './hidden-prompt.ts';
import { errorText } from './present/errors.ts';
import { ask, confirm } from './prompt.ts';
import { type Context, cancelled, usage } from './run.ts';

/* Values that a plan lacks, and values that it gives away for the first time: both are asked on a terminal alone. */

/**
 * Asks for each missing value, and where it shall be kept. A blank one is asked for only when something is about to be
 * done. true: something was given, so the plan is another one.
 */
export async function askMissing(context: Context, plan: Plan): Promise<boolean> {
  const { io, globals, services, target } = context;
  const wanted = (plan.missing ?? []).filter(({ required }) => required || plan.steps.length > 0);
  if (wanted.length === 0 || !io.canAsk || globals.yes) return false;
  const given: string[] = [];
  for (const one of wanted) {
    const value = await askValue(context, one);
    if (value === '') continue;
    await keep(context, { scope: 'project', project: splitId(plan.stack).project, name: one.name }, value);
    given.push(one.name);
  }
  // Who types a value for a project means that project to have it.
  if (given.length > 0) await services.stacks.agree(target, given);
  return given.length > 0;
}

async function askValue({ io, signal }: Context, { name, required, message, where }: MissingValue): Promise<string> {
  const place = where === undefined ? '' : ` (${where.file}:${where.line}:${where.column})`;
  const why = message === undefined ? '' : `: ${message}`;
  io.say(`${name} is not set${why}${place}`);
  const empty = required ? 'without it nothing is done' : 'nothing: it stays blank';
  return askHidden(`Its value (not shown; ${empty}):`, signal);
}

async function keep({ io, services, signal }: Context, key: CredentialKey, value: string): Promise<void> {
  const answer = await ask(
    'Keep it in the keychain for this [p]roject or for all of yours [u], or this [r]un only?',
    'p',
    signal,
  );
  const letter = answer.charAt(0).toLowerCase();
  const meant: CredentialKey = letter === 'u' ? { scope: 'user', name: key.name } : key;
  if (letter !== 'r') {
    try {
      return await services.credentials.set(meant, value);
    } catch (error) {
      if (!(error instanceof AppFailure) || !error.error.code.startsWith('keychain.')) throw error;
      io.warn(errorText(error.error, io.paint));
      io.say(`${key.name} is used for this run only.`);
    }
  }
  await services.credentials.set(key, value, { keep: 'session' });
}

/** Names that the project's folder may have from now on; throws when the answer is no, or when nobody can be asked. */
export async function askConsent({ io, globals, signal }: Context, plan: Plan): Promise<readonly string[]> {
  const open = (plan.credentials ?? []).filter(({ agreed }) => !agreed);
  const names = open.map(({ name }) => name);
  if (open.length === 0 || globals.yes) return names;
  const said = open.map(({ name, source, services }) => `  ${name} (${sourceText(source)}) to ${services.join(', ')}`);
  if (!io.canAsk) {
    throw usage(
      `This project asks for values of yours for the first time:\n${said.join('\n')}`,
      `Look at what its services do with them (\`${programName()} plan\`), then agree with \`--yes\`.`,
    );
  }
  io.say(`This project asks for values of yours for the first time:\n${said.join('\n')}`);
  if (!(await confirm('Give them, now and later?', false, signal))) throw cancelled();
  return names;
}
