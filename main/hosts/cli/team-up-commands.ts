import { InvalidArgumentError } from 'commander';
import type { Registrar } from './container-commands.ts';
import { collect, integer } from './options.ts';

/* `team up`, `team down`: the team's services, as a stack on its Swarm. */

/** As it may stand in a certificate. */
const hostName = (value: string, before: readonly string[] = []): readonly string[] => {
  const isName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(
    value,
  );
  if (!isName || /^[\d.]+$/.test(value))
    throw new InvalidArgumentError('It must be a DNS name, such as team.example.com.');
  return collect(value.toLowerCase(), [...before]);
};

const choices: readonly (readonly [flag: string, choice: string])[] = [
  ['name', 'names'],
  ['port', 'port'],
  ['registry', 'registry'],
  ['configRepo', 'configRepo'],
  ['configBranch', 'configBranch'],
  ['syncInterval', 'syncInterval'],
  ['monitoring', 'monitoring'],
];

/** An empty text takes a choice back. */
const chosen = (flag: string, value: unknown): unknown => (flag === 'registry' && value === false ? '' : value);

export function addTeamUpCommands({
  team,
  run,
}: {
  readonly team: ReturnType<Registrar['group']>;
  readonly run: Registrar['run'];
}): void {
  team
    .add(
      'up',
      'the team’s services on its Swarm: secrets, certificate, images, stack; again: what is missing or changed',
      (globals, _none, flags) =>
        run(globals, async () =>
          (await import('./commands/team/up.ts')).teamUp({
            choices: Object.fromEntries(
              choices.flatMap(([flag, choice]) =>
                flags[flag] === undefined ? [] : [[choice, chosen(flag, flags[flag])]],
              ),
            ),
            newAuthority: flags.newCa === true,
            ...(typeof flags.allowedSigners === 'string' ? { allowedSigners: flags.allowedSigners } : {}),
            ...(typeof flags.knownHosts === 'string' ? { knownHosts: flags.knownHosts } : {}),
          }),
        ),
    )
    .option('--name <host>', 'DNS name by which servers are reached, beside their addresses; may be repeated', hostName)
    .option('--port <port>', 'where each server’s gateway listens (8443)', integer(1, 65_535))
    .option('--registry <host[:port][/prefix]>', 'the team’s registry: images go to the nodes through it')
    .option('--no-registry', 'through none any more')
    .option('--config-repo <url>', 'git repository of the team’s configuration of Claude Code')
    .option('--config-branch <branch>', 'its branch (main)')
    .option('--sync-interval <seconds>', 'how often it is looked at (300)', integer(5, 86_400))
    .option('--allowed-signers <file>', 'who may sign its commits, as git’s gpg.ssh.allowedSignersFile has it')
    .option('--known-hosts <file>', 'keys of its host, as ssh’s known_hosts has them')
    .option('--monitoring', 'Prometheus and Grafana as well')
    .option('--no-monitoring', 'without them, unless said before')
    .option('--new-ca', 'another authority; everybody then needs another invite');
  team.add('down', 'end the team’s services; their data and the keychain’s values stay', (globals) =>
    run(globals, async () => (await import('./commands/team/up.ts')).teamDown),
  );
}
