import type { Joined } from '../../../../services/team/join.ts';
import type { Linked } from '../../../../services/team-services/join.ts';
import { programName } from '../../../shared/program-name.ts';
import { exitCodes } from '../../exit-codes.ts';
import { checkText, when } from '../../present/team.ts';
import { confirm } from '../../prompt.ts';
import { type Command, type Context, cancelled, usage } from '../../run.ts';
import { bringToContainers } from './config.ts';
import { readSecret } from './read-secret.ts';

export interface JoinFlags {
  /** As an argument; else it is asked for. */
  readonly invite?: string;
  readonly advertise?: string;
  readonly probe: boolean;
}

const on = (engine: string | undefined) => (engine === undefined ? {} : { engine });
const pasteHere = 'Paste the invite (it is not shown):';

async function agree({ io, globals, signal }: Context, team: string): Promise<void> {
  if (globals.yes) return;
  if (!io.canAsk) throw usage('Joining gives others power over this machine, so it has to be agreed to.', 'Add --yes.');
  if (!(await confirm(`Join ${team}?`, false, signal))) throw cancelled();
}

function sayOverlay({ io }: Context, { verdict, says }: Joined['overlay']): void {
  const [sign, style] =
    verdict === 'both'
      ? (['✓', 'green'] as const)
      : verdict === 'skipped' || verdict === 'no-network'
        ? (['○', 'gray'] as const)
        : (['■', 'red'] as const);
  io.say(`${io.paint(style, sign)} ${says}`);
}

function sayLinked({ io }: Context, linked: Linked): void {
  io.data({ linked });
  io.say(
    `You are ${linked.person.name} (${linked.person.role}) to ${linked.team}’s services; the token is in the keychain.`,
  );
  if (linked.servers.length > 0) io.say(`MCP servers: ${linked.servers.map(({ name }) => name).join(', ')}.`);
  for (const note of linked.notes) io.say(`${io.paint('yellow', '▲')} ${note}`);
}

/** Shows what the invite says and means, tests, joins, and tries the overlay network. */
export const join =
  (flags: JoinFlags): Command =>
  async (context) => {
    const { io, services, target, signal } = context;
    const invite = flags.invite ?? (await readSecret(context, pasteHere));
    const facts = services.team.readInvite(invite);
    io.say(`Team         ${io.paint('bold', facts.team)}`);
    if (facts.role !== undefined) {
      io.say(`As           ${facts.role}, ${facts.machine}`);
      io.say(`Managers     ${facts.managers.join(', ')}`);
      io.say(`Certificate  ${facts.fingerprint}   (compare it with whoever sent the invite)`);
    }
    if (facts.services !== undefined) {
      io.say(`Services     ${facts.services.addresses.join(', ')}`);
      io.say(`Their CA     ${facts.services.fingerprint}   (compare it with whoever sent the invite)`);
    }
    io.say(`Until        ${when(facts.expires)}`);
    if (facts.see !== undefined) io.say(`Seen through ${facts.see}   (with your own login there)`);
    for (const sentence of facts.means) io.say(`  ${sentence}`);
    await agree(context, facts.team);
    const { linked, joined } = await services.teamServices.enter(
      {
        invite,
        probe: flags.probe,
        ...on(target.engine),
        ...(flags.advertise === undefined ? {} : { advertise: flags.advertise }),
        onProgress: (says) => io.say(`${says} …`),
        onLinked: (made) => sayLinked(context, made),
        onChecks: (checks) => {
          for (const check of checks) io.say(checkText(check, io.paint));
          io.data({ checks });
        },
      },
      signal,
    );
    if (linked !== undefined) await bringToContainers(context);
    if (joined === undefined) return exitCodes.done;
    io.data({ joined });
    io.say(`This machine (${joined.hostname}) is a ${joined.role} of ${joined.team} now, known as ${joined.address}.`);
    sayOverlay(context, joined.overlay);
    for (const note of [...joined.warnings, ...joined.notes]) io.say(`${io.paint('yellow', '▲')} ${note}`);
    io.say(`\`${programName()} team nodes\` shows the team, \`${programName()} team leave\` leaves it.`);
    return exitCodes.done;
  };

/** Leaves and joins with the address that this machine has now. */
export const rejoin =
  (flags: { readonly inviteOnStdin: boolean; readonly advertise?: string; readonly probe: boolean }): Command =>
  async (context) => {
    const { io, services, target, signal } = context;
    const invite = flags.inviteOnStdin ? await readSecret(context, pasteHere) : undefined;
    const done = await services.team.rejoin(
      {
        probe: flags.probe,
        ...on(target.engine),
        ...(flags.advertise === undefined ? {} : { advertise: flags.advertise }),
        ...(invite === undefined ? {} : { invite }),
      },
      signal,
    );
    io.data({ rejoined: done });
    io.say(`${done.team} knew this machine as ${done.was.address}, and knows it as ${done.address} now.`);
    if (done.labelsKept) io.say('Its labels are as before; the old entry is gone.');
    sayOverlay(context, done.overlay);
    for (const note of done.notes) io.say(`${io.paint('yellow', '▲')} ${note}`);
    return exitCodes.done;
  };
