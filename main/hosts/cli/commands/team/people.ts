import type { PersonRole } from '../../../../../preload/contract/team-services.ts';
import type { MachineRole, SwarmRole } from '../../../../core/swarm/invite.ts';
import { programName } from '../../../shared/program-name.ts';
import { exitCodes } from '../../exit-codes.ts';
import { count } from '../../present/table.ts';
import { when } from '../../present/team.ts';
import { errorLines, peopleLines, personInviteLines } from '../../present/team-services.ts';
import { confirm } from '../../prompt.ts';
import { type Command, cancelled, usage } from '../../run.ts';

const on = (engine: string | undefined) => (engine === undefined ? {} : { engine });

export const people: Command = async ({ io, services, signal }) => {
  const state = await services.teamServices.look(['config', 'people', 'invites'], signal);
  io.data({ people: Object.values(state.people ?? {}), invites: state.invites ?? [], errors: state.errors });
  const { link } = state;
  if (link.kind === 'open' && link.me.role === 'guest') {
    io.say(`You are a guest of ${link.team}: its people are for members to see.`);
    return exitCodes.done;
  }
  const lines = [...peopleLines(Object.values(state.people ?? {})), ...personInviteLines(state.invites ?? [])];
  io.say([...lines, ...errorLines(state.errors, io.paint)].join('\n'));
  return Object.keys(state.errors).length === 0 ? exitCodes.done : exitCodes.failed;
};

export interface PersonInviteFlags {
  readonly name: string;
  readonly role: PersonRole;
  readonly lasts: number;
  readonly qr: boolean;
  /** A machine of theirs joins the Swarm as well. */
  readonly swarm?: { readonly role: SwarmRole; readonly machine: MachineRole; readonly see?: string };
}

/** Prints one string that lets one person in, once. */
export const invitePerson =
  ({ qr, swarm, ...options }: PersonInviteFlags): Command =>
  async ({ io, services, target }) => {
    const made = await services.teamServices.invitePerson({
      ...options,
      ...(swarm === undefined ? {} : { swarm: { ...on(target.engine), ...swarm } }),
    });
    io.data({ issued: made });
    io.say(made.invite);
    if (qr && !io.json) io.say(`\n${(await import('../../present/qr.ts')).qrText(made.invite)}`);
    io.warn(
      [
        '',
        `It lets ${made.name} into ${made.team}’s services as ${made.role}, once, until ${when(made.expires)}${swarm === undefined ? '' : ', and a machine into the Swarm'}.`,
        ...(made.pending ? [`It waits for an operator: ${programName()} team person approve ${made.id}`] : []),
        'Pass it on like a password. Over there: claude-env team join',
        ...made.notes,
      ].join('\n'),
    );
    return exitCodes.done;
  };

const withInvite =
  (act: 'approveInvite' | 'withdrawInvite', key: string, says: string) =>
  (id: string): Command =>
  async ({ io, services }) => {
    await services.teamServices[act](id);
    io.data({ [key]: id });
    io.say(`${id} ${says}`);
    return exitCodes.done;
  };
export const approveInvite = withInvite('approveInvite', 'approved', 'works from now on.');
export const withdrawInvite = withInvite('withdrawInvite', 'withdrawn', 'is worth nothing any more.');

export const setRole =
  (who: string, role: PersonRole): Command =>
  async ({ io, services }) => {
    const person = await services.teamServices.setRole(who, role);
    io.data({ person });
    io.say(`${person.name} is ${role} now.`);
    return exitCodes.done;
  };

export const renewToken: Command = async ({ io, services }) => {
  await services.teamServices.renewToken();
  io.data({ renewed: true });
  io.say('There is a new token in the keychain; the old one ends within a minute.');
  return exitCodes.done;
};

/** Says what it means, then takes the person out, and names what is left for people to do. */
export const removePerson =
  (who: string): Command =>
  async ({ io, services, target, globals, signal }) => {
    const advice = await services.teamServices.adviseRemoval(who, on(target.engine));
    io.say(`Taking ${advice.name} out:`);
    for (const sentence of advice.means) io.say(`  ${sentence}`);
    if (!globals.yes) {
      if (!io.canAsk) throw usage('Taking a person out has to be agreed to.', 'Add --yes.');
      if (!(await confirm(`Take ${advice.name} out?`, false, signal))) throw cancelled();
    }
    const removed = await services.teamServices.removePerson(who, { ...on(target.engine), nodes: advice.nodes });
    io.data({ removed });
    io.say(
      `${removed.name} is out: ${count(removed.revoked, 'token')} revoked, ${count(removed.invitesEnded, 'invite')} ended.`,
    );
    if (removed.rotated.length > 0) io.say(`New join tokens: ${removed.rotated.join(', ')}.`);
    if (removed.nodes.length > 0) io.say(`Out of the Swarm: ${removed.nodes.join(', ')}.`);
    if (removed.secrets.length > 0) {
      io.say('These secrets could be read on their machines; give what they stand for new values:');
      for (const { name, stack, why } of removed.secrets) {
        io.say(`  ${stack === undefined ? '' : `${stack}: `}${name}  (${why})`);
      }
    }
    for (const note of removed.notes) io.say(`${io.paint('yellow', '▲')} ${note}`);
    return exitCodes.done;
  };
