import { type Command, Option } from 'commander';
import type { ConfigCommandOptions } from './commands/config.ts';

type Flags = Readonly<Record<string, unknown>>;

const LISTS = ['services', 'volumes', 'networks', 'images', 'profiles', 'models', 'variables', 'environment'] as const;

/** The options of docker compose's `config`, but for those that ask a registry. */
export function addConfigOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'how to print it (yaml)').choices(['yaml', 'json']))
    .option('--services', 'names of the services only')
    .option('--volumes', 'names of the volumes only')
    .option('--networks', 'names of the networks only')
    .option('--images', 'names of the images only')
    .option('--profiles', 'names of the profiles only')
    .option('--models', 'the models only')
    .option('--variables', 'the variables that the files use, with what stands in for them')
    .option('--environment', 'the environment that variables are taken from, values included')
    .option('--hash [services]', 'each service’s configuration hash only; some, separated by commas, or * for all')
    .option('--no-interpolate', 'leave variables as they are written')
    .option('--no-normalize', 'leave what the files leave unsaid')
    .option('--no-path-resolution', 'leave relative paths as they are written')
    .option('--no-consistency', 'do not check that the parts fit each other')
    .option('--no-env-resolution', 'leave env files and label files unread')
    .option('-o, --output <file>', 'write to a file')
    .option('-q, --quiet', 'check only');
}

export function readConfigOptions(names: readonly string[], flags: Flags): ConfigCommandOptions {
  const hash = flags.hash === true ? '*' : (flags.hash as string | undefined);
  return {
    format: flags.format as ConfigCommandOptions['format'],
    names,
    list: LISTS.find((name) => flags[name] === true),
    hash,
    reading: {
      interpolate: flags.interpolate !== false,
      normalize: flags.normalize !== false,
      resolvePaths: flags.pathResolution !== false,
      consistency: flags.consistency !== false,
      resolveFiles: flags.envResolution !== false,
    },
    output: flags.output as string | undefined,
    quiet: flags.quiet === true,
  };
}
