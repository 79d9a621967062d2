import { type Command, Option } from 'commander';
import type { CredentialKey } from '../../services/credentials.ts';
import type { Registrar } from './container-commands.ts';
import type { Globals } from './globals.ts';

/** `secret set|list|rm|import`: the keychain's entries by name. As in program.ts nothing but commander is loaded before. */
export function addSecretCommands({ group, run }: Pick<Registrar, 'group' | 'run'>): void {
  const secrets = group(
    'secret',
    'values in the system’s keychain, for variables and secrets of compose files that are set nowhere else',
  );
  const scoped = (command: Command) =>
    command.addOption(
      new Option(
        '--scope <scope>',
        'user: for every project; project: for the one that is meant by -f or -p; team: for stacks on this team’s Swarm',
      )
        .choices(['user', 'project', 'team'] satisfies CredentialKey['scope'][])
        .default('user'),
    );
  const scopeOf = (flags: Readonly<Record<string, unknown>>) => flags.scope as CredentialKey['scope'];
  const load = () => import('./commands/secret.ts');
  const way = async () => (await import('./commands/session-way.ts')).orForThisRun;

  scoped(
    secrets.add(
      'set <name>',
      'keep a value; it is asked for, or read from standard input',
      (globals: Globals, [name = ''], flags) =>
        run(globals, async () => (await way())((await load()).setSecret({ name, scope: scopeOf(flags) }))),
    ),
  );
  secrets
    .add('list', 'names, never values', (globals: Globals, _names, flags) =>
      run(globals, async () =>
        flags.team === true ? (await import('./commands/team-secrets.ts')).listTeamSecrets : (await load()).listSecrets,
      ),
    )
    .option('--team', 'those that the team’s Swarm has, who set them and when; values are not shared');
  scoped(
    secrets.add('rm <name>', 'remove a value', (globals: Globals, [name = ''], flags) =>
      run(globals, async () => (await way())((await load()).removeSecret({ name, scope: scopeOf(flags) }))),
    ),
  );
  addImport(secrets.add, run);
}

function addImport(add: Registrar['add'], run: Registrar['run']): void {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  add(
    'import [file] [names...]',
    'move secrets of a .env file (./.env) to the keychain, after asking which; comments take their places',
    (globals: Globals, [file = '.env', ...names], flags) =>
      run(globals, async () => {
        const { importEnv, undoImport } = await import('./commands/env-import.ts');
        const { orForThisRun } = await import('./commands/session-way.ts');
        if (flags.undo === true) return orForThisRun(undoImport(file));
        const command = importEnv({
          file,
          names,
          project: text(flags.project),
          user: flags.user === true,
          allProposed: flags.allProposed === true,
          replace: flags.replace === true,
        });
        return orForThisRun(command);
      }),
  )
    .option('--project <name>', 'keep them for this project; otherwise for the one of the file’s folder')
    .option('--user', 'keep them for every project of yours')
    .option('--all-proposed', 'everything that looks like a secret')
    .option('--replace', 'also where the keychain has another value')
    .option('--undo', 'put the lines back, with the values that the keychain has now');
}
