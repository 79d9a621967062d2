import { type Command, Option } from 'commander';
import type { PersonRole } from '../../../preload/contract/team-services.ts';
import type { MachineRole, SwarmRole } from '../../core/swarm/invite.ts';
import type { NodeAction } from '../../services/team/nodes.ts';
import type { Registrar } from './container-commands.ts';
import { integer, lasting } from './options.ts';
import { addConfigCommand } from './team-config-commands.ts';
import { addPeopleCommands, personRoleOption } from './team-people-commands.ts';
import { addTeamUpCommands } from './team-up-commands.ts';

/* `team …`: the Swarm that a team shares. As in program.ts nothing but commander is loaded before one of them runs. */

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const given = <T>(key: string, value: T | undefined): Readonly<Record<string, T>> =>
  value === undefined ? {} : { [key]: value };

const machineOption = (preset: MachineRole) =>
  new Option('--machine <role>', 'server: runs the team’s services; laptop: comes and goes')
    .choices(['server', 'laptop'] satisfies MachineRole[])
    .default(preset);
const advertise = (command: Command): Command =>
  command.option('--advertise <address>', 'address (or interface) by which the others reach this machine');
const noProbe = (command: Command): Command =>
  command.option('--no-probe', 'do not try the overlay network afterwards');

export function addTeamCommands({ group, run }: Pick<Registrar, 'group' | 'run'>): void {
  const team = group(
    'team',
    'the Swarm and the services that a team shares: create, invite, join, people, status, leave',
  );
  addEntrances({ team, run });
  addKeys({ team, run });
  addNodeCommands({ team, run });
  addPeopleCommands({ team, run });
  addConfigCommand({ team, run });
  addTeamUpCommands({ team, run });
}

interface Parts {
  readonly team: ReturnType<Registrar['group']>;
  readonly run: Registrar['run'];
}

function addEntrances({ team, run }: Parts): void {
  advertise(
    team.add('create <name>', 'make this engine the first manager of a new team', (globals, [name = ''], flags) =>
      run(globals, async () =>
        (await import('./commands/team/create.ts')).createTeam({
          name,
          machine: flags.machine as MachineRole,
          autolock: flags.autolock === true,
          ...given('encrypt', flags.encrypt as boolean | undefined),
          ...given('advertise', text(flags.advertise)),
          ...given('addressPool', text(flags.addressPool)),
          ...given('dataPathPort', flags.dataPathPort as number | undefined),
        }),
      ),
    ),
  )
    .option('--data-path-port <port>', 'UDP port of the overlay networks (4789)', integer(1024, 49_151))
    .option('--address-pool <range>', 'where overlay networks get their addresses, as 10.20.0.0/16,24')
    .option('--encrypt', 'encrypt overlay networks; that is so unless this machine’s kernel cannot')
    .option('--no-encrypt', 'do not')
    .option('--autolock', 'managers need a key after a restart; it is kept in the keychain')
    .addOption(machineOption('server'));
  team
    .add(
      'invite',
      'print one string that lets machines join; to be passed on like a password',
      (globals, _none, flags) =>
        run(globals, async () =>
          (await import('./commands/team/invite.ts')).makeInvite({
            role: flags.role as SwarmRole,
            machine: flags.machine as MachineRole,
            lasts: flags.expires as number,
            qr: flags.qr === true,
            personRole: flags.personRole as PersonRole,
            ...given('see', text(flags.see)),
            ...given('person', text(flags.person)),
          }),
        ),
    )
    .addOption(
      new Option('--role <role>', 'what the machine is for the Swarm')
        .choices(['worker', 'manager'] satisfies SwarmRole[])
        .default('worker'),
    )
    .addOption(machineOption('laptop'))
    .addOption(
      new Option('--expires <time>', 'how long it works: 45m, 24h, 7d').argParser(lasting).default(86_400, '24h'),
    )
    .option('--person <name>', 'lets this person into the team’s services as well, once')
    .addOption(personRoleOption('member', '--person-role <role>'))
    .option('--qr', 'as a QR code, too')
    .option('--see <place>', 'how the invited person sees the team: ssh://user@host, or context:NAME');
  team.add('invites', 'which invites are out; their strings are nowhere', (globals) =>
    run(globals, async () => (await import('./commands/team/invite.ts')).listInvites),
  );
  noProbe(
    advertise(
      team.add(
        'join [invite]',
        'join the team of an invite; without it, it is asked for or read from standard input',
        (globals, [invite], flags) =>
          run(globals, async () =>
            (await import('./commands/team/join.ts')).join({
              probe: flags.probe !== false,
              ...given('invite', invite),
              ...given('advertise', text(flags.advertise)),
            }),
          ),
      ),
    ),
  );
  noProbe(
    advertise(
      team.add(
        'rejoin',
        'after a change of this machine’s address: leave, join again, keep the labels',
        (globals, _none, flags) =>
          run(globals, async () =>
            (await import('./commands/team/join.ts')).rejoin({
              inviteOnStdin: flags.inviteStdin === true,
              probe: flags.probe !== false,
              ...given('advertise', text(flags.advertise)),
            }),
          ),
      ),
    ),
  ).option('--invite-stdin', 'a new invite, asked for or read from standard input');
  team
    .add('leave', 'leave the team; says first what breaks', (globals, _none, flags) =>
      run(globals, async () =>
        (await import('./commands/team/leave.ts')).leave({
          withoutBackup: flags.withoutBackup === true,
          ...given('backup', text(flags.backup)),
        }),
      ),
    )
    .option('--backup <file>', 'the only manager: a backup of the Swarm’s state')
    .option('--without-backup', 'the only manager: end the Swarm for good');
  team
    .add('nodes', 'the team’s machines, as far as this one can know them', (globals, _none, flags) =>
      run(globals, async () => {
        const { nodes, watch } = await import('./commands/team/nodes.ts');
        return flags.watch === true ? watch : nodes;
      }),
    )
    .option('-w, --watch', 'go on, and say when this machine’s address is no longer the one that the team knows');
}

function addKeys({ team, run }: Parts): void {
  team.add('rotate <role>', 'worker or manager: end all invites of that role', (globals, [role], _flags) =>
    run(globals, async () => {
      const [{ rotate }, { usage }] = await Promise.all([import('./commands/team/invite.ts'), import('./run.ts')]);
      if (role !== 'worker' && role !== 'manager') throw usage(`${role} is no role.`, 'There are worker and manager.');
      return rotate(role);
    }),
  );
  team.add(
    'autolock <on|off>',
    'whether managers need a key after a restart; on again: a new key',
    (globals, [wanted]) =>
      run(globals, async () => {
        const [{ autolock }, { usage }] = await Promise.all([import('./commands/team/keys.ts'), import('./run.ts')]);
        if (wanted !== 'on' && wanted !== 'off') throw usage(`${wanted} is neither on nor off.`);
        return autolock(wanted === 'on');
      }),
  );
  team
    .add('unlock', 'give a restarted manager its key, from the keychain', (globals, _none, flags) =>
      run(globals, async () => (await import('./commands/team/keys.ts')).unlock(flags.keyStdin === true)),
    )
    .option('--key-stdin', 'ask for the key, or read it from standard input');
  const files = (flags: Readonly<Record<string, unknown>>, to: string) => ({
    ...given('root', text(flags.root)),
    ...given('file', text(flags[to])),
  });
  team
    .add(
      'backup',
      'how to back up the Swarm’s state; with --root and a stopped engine: do it',
      (globals, _none, flags) =>
        run(globals, async () => (await import('./commands/team/backup.ts')).backup(files(flags, 'to'))),
    )
    .option('--root <folder>', 'root folder of the stopped engine')
    .option('--to <file>', 'where to write; it opens the whole Swarm, keep it as you keep keys');
  team
    .add('restore', 'put a backup of the Swarm’s state back under a stopped engine', (globals, _none, flags) =>
      run(globals, async () => (await import('./commands/team/backup.ts')).restore(files(flags, 'from'))),
    )
    .option('--root <folder>', 'root folder of the stopped engine')
    .option('--from <file>', 'the backup');
  team.add('recover', 'when too few managers are left for good: go on with this one alone', (globals) =>
    run(globals, async () => (await import('./commands/team/keys.ts')).recover),
  );
}

function addNodeCommands({ team, run }: Parts): void {
  const nodes = team.group('node', 'one machine of the team, by its host name or the beginning of its id');
  const load = () => import('./commands/team/node.ts');
  const change = (name: Exclude<NodeAction['kind'], 'role' | 'label'>, description: string) =>
    nodes.add(`${name} <node>`, description, (globals, [node = '']) =>
      run(globals, async () => (await load()).changeNode(node, { kind: name })),
    );
  change('promote', 'make it a manager');
  change('demote', 'make it a worker');
  change('drain', 'move its tasks elsewhere, and start none on it');
  change('pause', 'start no new tasks on it');
  change('activate', 'let it have tasks again');
  nodes.add('role <node> <role>', 'server or laptop', (globals, [node = '', role]) =>
    run(globals, async () => {
      const [{ changeNode }, { usage }] = await Promise.all([load(), import('./run.ts')]);
      if (role !== 'server' && role !== 'laptop') throw usage(`${role} is no role.`, 'There are server and laptop.');
      return changeNode(node, { kind: 'role', machine: role });
    }),
  );
  nodes.add(
    'label <node> <labels...>',
    'KEY=VALUE sets a label, KEY- takes it away',
    (globals, [node = '', ...labels]) =>
      run(globals, async () => {
        const { changeNode, toLabels } = await load();
        return changeNode(node, { kind: 'label', labels: toLabels(labels) });
      }),
  );
  nodes
    .add('rm <node>', 'take a machine off the list that has left or is gone', (globals, [node = ''], flags) =>
      run(globals, async () => (await load()).removeNode(node, flags.force === true)),
    )
    .option('--force', 'also one that is there and working');
  nodes.add(
    'replace <old> <new>',
    'a machine that joined again gets its old entry’s labels; the old one goes',
    (globals, [old = '', by = '']) => run(globals, async () => (await load()).replaceNode(old, by)),
  );
}
