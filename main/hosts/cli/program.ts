import { Command, Option } from 'commander';
import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { PlanAction } from '../../../preload/contract/model.ts';
import { programName } from '../shared/program-name.ts';
import { addBuildOptions, toBuildFlags } from './build-options.ts';
import { addConfigOptions, readConfigOptions } from './config-options.ts';
import { addContainerCommands, collectScale, type Registrar } from './container-commands.ts';
import type { Globals } from './globals.ts';
import { addGlobals, collect, integer, readGlobals, tail } from './options.ts';
import { addRegistryCommands } from './registry-commands.ts';
import type { Command as Run } from './run.ts';
import { addSecretCommands } from './secret-commands.ts';
import { addStackCommands } from './stack-commands.ts';
import { addTeamCommands } from './team-commands.ts';
import { addTrustCommands } from './trust-commands.ts';
import { addPullOptions, addUpOptions, toUpFlags } from './up-options.ts';
import { programVersion } from './version.ts';

/*
 * The command line. Nothing but commander is loaded here: every command fetches its own part when it runs, so that
 * `version` and `--help` answer at once.
 */

type Flags = Readonly<Record<string, unknown>>;
type Action = (globals: Globals, services: readonly string[], flags: Flags) => Promise<number>;

const run = async (globals: Globals, load: () => Promise<Run>): Promise<number> => {
  const { runWithApp } = await import('./run.ts');
  // What a command's own part refuses is reported like everything else that fails.
  return runWithApp(globals, 'cli', async (context) => (await load())(context));
};

const actionOptions = (services: readonly string[], flags: Flags): ActionOptions => {
  const keys = ['removeOrphans', 'forceRecreate', 'noCache', 'build', 'volumes', 'timeout', 'wait', 'scale'] as const;
  const given = Object.fromEntries(
    keys.flatMap((key) => (flags[key] === undefined || flags[key] === false ? [] : [[key, flags[key]]])),
  );
  return {
    ...(given as ActionOptions),
    ...(flags.deps === false ? { noDeps: true } : {}),
    ...toUpFlags(flags),
    // commander reads --no-cache as `cache: false`.
    ...(flags.cache === false ? { noCache: true } : {}),
    ...(services.length === 0 ? {} : { services: [...services] }),
  };
};

const changes =
  (action: PlanAction): Action =>
  (globals, services, flags) =>
    run(globals, async () => {
      const [{ change }, { meansLocal }] = await Promise.all([import('./commands/change.ts'), import('./globals.ts')]);
      const waits = action === 'up' && flags.wait === undefined && meansLocal(globals) ? { wait: true } : {};
      return change({
        action,
        options: { ...actionOptions(services, flags), ...waits, ...(action === 'build' ? toBuildFlags(flags) : {}) },
        quiet: flags.quiet === true,
        ...(action === 'up'
          ? {
              local: {
                port: (flags.port as readonly string[] | undefined) ?? [],
                ...(typeof flags.workspace === 'string' ? { workspace: flags.workspace } : {}),
              },
            }
          : {}),
      });
    });

/** What `plan --action` takes: every action that needs nothing but names. */
const plannable: readonly PlanAction[] = [
  'up',
  'down',
  'start',
  'stop',
  'restart',
  'build',
  'pull',
  'kill',
  'pause',
  'unpause',
  'rm',
];

/** Resolves with the exit code. Throws CommanderError for a command line that is wrong, and for --help. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = addGlobals(new Command(programName()), { hidden: false });
  const json = argv.includes('--json');
  program
    .description('Start your development environment: its containers, its MCP servers, in window, browser and terminal')
    .enablePositionalOptions()
    .showHelpAfterError('(see --help)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput(json ? { writeErr: () => undefined } : {})
    .exitOverride();

  const addTo =
    (parent: Command): Registrar['add'] =>
    (name, description, action, { file = true, project = true, environment = true } = {}) => {
      const command = parent.command(name).description(description);
      addGlobals(command, { hidden: true, shortFile: file, shortProject: project, environment });
      return command.action(async (...given: unknown[]) => {
        // commander hands over the arguments one by one, then the options, then the command.
        const values = given
          .slice(0, -2)
          .flat()
          .filter((value): value is string => typeof value === 'string');
        code = await action(readGlobals(program, command), values, command.opts());
      });
    };
  const add = addTo(program);
  const groupIn =
    (parent: Command): Registrar['group'] =>
    (name, description) => {
      const command = parent.command(name).description(description).enablePositionalOptions();
      return { add: addTo(command), group: groupIn(command) };
    };
  const group = groupIn(program);
  const seconds = (command: Command) =>
    command.option('-t, --timeout <seconds>', 'how long a stop may take before the engine kills', integer(0, 3600));

  seconds(
    addUpOptions(add('up [services...]', 'make what runs be what the file says: build, create, start', changes('up')))
      .option('--workspace <dir>', 'local stack: the folder with your code')
      .option('--port <from=to>', 'local stack: publish the port <from> as <to>; may be repeated', collect)
      .option('--force-recreate', 'recreate containers even when nothing changed')
      .option('--no-deps', 'leave services that these depend on alone')
      .option('--remove-orphans', 'remove containers of services that the file does not have')
      .option('--scale <service=number>', 'this many containers, whatever the file says; may be repeated', collectScale)
      .option('--wait', 'wait until services are healthy (the local stack: always)')
      .option('--no-wait', 'return as soon as everything is started')
      .addOption(new Option('-d, --detach').hideHelp()),
  );
  seconds(
    add('down [services...]', 'stop and remove containers and networks; volumes stay', changes('down'))
      .option('-v, --volumes', 'remove the project’s volumes too: their data is lost')
      .option('--remove-orphans', 'remove containers of services that the file does not have'),
  );
  add('start [services...]', 'start what was stopped', changes('start')).option('--wait', 'wait until healthy');
  seconds(add('stop [services...]', 'stop without removing', changes('stop')));
  seconds(
    add('restart [services...]', 'stop and start the same containers', changes('restart')).option(
      '--no-deps',
      'leave services that depend on these alone',
    ),
  );
  addBuildOptions(add('build [services...]', 'build the images', changes('build')));
  addPullOptions(add('pull [services...]', 'pull newer images', changes('pull')));

  add('status', 'the stack as it is: services, health, ports, MCP servers', (globals, _services, flags) =>
    run(globals, async () => (await import('./commands/status.ts')).status({ watch: flags.watch === true })),
  )
    .alias('ps')
    .option('-w, --watch', 'go on, and show every change');
  add('ls', 'every compose project on the engines', (globals) =>
    run(globals, async () => (await import('./commands/lists.ts')).ls),
  );
  addUpOptions(
    add('plan [services...]', 'what `up` would do and why; does nothing', (globals, services, flags) =>
      run(globals, async () => {
        const { plan } = await import('./commands/plan.ts');
        return plan(flags.action as PlanAction, actionOptions(services, flags));
      }),
    )
      .addOption(new Option('--action <action>', 'the action to plan').choices([...plannable]).default('up'))
      .option('--force-recreate', 'as for up')
      .option('--no-deps', 'as for up')
      .option('--remove-orphans', 'as for up and down')
      .option('--wait', 'as for up')
      .option('--scale <service=number>', 'as for up', collectScale)
      .option('-v, --volumes', 'as for down and rm'),
  );
  add(
    'drift [services...]',
    'what differs between the file and what is there, by service and key; exit code 1 when something does',
    (globals, services) => run(globals, async () => (await import('./commands/drift.ts')).drift(services)),
  );
  add(
    'locate <files...>',
    'remember where the compose file of the project -p is now, after it was moved',
    (globals, files) =>
      run(globals, async () => {
        const [{ locate }, { resolve }] = await Promise.all([import('./commands/locate.ts'), import('node:path')]);
        return locate(files.map((file) => resolve(file)));
      }),
  );
  add(
    'logs [services...]',
    'what the services wrote',
    (globals, services, flags) =>
      run(globals, async () => {
        const { logs } = await import('./commands/logs.ts');
        return logs({
          services,
          follow: flags.follow === true,
          tail: flags.tail as number | undefined,
          since: flags.since as string | undefined,
          timestamps: flags.timestamps === true,
          prefix: flags.logPrefix !== false,
        });
      }),
    { file: false },
  )
    .option('-f, --follow', 'go on until Ctrl-C, through restarts')
    .option('-n, --tail <lines>', 'only the last lines of each container', tail)
    .option('--since <time>', 'only what is newer than this time or this long, such as 10m')
    .option('-t, --timestamps', 'show when each line was written')
    .option('--no-log-prefix', 'leave out the services’ names');
  add(
    'exec <service> <command> [args...]',
    'run a command in a service’s container',
    (globals, [service = '', ...command], flags) =>
      run(globals, async () => {
        const { exec } = await import('./commands/exec.ts');
        return exec({
          service,
          command,
          tty: flags.tty !== false,
          user: flags.user as string | undefined,
          workingDir: flags.workdir as string | undefined,
          environment: (flags.env as readonly string[] | undefined) ?? [],
          index: flags.index as number | undefined,
          privileged: flags.privileged === true,
          detach: flags.detach === true,
          interactive: flags.interactive !== false,
        });
      }),
    { file: false },
  )
    .passThroughOptions()
    .option('-d, --detach', 'in the background; nothing is waited for')
    .option('-T, --no-tty', 'no terminal, even when there is one')
    .addOption(new Option('-t, --tty').hideHelp())
    .addOption(new Option('-i, --interactive').default(true).hideHelp())
    .option('--no-interactive', 'do not pass standard input on')
    .option('-u, --user <user>', 'as this user')
    .option('-w, --workdir <dir>', 'in this folder')
    .option('-e, --env <variable>', 'KEY=value; may be repeated', collect)
    .option('--index <n>', 'which container of the service', integer(1, 100_000))
    .option('--privileged', 'with extended privileges');
  add('claude-login', 'log Claude Code in, in the browser; the login stays in the local stack’s volume', (globals) =>
    run(globals, async () => (await import('./commands/claude-login.ts')).claudeLogin),
  );
  addContainerCommands({ add, group, run });
  addSecretCommands({ group, run });
  addTeamCommands({ group, run });
  addStackCommands({ group, run });
  addRegistryCommands({ group, run });
  addTrustCommands({ group, run });
  const config = add(
    'config [services...]',
    'the project as it is understood, all files merged',
    (globals, services, flags) =>
      run(globals, async () => {
        const { config } = await import('./commands/config.ts');
        return config(readConfigOptions(services, flags));
      }),
    { environment: false },
  );
  addConfigOptions(config);
  add('engine [verb]', 'the engines that were found, and why; `engine stop` ends one that claude-env started', engine);
  add('doctor', 'look for what stands in the way on this machine', (globals) =>
    run(globals, async () => (await import('./commands/lists.ts')).doctor),
  );
  add('version', 'the program’s version', async ({ json }) =>
    (await import('./commands/version.ts')).version({ json }),
  );
  add('open', 'open the app in the browser', (globals) => web(globals, { port: 0, open: true }));
  add('web', 'serve the app to a browser on this machine until Ctrl-C', (globals, _services, flags) =>
    web(globals, { port: flags.port as number, open: flags.open !== false }),
  )
    .addOption(new Option('--port <n>', 'port on 127.0.0.1; 0: a free one').argParser(integer(0, 65_535)).default(0))
    .option('--no-open', 'print the address only');

  program.version(programVersion(), '-V, --version', 'the program’s version');
  await program.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' });
  return code;
}

const engine: Action = async (globals, [verb]) => {
  if (verb === 'stop') return (await import('./commands/engine-stop.ts')).engineStop(globals);
  if (verb === undefined || verb === 'ls')
    return run(globals, async () => (await import('./commands/lists.ts')).engines);
  const [{ createIo }, { reportFailure, usage }] = await Promise.all([import('./io.ts'), import('./run.ts')]);
  return reportFailure(
    usage(`There is no \`engine ${verb}\`.`, 'There are `engine` and `engine stop`.'),
    createIo(globals),
    () => undefined,
  );
};

const web = async (globals: Globals, options: { readonly port: number; readonly open: boolean }): Promise<number> =>
  (await import('./commands/web.ts')).web(globals, options);
