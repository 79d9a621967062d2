import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { PlanAction } from '../../../preload/contract/model.ts';
import type { Globals } from './globals.ts';
import { collect, integer } from './options.ts';
import type { Command as Run } from './run.ts';

/* The commands about single containers. As in program.ts nothing but commander is loaded before one of them runs. */

type Flags = Readonly<Record<string, unknown>>;
type Action = (globals: Globals, values: readonly string[], flags: Flags) => Promise<number>;
export interface Registrar {
  /** `short`: which of the global options keep their letter; `environment`: whether that one is taken at all. */
  readonly add: (
    name: string,
    description: string,
    action: Action,
    short?: { file?: boolean; project?: boolean; environment?: boolean },
  ) => Command;
  /** A command that has commands of its own. */
  readonly group: (name: string, description: string) => Pick<Registrar, 'add' | 'group'>;
  readonly run: (globals: Globals, load: () => Promise<Run>) => Promise<number>;
}

const texts = (value: unknown): string[] => [...((value as readonly string[] | undefined) ?? [])];
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const given = (key: string, value: unknown): object => (value === undefined ? {} : { [key]: value });

/** `web=3`, repeated. */
export const collectScale = (
  value: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> => {
  const [, service, count] = /^([^=]+)=(\d{1,4})$/.exec(value) ?? [];
  if (service === undefined || Number(count) > 1000) {
    throw new InvalidArgumentError('Write SERVICE=NUMBER, a number up to 1000.');
  }
  return { ...before, [service]: Number(count) };
};

/** `HUP`, `sighup` and `SIGHUP` are one. */
const signalName = (value: string): string => {
  const name = value.toUpperCase();
  if (!/^[A-Z0-9+-]{1,20}$/.test(name)) throw new InvalidArgumentError('It must be a signal’s name or number.');
  return name;
};

export function addContainerCommands(registrar: Registrar): void {
  addRun(registrar);
  addCopy(registrar);
  addChanges(registrar);
  addQuestions(registrar);
}

function addRun({ add, run }: Registrar): void {
  add(
    'run <service> [command...]',
    'run a one-off container of a service, once what it depends on is up',
    (globals, [service = '', ...command], flags) =>
      run(globals, async () => {
        const { runOnce } = await import('./commands/run-once.ts');
        return runOnce({
          service,
          command,
          detach: flags.detach === true,
          tty: flags.tty !== false,
          interactive: flags.interactive !== false,
          quiet: flags.quiet === true || flags.quietPull === true,
          environment: texts(flags.env),
          envFiles: texts(flags.envFromFile),
          volumes: texts(flags.volume),
          entrypoint: text(flags.entrypoint),
          plain: {
            labels: texts(flags.label),
            publish: texts(flags.publish),
            servicePorts: flags.servicePorts === true,
            useAliases: flags.useAliases === true,
            remove: flags.rm === true,
            capAdd: texts(flags.capAdd),
            capDrop: texts(flags.capDrop),
            ...given('name', flags.name),
            ...given('user', flags.user),
            ...given('workingDir', flags.workdir),
          },
          options: {
            ...given('build', flags.build),
            ...given('removeOrphans', flags.removeOrphans),
            ...given('pull', flags.pull === 'policy' ? undefined : flags.pull),
            ...(flags.deps === false ? { noDeps: true } : {}),
          },
        });
      }),
    { file: false, project: false },
  )
    .passThroughOptions()
    .option('-d, --detach', 'in the background; prints the container’s id')
    .option('--rm', 'remove it when it ends')
    .option('-e, --env <variable>', 'KEY=value, or KEY for the value it has here; may be repeated', collect)
    .option('--env-from-file <file>', 'file with variables; may be repeated', collect)
    .option('-l, --label <label>', 'KEY=value; may be repeated', collect)
    .option('--name <name>', 'instead of project-service-run-…')
    .option('-u, --user <user>', 'as this user')
    .option('-w, --workdir <dir>', 'in this folder')
    .option('-v, --volume <volume>', 'one more mount, as in the file; may be repeated', collect)
    .option('--entrypoint <command>', 'instead of the image’s; its words are split as in a shell')
    .option('--no-deps', 'leave services that it depends on alone')
    .option('-T, --no-tty', 'no terminal, even when there is one')
    .addOption(new Option('-t, --tty').hideHelp())
    .addOption(new Option('-i, --interactive').default(true).hideHelp())
    .option('--no-interactive', 'do not pass standard input on')
    .option('-P, --service-ports', 'publish the service’s ports, which are left out otherwise')
    .option('-p, --publish <port>', 'publish a port, as in the file; may be repeated', collect)
    .option('--use-aliases', 'take the service’s names in its networks')
    .option('--cap-add <capability>', 'add a capability; may be repeated', collect)
    .option('--cap-drop <capability>', 'take one away; may be repeated', collect)
    .option('--build', 'build images even when they are there')
    .addOption(
      new Option('--pull <policy>', 'pull images').choices(['always', 'missing', 'never', 'policy']).default('policy'),
    )
    .option('-q, --quiet', 'say nothing but what the command writes')
    .option('--quiet-pull', 'no progress')
    .addOption(new Option('--quiet-build').hideHelp())
    .option('--remove-orphans', 'remove containers of services that the file does not have');
}

function addCopy({ add, run }: Registrar): void {
  add(
    'cp <source> <destination>',
    'copy files between a service’s container and this machine: SERVICE:PATH on one side, - for a tar archive',
    (globals, [source = '', destination = ''], flags) =>
      run(globals, async () => {
        const { copy } = await import('./commands/copy.ts');
        return copy({
          source,
          destination,
          index: flags.index as number | undefined,
          all: flags.all === true,
          archive: flags.archive === true,
          followLink: flags.followLink === true,
        });
      }),
  )
    .option('--index <n>', 'which container of the service', integer(1, 100_000))
    .option('--all', 'those that `run` made, too')
    .option('-a, --archive', 'keep the numbers of owners and groups')
    .option('-L, --follow-link', 'copy what a link points to, not the link');
}

function addChanges({ add, run }: Registrar): void {
  const change =
    (action: PlanAction, read: (flags: Flags) => ActionOptions): Action =>
    (globals, services, flags) =>
      run(globals, async () => {
        const options = { ...(services.length === 0 ? {} : { services: [...services] }), ...read(flags) };
        return (await import('./commands/change.ts')).change({ action, options });
      });
  add('scale <service=number...>', 'change how many containers services have', (globals, pairs, flags) =>
    run(globals, async () => {
      const [{ change: changeStack }, { usage }] = await Promise.all([
        import('./commands/change.ts'),
        import('./run.ts'),
      ]);
      const noDeps = flags.deps === false ? { noDeps: true } : {};
      const scale = readScale(pairs, usage);
      return changeStack({ action: 'scale', options: { services: Object.keys(scale), scale, ...noDeps } });
    }),
  ).option('--no-deps', 'leave services that these depend on alone');
  add(
    'kill [services...]',
    'send a signal to what runs',
    change('kill', (flags) => given('signal', flags.signal)),
  ).addOption(new Option('-s, --signal <signal>', 'which one').argParser(signalName).default('SIGKILL'));
  add(
    'pause [services...]',
    'freeze what runs',
    change('pause', () => ({})),
  );
  add(
    'unpause [services...]',
    'let what is paused go on',
    change('unpause', () => ({})),
  );
  add(
    'rm [services...]',
    'remove stopped containers',
    (globals, services, flags) =>
      change('rm', () => ({ ...given('stop', flags.stop), ...given('volumes', flags.volumes) }))(
        { ...globals, yes: globals.yes || flags.force === true },
        services,
        flags,
      ),
    { file: false },
  )
    .option('-f, --force', 'ask nothing')
    .option('-s, --stop', 'stop first what still runs')
    .option('-v, --volumes', 'remove their anonymous volumes too: their data is lost');
}

function readScale(pairs: readonly string[], refuse: (message: string) => Error): Record<string, number> {
  try {
    return { ...pairs.reduce<Readonly<Record<string, number>>>((all, pair) => collectScale(pair, all), {}) };
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

function addQuestions({ add, run }: Registrar): void {
  add(
    'port <service> <private-port>',
    'where a container’s port is published',
    (globals, [service = '', inside = ''], flags) =>
      run(globals, async () => {
        const [{ port }, { usage }] = await Promise.all([import('./commands/look.ts'), import('./run.ts')]);
        const number = Number(inside);
        if (!Number.isInteger(number) || number < 1 || number > 65_535) throw usage(`${inside} is no port.`);
        return port({
          service,
          port: number,
          protocol: flags.protocol as 'tcp' | 'udp' | 'sctp',
          index: flags.index as number | undefined,
        });
      }),
  )
    .addOption(new Option('--protocol <protocol>').choices(['tcp', 'udp', 'sctp']).default('tcp'))
    .option('--index <n>', 'which container of the service', integer(1, 100_000));
  add('top [services...]', 'what runs in the containers', (globals, services) =>
    run(globals, async () => (await import('./commands/look.ts')).top(services)),
  );
  add('images [services...]', 'the images that the containers were made from', (globals, services, flags) =>
    run(globals, async () => (await import('./commands/look.ts')).images({ services, quiet: flags.quiet === true })),
  ).option('-q, --quiet', 'ids only');
}
