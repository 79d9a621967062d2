import { text as readAll } from 'node:stream/consumers';
import { splitId } from '../../../../preload/contract/ids.ts';
import { type CredentialKey, credentialName, titleOf } from '../../../services/credentials.ts';
import { programName } from '../../shared/program-name.ts';
import { exitCodes } from '../exit-codes.ts';
import { askHidden } from '../hidden-prompt.ts';
import { columns } from '../present/table.ts';
import { type Command, type Context, usage } from '../run.ts';
import { sessionWay } from './session-way.ts';

interface Which {
  readonly name: string;
  readonly scope: CredentialKey['scope'];
}

async function toKey({ services, target }: Context, { name, scope }: Which): Promise<CredentialKey> {
  if (!credentialName.safeParse(name).success) {
    throw usage(
      `${name} is no name for a secret.`,
      'Use letters, digits and _, as a variable in a compose file has it.',
    );
  }
  if (scope === 'user') return { scope, name };
  if (scope === 'team') {
    const team = await services.swarm.team(target);
    if (team !== undefined) return { scope, name, team };
    throw usage('This machine is in no team, as far as is known here.', `${programName()} team view says more.`);
  }
  if (target.project !== undefined) return { scope, name, project: target.project };
  const { stack } = await services.stacks.load(target);
  return { scope, name, project: splitId(stack).project };
}

/** A value is never an argument: those are seen by everybody on the machine, and kept in the shell's history. */
async function readValue({ io, signal }: Context, name: string): Promise<string> {
  if (io.canAsk) return askHidden(`Value of ${name} (it is not shown):`, signal);
  const piped = await readAll(process.stdin);
  // `echo value |` ends with a line break that is not meant.
  return piped.replace(/\r?\n$/, '');
}

export const setSecret =
  (which: Which): Command =>
  async (context) => {
    const key = await toKey(context, which);
    const value = await readValue(context, which.name);
    if (value === '')
      throw usage(
        `No value was given for ${which.name}.`,
        `printf %s "$VALUE" | ${programName()} secret set ${which.name}`,
      );
    await context.services.credentials.set(key, value);
    // Who keeps a value for a project's files means that project to have it.
    if (key.scope === 'project' && context.target.project === undefined)
      await context.services.stacks.agree(context.target, [key.name]);
    context.io.data({ set: key });
    context.io.say(
      `${titleOf(key)} is in the keychain. \`${programName()} up\` brings it to the services that use it.`,
    );
    return exitCodes.done;
  };

const scopeText = (of: CredentialKey): string =>
  of.scope === 'user' ? 'user' : of.scope === 'team' ? `team ${of.team}` : `project ${of.project}`;

export const listSecrets: Command = async ({ io, services }) => {
  const [all, trouble] = await Promise.all([services.credentials.list(), services.credentials.trouble()]);
  io.data({
    ...(trouble === undefined ? {} : { keychain: trouble }),
    secrets: all.map(({ changedAt, ...key }) => ({ ...key, changedAt: new Date(changedAt).toISOString() })),
  });
  io.say(
    all.length === 0
      ? `No secrets yet. \`${programName()} secret set NAME\` keeps one in the keychain.`
      : columns(
          [
            ['NAME', 'SCOPE', 'CHANGED'],
            ...all.map((one) => [
              one.name,
              scopeText(one),
              new Date(one.changedAt).toISOString().slice(0, 16).replace('T', ' '),
            ]),
          ],
          '',
        ).join('\n'),
  );
  if (trouble !== undefined && !io.json) {
    io.warn([trouble.message, trouble.hint, sessionWay()].filter((line) => line !== undefined).join('\n'));
  }
  return exitCodes.done;
};

export const removeSecret =
  (which: Which): Command =>
  async (context) => {
    const key = await toKey(context, which);
    const removed = await context.services.credentials.remove(key);
    context.io.data({ removed, key });
    context.io.say(removed ? `${titleOf(key)} was removed.` : `There is no ${titleOf(key)}.`);
    return removed ? exitCodes.done : exitCodes.failed;
  };
