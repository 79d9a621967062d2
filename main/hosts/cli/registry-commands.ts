import type { Registrar } from './container-commands.ts';
import type { Globals } from './globals.ts';

/** `registry login|logout|list`. As in program.ts nothing but commander is loaded before. */
export function addRegistryCommands({ group, run }: Pick<Registrar, 'group' | 'run'>): void {
  const registries = group(
    'registry',
    'logins for pulling and building: those kept here in the system’s keychain come before docker’s own',
  );
  const load = () => import('./commands/registry.ts');

  registries
    .add(
      'login [registry]',
      'keep a login in the keychain, once the engine was let in with it; without a host, Docker Hub',
      (globals: Globals, [registry = ''], flags) =>
        run(globals, async () =>
          (await load()).loginToRegistry({
            registry,
            user: flags.user as string | undefined,
            passwordOnInput: flags.passwordStdin === true,
          }),
        ),
    )
    .option('-u, --user <name>', 'user, or what the registry wants instead; asked for when it is not given')
    .option('--password-stdin', 'read the password or token from standard input; it is asked for otherwise');
  registries.add(
    'logout [registry]',
    'remove a login from the keychain; docker’s own stay',
    (globals, [registry = '']) => run(globals, async () => (await load()).logoutOfRegistry(registry)),
  );
  registries.add('list', 'registries, users and where their logins come from, never a password', (globals) =>
    run(globals, async () => (await load()).listRegistries),
  );
}
