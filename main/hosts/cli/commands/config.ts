import { writeFile } from 'node:fs/promises';
import { toConfig } from '../../../core/compose/config.ts';
import type { Reading } from '../../../core/compose/options.ts';
import type { Project } from '../../../core/compose/project.ts';
import { selectServices } from '../../../core/compose/select.ts';
import { textsOf, usedVariables } from '../../../core/compose/variables.ts';
import { toYaml } from '../../../core/compose/yaml-text.ts';
import { hideMarks, marksWithin, toMark } from '../../../core/opaque.ts';
import type { LoadedStack } from '../../../services/services.ts';
import { invalidFile } from '../../../services/stacks.ts';
import { exitCodes } from '../exit-codes.ts';
import { diagnosticText } from '../present/errors.ts';
import { columns } from '../present/table.ts';
import { type Command, type Context, usage } from '../run.ts';
import { hashes, type List, listNames, readingFor, variableRecords, variableRows } from './config-lists.ts';
import { requirePrepared } from './first-run.ts';

export interface ConfigCommandOptions {
  readonly format: 'yaml' | 'json' | undefined;
  /** Only these services and what they depend on; none: all. */
  readonly names: readonly string[];
  /** What to list instead of the whole project. */
  readonly list?: List | undefined;
  /** Services whose hash is asked for, `*` for all. */
  readonly hash?: string | undefined;
  readonly reading: Reading;
  readonly output?: string | undefined;
  readonly quiet: boolean;
}

interface Printed {
  /** For `--json`. */
  readonly data: unknown;
  readonly text: string;
}

const lines = (items: readonly string[]): Printed => ({ data: items, text: items.map((item) => `${item}\n`).join('') });

const json = (data: unknown): Printed => ({ data, text: `${JSON.stringify(data, undefined, 2)}\n` });

function checkNames(names: readonly string[], project: Project): void {
  const wrong = names.filter((name) => !project.services.has(name));
  if (wrong.length === 0) return;
  throw usage(`There is no service ${wrong.join(', ')}.`, `It has: ${[...project.services.keys()].join(', ')}.`);
}

function printHashes(project: Project, asked: string): Printed {
  const names = asked === '*' ? [...project.services.keys()] : asked.split(',');
  checkNames(names, project);
  const found = hashes(names.flatMap((name) => project.services.get(name) ?? []));
  return { data: Object.fromEntries(found), text: found.map((pair) => `${pair.join(' ')}\n`).join('') };
}

function printVariables(project: Project, { format }: ConfigCommandOptions): Printed {
  const variables = usedVariables(textsOf(toConfig(project, { format: 'yaml', literal: true, withFiles: true })));
  const records = variableRecords(variables);
  if (format === 'json') return json(records);
  const text = format === 'yaml' ? toYaml(records) : `${columns(variableRows(variables), '').join('\n')}\n`;
  return { data: records, text };
}

function printWhole(project: Project, { format = 'yaml', reading }: ConfigCommandOptions): Printed {
  const literal = reading.interpolate === false;
  const withFiles = literal || reading.resolveFiles === false;
  const data = toConfig(project, { format, literal, withFiles });
  return { data, text: format === 'json' ? json(data).text : toYaml(data) };
}

/** What the files take from the keychain: that it is there, and where from. */
const keychainVariables = (project: Project): readonly (readonly [string, string])[] =>
  marksWithin(project).map((value) => [value.name, hideMarks(toMark(value), { sources: true })]);

function print(
  { project: loaded, variables }: LoadedStack,
  options: ConfigCommandOptions,
  wantsJson: boolean,
): Printed {
  const { list, hash, names, reading } = options;
  if (loaded === undefined) throw new TypeError('a project without mistakes is loaded');
  if (hash !== undefined) return printHashes(loaded, hash);
  if (list === 'variables') return printVariables(loaded, options);
  if (list === 'environment') {
    const all = [...variables, ...keychainVariables(loaded)];
    const sorted = all.sort(([a], [b]) => (a < b ? -1 : 1));
    return { data: Object.fromEntries(sorted), text: sorted.map(([key, value]) => `${key}=${value}\n`).join('') };
  }
  // Which services exist is listed whole, as docker compose does it.
  const whole = list === 'services' || list === 'volumes' || list === 'networks' || list === 'models';
  if (!whole) checkNames(names, loaded);
  const project = whole ? loaded : selectServices(loaded, names);
  if (list !== undefined) return lines(listNames(project, list, reading.interpolate === false));
  return printWhole(project, wantsJson ? { ...options, format: 'json' } : options);
}

/** The project with nothing undone but what is asked for; variables are looked for in what has them still. */
async function read({ services, target }: Context, options: ConfigCommandOptions): Promise<LoadedStack> {
  // Which engine is meant changes nothing in a file of one's own, so none is waited for.
  const engine = target.engine ?? services.engines.preferred() ?? 'none';
  return services.stacks.load(
    { ...target, engine },
    {
      services: options.names,
      ...readingFor(options.list, options.reading),
    },
  );
}

/** The project as it is understood: merged, interpolated, in the long form. Asks no engine. */
export const config =
  (options: ConfigCommandOptions): Command =>
  async (context) => {
    const { io } = context;
    await requirePrepared(context);
    const loaded = await read(context, options);
    if (loaded.project === undefined) throw invalidFile(loaded.diagnostics, loaded.files);
    for (const diagnostic of loaded.diagnostics) io.warn(diagnosticText(diagnostic, io.paint));
    const { data, text } = print(loaded, options, io.json);
    if (options.quiet) return exitCodes.done;
    if (options.output !== undefined) await writeFile(options.output, text);
    else if (io.json) io.data(data);
    else io.raw(text);
    return exitCodes.done;
  };
