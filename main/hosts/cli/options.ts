import { type Command, InvalidArgumentError, Option } from 'commander';
import { programName } from '../shared/program-name.ts';
import { whatIsMeant } from './compose-files.ts';
import type { Globals } from './globals.ts';

export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export const integer =
  (least: number, most: number) =>
  (value: string): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return number;
  };

/** `all` as docker compose takes it, or a number of lines. */
export const tail = (value: string): number => (value === 'all' ? 100_000 : integer(0, 100_000)(value));

interface Raw {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly projectDirectory?: string;
  readonly profile?: readonly string[];
  readonly envFile?: readonly string[];
  readonly engine?: string;
  /** True is another option of that name, `config --environment`. */
  readonly environment?: string | true;
  readonly json?: boolean;
  readonly yes?: boolean;
}

interface GlobalOptions {
  readonly hidden: boolean;
  readonly shortFile?: boolean;
  readonly shortProject?: boolean;
  /** False where the command has an `--environment` of its own. */
  readonly environment?: boolean;
}

/**
 * The options that every command takes. They are written on the program and, hidden, on each command, so that they
 * are understood on either side of the command's name.
 */
export function addGlobals(
  command: Command,
  { hidden, shortFile = true, shortProject = true, environment = true }: GlobalOptions,
): Command {
  const add = (flags: string, text: string, parser?: typeof collect) => {
    const option = new Option(flags, text).hideHelp(hidden);
    command.addOption(parser === undefined ? option : option.argParser(parser));
  };
  add(
    shortFile ? '-f, --file <file>' : '--file <file>',
    'compose file, or the folder it is in; may be given several times',
    collect,
  );
  add(
    `${shortProject ? '-p, ' : ''}--project-name <name>`,
    'name of the project; without -f, one that is known to the engine',
  );
  add('--project-directory <dir>', 'folder that relative paths begin at; without -f, the folder of the compose file');
  add('--profile <name>', 'active profile; may be given several times', collect);
  add('--env-file <file>', 'file with variables instead of .env; may be given several times', collect);
  add('--engine <id>', `engine to use; \`${programName()} engine\` lists them`);
  if (environment) add('--environment <name>', 'environment of the local stack (local)');
  add('--json', 'JSON and nothing else on standard output');
  add('-y, --yes', 'answer every question with yes');
  return command;
}

/** What was given before the command's name and after it, as one. */
export function readGlobals(program: Command, command: Command): Globals {
  const before = program.opts<Raw>();
  const after = command === program ? {} : command.opts<Raw>();
  const named = after.environment === true ? before.environment : (after.environment ?? before.environment);
  const environment = named === true ? undefined : named;
  const meant = whatIsMeant({
    files: [...(before.file ?? []), ...(after.file ?? [])],
    envFiles: [...(before.envFile ?? []), ...(after.envFile ?? [])],
    projectDirectory: after.projectDirectory ?? before.projectDirectory,
    environment,
  });
  return {
    ...meant,
    project: after.projectName ?? before.projectName,
    profiles: [...(before.profile ?? []), ...(after.profile ?? [])],
    engine: after.engine ?? before.engine,
    environment,
    json: (after.json ?? before.json) === true,
    yes: (after.yes ?? before.yes) === true,
  };
}

/** `45m`, `24h`, `7d` in seconds. */
export const lasting = (value: string): number => {
  const [, number, unit = ''] = /^(\d{1,4})([mhd])$/.exec(value) ?? [];
  const seconds = Number(number) * ({ m: 60, h: 3600, d: 86_400 }[unit] ?? 0);
  if (!(seconds > 0 && seconds <= 30 * 86_400)) throw new InvalidArgumentError('Write 45m, 24h or 7d; 30d at most.');
  return seconds;
};
