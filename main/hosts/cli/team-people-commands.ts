import { Option } from 'commander';
import type { PersonRole } from '../../../preload/contract/team-services.ts';
import type { MachineRole } from '../../core/swarm/invite.ts';
import type { Registrar } from './container-commands.ts';
import { lasting } from './options.ts';

/* `team status`, `people`, `person …`, `incident …`: the team's own services, as this user is linked to them. */

const roles: readonly PersonRole[] = ['guest', 'member', 'operator'];
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const personRoleOption = (preset: PersonRole, flags = '--role <role>'): Option =>
  new Option(
    flags,
    'what the person may: guest, the services alone; member, the team’s people and state too; operator, all',
  )
    .choices(roles)
    .default(preset);

interface Parts {
  readonly team: ReturnType<Registrar['group']>;
  readonly run: Registrar['run'];
}

export function addPeopleCommands({ team, run }: Parts): void {
  const load = () => import('./commands/team/people.ts');
  team.add('status', 'the team’s services: environments, configuration, MCP servers, incidents', (globals) =>
    run(globals, async () => (await import('./commands/team/status.ts')).status),
  );
  team.add('people', 'who is in the team, what they have running, and which invites are out', (globals) =>
    run(globals, async () => (await load()).people),
  );
  team.add('renew-token', 'a new token for the team’s services; the old one ends within a minute', (globals) =>
    run(globals, async () => (await load()).renewToken),
  );
  const person = team.group('person', 'one person of the team, by name or id');
  person
    .add('invite <name>', 'print one string that lets this person in, once', (globals, [name = ''], flags) =>
      run(globals, async () =>
        (await load()).invitePerson({
          name,
          role: flags.role as PersonRole,
          lasts: flags.expires as number,
          qr: flags.qr === true,
          ...(flags.machine === undefined
            ? {}
            : { swarm: { role: 'worker' as const, machine: flags.machine as MachineRole } }),
        }),
      ),
    )
    .addOption(personRoleOption('guest'))
    .addOption(
      new Option('--machine <role>', 'a machine of theirs joins the Swarm as well, as worker').choices([
        'server',
        'laptop',
      ] satisfies MachineRole[]),
    )
    .addOption(
      new Option('--expires <time>', 'how long it works: 45m, 24h, 7d').argParser(lasting).default(86_400, '24h'),
    )
    .option('--qr', 'as a QR code, too');
  person.add('approve <invite>', 'let an invite work that a member has proposed', (globals, [id = '']) =>
    run(globals, async () => (await load()).approveInvite(id)),
  );
  person.add('withdraw <invite>', 'end an invite that nobody has used', (globals, [id = '']) =>
    run(globals, async () => (await load()).withdrawInvite(id)),
  );
  person.add('role <person> <role>', 'guest, member or operator', (globals, [who = '', role]) =>
    run(globals, async () => {
      const [{ setRole }, { usage }] = await Promise.all([load(), import('./run.ts')]);
      const wanted = roles.find((one) => one === role);
      if (wanted === undefined) throw usage(`${role} is no role.`, `There are ${roles.join(', ')}.`);
      return setRole(who, wanted);
    }),
  );
  person.add(
    'rm <person>',
    'take a person out: tokens, invites, their machines, and what secrets they could read',
    (globals, [who = '']) => run(globals, async () => (await load()).removePerson(who)),
  );
  addIncidents({ team, run });
}

function addIncidents({ team, run }: Parts): void {
  const incident = team.group('incident', 'what is wrong, and who is on it');
  const load = () => import('./commands/team/incident.ts');
  incident.add('list', 'open ones, then the latest', (globals) => run(globals, async () => (await load()).list));
  incident
    .add('open <title>', 'tell the team', (globals, [title = ''], flags) =>
      run(globals, async () => (await load()).open({ title, detail: text(flags.detail) })),
    )
    .option('--detail <text>', 'what was seen');
  const change = (
    name: string,
    description: string,
    to: { readonly owner?: 'me' | null; readonly state?: 'open' | 'resolved' },
  ) =>
    incident
      .add(`${name} <incident>`, description, (globals, [id = ''], flags) =>
        run(globals, async () => (await load()).change(id, { ...to, note: text(flags.note) })),
      )
      .option('--note <text>', 'what the others should know');
  change('take', 'you are on it', { owner: 'me' });
  change('release', 'you are no longer on it', { owner: null });
  change('resolve', 'it is over', { state: 'resolved' });
  change('reopen', 'it is not over', { state: 'open' });
  incident.add('note <incident> <text>', 'tell the others what you know', (globals, [id = '', note = '']) =>
    run(globals, async () => (await load()).change(id, { note })),
  );
}
