import { Option } from 'commander';
import type { DeployOptions } from '../../core/swarm/plan.ts';
import { collectScale, type Registrar } from './container-commands.ts';
import { collect, integer, tail } from './options.ts';

/* `stack …`: what `docker stack` does on a Swarm. As in program.ts nothing but commander is loaded before one of them runs. */

type Flags = Readonly<Record<string, unknown>>;

const texts = (value: unknown): readonly string[] => (value as readonly string[] | undefined) ?? [];

const canary = (flags: Flags): { readonly canary?: number } =>
  flags.canary === undefined ? {} : { canary: flags.canary as number };

const canaryOption = [
  '--canary <tasks>',
  'so many tasks of each changed service get the new version first; `stack canary` promotes it or takes it back',
  integer(1, 10_000),
] as const;

const deployOptions = (flags: Flags): DeployOptions => ({
  ...(flags.prune === true ? { prune: true } : {}),
  ...(flags.resetScale === true ? { resetScale: true } : {}),
  ...(flags.ordered === true ? { ordered: true } : {}),
  ...(flags.timeout === undefined ? {} : { timeout: flags.timeout as number }),
  ...(flags.resolveImage === undefined ? {} : { resolveImage: flags.resolveImage as 'always' | 'changed' | 'never' }),
  ...(flags.registry === undefined ? {} : { registry: flags.registry as string }),
  ...canary(flags),
  ...(flags.jobs === undefined ? {} : { jobs: flags.jobs as 'always' | 'never' }),
  ...(flags.keepSecrets === true ? { keepSecrets: true } : {}),
  ...(flags.pinImages === true ? { pinImages: true } : {}),
  rotate: texts(flags.rotate),
  force: texts(flags.force),
});

/** Neither said: where data have no backup, a terminal is asked. */
const backup = (flags: Flags): { readonly backup?: boolean } =>
  flags.backup === undefined ? {} : { backup: flags.backup === true };

const deployRequest = (flags: Flags) => ({ kind: 'deploy', options: deployOptions(flags), ...backup(flags) }) as const;

type Added = ReturnType<Registrar['add']>;

const addBackupOptions = (command: Added): Added =>
  command
    .option(
      '--backup',
      'copy the volumes of services that change to this machine first, which --yes alone does not; see `stack backups`',
    )
    .option('--no-backup', 'do not, and do not ask');

const addDeployOptions = (command: Added): Added =>
  addBackupOptions(command)
    .option('--prune', 'remove what the file no longer has, once all else succeeded')
    .option('--rotate <secret>', 'a new version of this secret in any case; may be repeated', collect)
    .option('--pin-images', 'images that were built here by their ids, also where tasks stay on the asked node')
    .option('--keep-secrets', 'secrets whose values are not on this machine stay what the Swarm has')
    .option('--force <service>', 'replace this service’s tasks in any case; may be repeated', collect)
    .option('--reset-scale', 'replicas that were set by hand go back to the file’s')
    .option(...canaryOption)
    .option('--ordered', 'start a service once what it depends on runs')
    .option('--timeout <seconds>', 'how long a service may take to run as asked', integer(1, 86_400))
    .option(
      '--registry <host[:port][/prefix]>',
      'the team’s registry: images that no registry has are pushed there; x-claude-env: {registry: …} in the file says the same',
    )
    .addOption(
      new Option(
        '--jobs <when>',
        'run migrate and smoke of x-claude-env; unless said, where a service changes',
      ).choices(['always', 'never']),
    )
    .addOption(
      new Option(
        '--resolve-image <when>',
        'ask registries for the newest digest, always unless said; never: by name, and what no registry has is neither brought to the nodes nor looked for',
      ).choices(['always', 'changed', 'never']),
    );

export function addStackCommands({ group, run }: Pick<Registrar, 'group' | 'run'>): void {
  const stack = group('stack', 'stacks on a Swarm: deploy, look at, change and remove them');
  const change = () => import('./commands/stack.ts');
  const look = () => import('./commands/stack-look.ts');
  const data = () => import('./commands/stack-data.ts');
  const once = { environment: false } as const;

  addDeployOptions(
    stack.add(
      'deploy [name]',
      'make the Swarm be what the file says; waits until every task runs',
      (globals, [name], flags) =>
        run(globals, async () => (await change()).changeStack({ name, request: deployRequest(flags) })),
      once,
    ),
  );
  addDeployOptions(
    stack.add(
      'plan [name]',
      'what `stack deploy` would do and why; does nothing',
      (globals, [name], flags) =>
        run(globals, async () => (await change()).planStack({ name, request: deployRequest(flags) })),
      once,
    ),
  );
  stack.add(
    'lint [name]',
    'what Swarm would ignore, refuse or lose of the file; exit code 1 when there is something',
    (globals, [name]) => run(globals, async () => (await look()).lintStack(name)),
    once,
  );
  stack.add('ls', 'every stack of the Swarm', (globals) => run(globals, async () => (await look()).listStacks), once);
  stack
    .add(
      'status [name]',
      'the stack’s services, how many of their tasks run, and which ports answer where',
      (globals, [name], flags) =>
        run(globals, async () => (await look()).stackStatus(name, { ports: flags.ports === true })),
      once,
    )
    .option('--ports', 'try each published port once on each node where it should answer');
  stack
    .add(
      'ps [name]',
      'the stack’s tasks, each with its node, state and error',
      (globals, [name], flags) => run(globals, async () => (await look()).stackTasks(name, flags.all === true)),
      once,
    )
    .option('-a, --all', 'also those that have ended');
  stack.add(
    'history [name]',
    'who deployed what, the last five times',
    (globals, [name]) => run(globals, async () => (await look()).stackHistory(name)),
    once,
  );
  stack
    .add(
      'logs <service>',
      'what the tasks of a service wrote, on all nodes',
      (globals, [service = ''], flags) =>
        run(globals, async () =>
          (await look()).stackLogs(service, {
            follow: flags.follow === true,
            timestamps: flags.timestamps === true,
            ...(flags.tail === undefined ? {} : { tail: flags.tail as number }),
            ...(flags.since === undefined ? {} : { since: flags.since as string }),
          }),
        ),
      { file: false, environment: false },
    )
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('-n, --tail <lines>', 'only the last lines of each task', tail)
    .option('--since <time>', 'only what is newer than this time or this long, such as 10m')
    .option('-t, --timestamps', 'show when each line was written');
  stack.add(
    'scale <service=number...>',
    'how many tasks a service has; a deploy keeps it',
    (globals, values) => {
      const replicas = values.reduce((before, value) => collectScale(value, before), {});
      return run(globals, async () => (await change()).changeStack({ request: { kind: 'scale', replicas } }));
    },
    once,
  );
  addBackupOptions(
    stack.add(
      'update [services...]',
      'the newest image of the same name, task by task; all services unless some are named',
      (globals, services, flags) =>
        run(globals, async () =>
          (await change()).changeStack({
            request: {
              kind: 'update',
              services,
              ...(flags.force === true ? { force: true } : {}),
              ...(flags.image === undefined ? {} : { image: flags.image as string }),
              ...canary(flags),
              ...backup(flags),
            },
          }),
        ),
      once,
    ),
  )
    .option('--image <image>', 'another image, for one service')
    .option(...canaryOption)
    .option('--force', 'replace the tasks even when nothing changed');
  stack.add(
    'canary <promote|rollback> [services...]',
    'ends canaries that are open: every task gets the new version, or what ran before',
    (globals, [end = '', ...services]) => run(globals, async () => (await change()).endCanary(end, services)),
    once,
  );
  stack.add(
    'restart [services...]',
    'fresh tasks of the same services, as their update_config says; all but jobs unless some are named',
    (globals, services) =>
      run(globals, async () => (await change()).changeStack({ request: { kind: 'restart', services } })),
    once,
  );
  addBackupOptions(
    stack.add(
      'rollback [services...]',
      'services back to what ran before their last change; with --to, the whole stack to what a deploy made of it',
      (globals, services, flags) =>
        run(globals, async () =>
          (await change()).rollbackStack({ ...deployOptions(flags), ...backup(flags), services, to: flags.to }),
        ),
      once,
    ),
  )
    .option('--to <deploy>', 'a deploy’s number, as `stack history` prints it; secrets stay as they are now')
    .option('--prune', 'with --to: remove what was not there then, once all else succeeded')
    .option('--reset-scale', 'with --to: also replicas that were set by hand')
    .option('--timeout <seconds>', 'with --to: how long a service may take to run as asked', integer(1, 86_400));
  stack
    .add(
      'backups [name]',
      'copies of volumes on this machine; of every stack unless one is named',
      (globals, [name], flags) =>
        run(globals, async () =>
          typeof flags.remove === 'string'
            ? (await data()).removeBackup(flags.remove)
            : (await data()).listBackups(name),
        ),
      { file: false, environment: false },
    )
    .option('--remove <backup>', 'remove this one');
  stack.add(
    'restore-volume <backup>',
    'make a volume what a backup says, once no task uses it; what it holds then becomes a backup first',
    (globals, [id = '']) => run(globals, async () => (await data()).restoreVolume(id)),
    { file: false, environment: false },
  );
  stack.add(
    'rm [name]',
    'remove services, networks, secrets and configs; volumes stay on their nodes',
    (globals, [name]) => run(globals, async () => (await change()).changeStack({ name, request: { kind: 'remove' } })),
    once,
  );
}
