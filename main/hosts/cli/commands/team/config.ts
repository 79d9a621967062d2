import type { MemberDiff, MemberEnvironment } from '../../../../../preload/contract/team-member.ts';
import { encodeError } from '../../../../rpc/encode-error.ts';
import { programName } from '../../../shared/program-name.ts';
import { exitCodes } from '../../exit-codes.ts';
import { confirm } from '../../prompt.ts';
import { type Command, type Context, cancelled, usage } from '../../run.ts';

/* The team's configuration of Claude Code, in this user's own dev containers. */

const environmentOf = ({ target }: Pick<Context, 'target'>): { readonly environment?: string } =>
  target.environment === undefined ? {} : { environment: target.environment };

const stateLines = ({ name, servers, offered, applied, drifted, error }: MemberEnvironment): readonly string[] => [
  `${name}:`,
  ...servers.map((server) => `  ${server.name}  ${server.outcome}  ${server.detail}`),
  `  the team’s configuration: ${applied ?? 'none applied'}`,
  ...(offered === null || offered.sha === applied
    ? []
    : [`  offered: ${offered.sha}${offered.subject === undefined ? '' : ` ${offered.subject}`}`]),
  ...(drifted.length === 0 ? [] : [`  changed here since: ${drifted.join(', ')}`]),
  ...(error === undefined ? [] : [`  ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`]),
];

/** What the dev containers that run have of the team; what they lack is brought. */
export const showConfig: Command = async ({ io, services }) => {
  const environments = await services.teamMember.bringNow();
  io.data({ environments });
  io.say(
    environments.length === 0 ? 'No dev container with a team runs.' : environments.flatMap(stateLines).join('\n'),
  );
  return environments.some(({ state }) => state === 'failed') ? exitCodes.failed : exitCodes.done;
};

/**
 * After joining, and after a start: the dev containers that run have the team's servers from then on, and their user is told
 * what is offered. Nothing without a team, and no failure of what went before.
 */
export async function bringToContainers({
  io,
  services,
  log,
}: Pick<Context, 'io' | 'services' | 'log'>): Promise<void> {
  try {
    const environments = await services.teamMember.bringNow();
    if (environments.length === 0) return;
    io.data({ type: 'team', environments });
    for (const line of environments.flatMap(stateLines)) io.say(line);
    if (environments.some(({ offered, applied }) => offered !== null && offered.sha !== applied)) {
      io.say(
        `Look at what is offered with \`${programName()} team config diff\`; nothing of it is applied before you agree.`,
      );
    }
  } catch (error) {
    const { message, hint = '' } = encodeError(error, 'team-member', log);
    io.warn(`The team’s part was not brought to the dev container: ${message} ${hint}`.trimEnd());
  }
}

const diffLines = ({ files, carries, notes, offered, applied }: MemberDiff): readonly string[] => {
  const title = { add: 'new', change: 'changed', remove: 'removed', 'keep-yours': 'yours stays', same: 'the same' };
  return [
    ...files.flatMap(({ path, kind, diff, note }) => [
      `${title[kind]}: ${path}${note === undefined ? '' : ` (${note})`}`,
      ...(diff === '' ? [] : [diff.trimEnd()]),
    ]),
    ...(carries.length === 0 ? [] : ['', 'It runs on this machine, or lets Claude do unasked:']),
    ...carries.map(({ file, what, command }) => `  ${file}, ${what}: ${command}`),
    ...notes.map((note) => `  ${note}`),
    '',
    offered === null
      ? 'The team offers no configuration yet.'
      : `${offered.sha === applied ? 'Applied' : 'Offered'}: ${offered.sha} ${offered.subject ?? ''}`.trimEnd(),
  ];
};

export const showDiff: Command = async (context) => {
  const diff = await context.services.teamMember.diff(environmentOf(context));
  context.io.data({ diff });
  context.io.say(diffLines(diff).join('\n'));
  return exitCodes.done;
};

/** Shows what it would change and run, asks, and applies exactly that revision. */
export const applyConfig =
  (sha: string | undefined): Command =>
  async (context) => {
    const { io, services, globals, signal } = context;
    const diff = await services.teamMember.diff(environmentOf(context));
    const { offered } = diff;
    if (offered === null) throw usage('The team offers no configuration yet.');
    if (sha !== undefined && !offered.sha.startsWith(sha)) {
      throw usage(`Revision ${sha} is not the one that is offered.`, `Offered: ${offered.sha}`);
    }
    if (!globals.yes) {
      if (!io.canAsk)
        throw usage('Applying has to be agreed to.', `Look at it with \`team config diff\`, then add --yes.`);
      io.say(diffLines(diff).join('\n'));
      if (!(await confirm('Apply it?', false, signal))) throw cancelled();
    }
    const applied = await services.teamMember.apply({ environment: diff.environment, sha: offered.sha });
    io.data({ applied });
    io.say(
      [
        ...applied.written.map((path) => `written: ${path}`),
        ...applied.kept.map(({ path, note }) => `yours stays: ${path}: ${note}`),
        `${diff.environment} has ${offered.sha} of ${diff.team}. Undo it with: team config undo`,
      ].join('\n'),
    );
    return exitCodes.done;
  };

export const undoConfig: Command = async (context) => {
  const undone = await context.services.teamMember.undo(environmentOf(context));
  context.io.data({ undone });
  context.io.say(
    [
      ...undone.restored.map((path) => `as it was: ${path}`),
      ...undone.kept.map(({ path, note }) => `yours stays: ${path}: ${note}`),
      `Nothing of the team’s configuration is left in ${undone.environment}.`,
    ].join('\n'),
  );
  return exitCodes.done;
};

/** Has the team's repository looked at now. */
export const syncConfig: Command = async ({ io, services, signal }) => {
  if (io.live) io.say('config-sync looks at the team’s repository …');
  const looked = await services.teamServices.syncConfig(signal);
  io.data({ looked });
  io.say([looked.says, ...(looked.hint === undefined ? [] : [looked.hint])].join('\n'));
  return looked.outcome === 'trouble' ? exitCodes.failed : exitCodes.done;
};

/** An operator's: exactly this commit is offered to members from then on. */
export const approveConfig =
  (sha: string): Command =>
  async ({ io, services }) => {
    await services.teamServices.approveRevision(sha);
    io.data({ approved: sha });
    io.say(`${sha} is offered to the team from now on.`);
    return exitCodes.done;
  };
