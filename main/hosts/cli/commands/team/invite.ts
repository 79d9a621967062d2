import type { PersonRole } from '../../../../../preload/contract/team-services.ts';
import type { SwarmRole } from '../../../../core/swarm/invite.ts';
import type { InviteOptions, ListedInvite } from '../../../../services/team/invites.ts';
import { exitCodes } from '../../exit-codes.ts';
import { columns, count } from '../../present/table.ts';
import { when } from '../../present/team.ts';
import { confirm } from '../../prompt.ts';
import { type Command, cancelled } from '../../run.ts';

const on = (engine: string | undefined) => (engine === undefined ? {} : { engine });

export interface InviteFlags extends Omit<InviteOptions, 'engine' | 'services'> {
  readonly qr: boolean;
  /** Lets a person into the team's services as well. */
  readonly person?: string;
  readonly personRole: PersonRole;
}

/** Prints one string that lets machines join. */
export const makeInvite =
  ({ qr, person, personRole, ...options }: InviteFlags): Command =>
  async (context) => {
    const { io, services, target } = context;
    if (person !== undefined) {
      const { invitePerson } = await import('./people.ts');
      const { lasts, ...swarm } = options;
      return invitePerson({ name: person, role: personRole, lasts, qr, swarm })(context);
    }
    const made = await services.team.invite({ ...options, ...on(target.engine) });
    io.data({ issued: made });
    io.say(made.invite);
    if (qr && !io.json) io.say(`\n${(await import('../../present/qr.ts')).qrText(made.invite)}`);
    io.warn(
      [
        '',
        `It lets machines join ${made.team} as ${made.role} (${made.machine}) until ${when(made.expires)}, as often as it is used.`,
        'Pass it on like a password: it holds the Swarm’s join token. Over there: claude-env team join',
        `The certificate to compare: ${made.fingerprint}`,
        ...(made.rotated ? [`Earlier invites for ${made.role}s had all expired; their token is worthless now.`] : []),
        ...made.notes,
      ].join('\n'),
    );
    return exitCodes.done;
  };

const table = (invites: readonly ListedInvite[]): string =>
  columns(
    [
      ['INVITE', 'ROLE', 'MACHINE', 'BY', 'UNTIL', ''],
      ...invites.map(({ id, role, machine, by, expires, alive }) => [
        id,
        role,
        machine,
        by,
        when(expires),
        alive ? '' : 'expired',
      ]),
    ],
    '',
  ).join('\n');

/** Which invites are out; their strings are nowhere. */
export const listInvites: Command = async ({ io, services, target }) => {
  const invites = await services.team.invites(on(target.engine));
  io.data({ invites });
  io.say(invites.length === 0 ? 'No invite is out.' : table(invites));
  return exitCodes.done;
};

/** A new join token: all invites of the role die. They are named first. */
export const rotate =
  (role: SwarmRole): Command =>
  async ({ io, services, target, globals, signal }) => {
    const dying = await services.team.dyingInvites({ ...on(target.engine), role });
    if (dying.length > 0) {
      io.say(`${count(dying.length, 'invite')} for ${role}s will be worth nothing:\n${table(dying)}`);
      if (io.canAsk && !globals.yes && !(await confirm('Go on?', true, signal))) throw cancelled();
    }
    const done = await services.team.rotate({ ...on(target.engine), role });
    io.data({ rotated: done });
    io.say(`Invites for ${role}s made until now no longer work. Members stay members.`);
    return exitCodes.done;
  };
