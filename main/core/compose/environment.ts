import { parseDotenv } from './dotenv.ts';
import type { LoadContext } from './files.ts';
import type { Lookup } from './interpolate.ts';
import type { LoadOptions } from './options.ts';
import type { Source } from './tree.ts';

export interface Environment {
  readonly lookup: Lookup;
  /** As given, absolute. */
  readonly envFiles: readonly string[];
  /** Everything that can be interpolated. */
  readonly variables: () => ReadonlyMap<string, string>;
}

/** Windows does not tell `Path` from `PATH`. */
function processLookup({ environment, platform }: LoadOptions): Lookup {
  if (platform !== 'win32') return (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined);
  const folded = new Map(Object.entries(environment).map(([name, value]) => [name.toUpperCase(), value]));
  return (name) => folded.get(name.toUpperCase());
}

/** The process's environment first, then the env files, the last one winning among them. */
export async function readEnvironment(
  options: LoadOptions,
  workingDir: string,
  context: LoadContext,
): Promise<Environment> {
  const values = new Map<string, string>();
  const process = processLookup(options);
  const lookup: Lookup = (name) => process(name) ?? values.get(name);
  const take = (file: string, text: string): void => {
    // What a file says itself further up comes before what an earlier file says.
    const parsed = parseDotenv(text, process, (name) => values.get(name));
    for (const [key, value] of parsed.values) values.set(key, value);
    const source: Source = { file, text, baseDir: context.paths.dirname(file) };
    for (const { message, offset } of parsed.problems) {
      context.reporter.report({ rule: 'env-file', message, at: { source, offset } });
    }
  };
  const envFiles = options.envFiles ?? [];
  for (const file of envFiles) take(file, await context.read(file));
  if (envFiles.length === 0 && !/^(?:1|t|true|y|yes|on)$/i.test(process('COMPOSE_DISABLE_ENV_FILE') ?? '')) {
    const file = context.paths.resolve(workingDir, '.env');
    const text = await context.readOptional(file);
    if (text !== undefined) take(file, text);
  }
  const variables = (): ReadonlyMap<string, string> => {
    const own = Object.entries(options.environment).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return new Map([...values, ...own]);
  };
  return { lookup, envFiles, variables };
}
