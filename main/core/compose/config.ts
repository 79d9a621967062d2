import { hideMarks } from '../opaque.ts';
import { compareKeys } from './key-order.ts';
import type { Project, Service } from './project.ts';
import type { Kind, ObjectKind, ScalarKind } from './schema/kinds.ts';
import { service as serviceKind } from './schema/service.ts';
import { composeFile, sectionKind } from './schema/top.ts';
import { formatDuration } from './units.ts';

/*
 * The project as `docker compose config` prints it: the specification's keys in its order, durations and sizes as
 * text, empty values left out, `$` doubled so that the output can be loaded again (in keys too, where nobody halves it). Seen with docker compose 2.40.3,
 * whose JSON differs from its YAML: no `x-` keys below the top, `command: null`, `ipam: {}`, `Path` and `Rate`.
 */
export interface ConfigOptions {
  readonly format: 'yaml' | 'json';
  /** The project was read without variables put in: `$` stays single, and inactive services are there. */
  readonly literal?: boolean;
  /** Contents of env_file and label_file were not read: their names are printed. */
  readonly withFiles?: boolean;
}
export type Plain = Readonly<Record<string, unknown>>;

interface Printing extends ConfigOptions {
  readonly escape: (text: string) => string;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}

function printScalar(value: unknown, kind: ScalarKind, printing: Printing): unknown {
  if (typeof value === 'string') return printing.escape(value);
  if (typeof value !== 'number') return printFree(value, printing);
  if (kind.is === 'bytes') return String(value);
  if (kind.is === 'duration') return formatDuration(value);
  return kind.is === 'mode' ? `0${value.toString(8)}` : value;
}

/** Extensions and options, whatever they hold. */
function printFree(value: unknown, printing: Printing): unknown {
  if (typeof value === 'string') return printing.escape(value);
  if (Array.isArray(value)) {
    // Go's JSON has no other word for a list that was never filled.
    if (value.length === 0 && printing.format === 'json') return null;
    return value.map((item) => printFree(item, printing));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    sorted(entries, printing.format).map(([key, one]) => [printing.escape(key), printFree(one, printing)]),
  );
}

/** Each of the two formats has an order of its own for the keys of a map. */
function sorted<T>(entries: Iterable<readonly [string, T]>, format: 'yaml' | 'json'): (readonly [string, T])[] {
  const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const compare = format === 'yaml' ? compareKeys : byCode;
  return [...entries].sort(([a], [b]) => compare(a, b));
}

function print(value: unknown, kind: Kind, printing: Printing): unknown {
  if (value === null || value === undefined) return null;
  // `external` is a plain boolean in canonical form.
  if (kind.is === 'object' && typeof value !== 'object') return value;
  if (kind.is === 'object') return printObject(value as Plain, kind, printing);
  if (kind.is === 'list') {
    // A line whose variables were left in it is text still.
    return Array.isArray(value) ? value.map((item) => print(item, kind.item, printing)) : printFree(value, printing);
  }
  // ssh: a mapping in the file, a list in the model.
  if (Array.isArray(value)) return value.map((item) => printFree(item, printing));
  if (kind.is === 'dict') {
    const entries = sorted(value as ReadonlyMap<string, unknown>, printing.format);
    if (kind.fromList === 'hosts') {
      return entries
        .flatMap(([host, addresses]) => (addresses as string[]).map((address) => printing.escape(`${host}=${address}`)))
        .sort();
    }
    // Variables are put into values only: `A${B}=c` has to stay the item of a list that it was written as.
    if (printing.literal === true && kind.fromList === 'equals' && entries.some(([key]) => key.includes('$')))
      return entries.map(([key, one]) => (one === null ? key : `${key}=${String(one)}`));
    return Object.fromEntries(entries.map(([key, one]) => [printing.escape(key), print(one, kind.value, printing)]));
  }
  return printScalar(value, kind, printing);
}

/** What its JSON says though nothing was written: Go has no way to leave these out. */
const JSON_ALWAYS: Readonly<Record<string, Plain>> = {
  'a watch rule': { exec: { command: null } },
  deploy: { resources: {}, placement: {} },
  'a hook': { command: null },
  'a network': { ipam: {} },
  'a discrete resource': { kind: '', value: 0 },
};
/** Their contents were put into `environment` and `labels`. */
const TAKEN_IN = ['env_file', 'label_file'];

/** 0 is not printed, as nothing else that Go takes for unset. */
function limitOf({ soft, hard, single }: Plain): Plain {
  const both = single === true ? {} : { soft, hard };
  return Object.fromEntries(Object.entries(both).filter(([, limit]) => limit !== 0));
}

/** Shapes that docker compose prints in a form of their own. */
type Special = (value: Plain, printing: Printing) => unknown;
const SPECIAL: ReadonlyMap<string, Special> = new Map<string, Special>([
  ['a limit', (value) => (value.single === true && value.soft !== 0 ? value.soft : limitOf(value))],
  ['a device rate', (value, { format }) => caseOf(format, 'Path', value.path, 'Rate', String(value.rate ?? 0))],
  ['a device weight', (value, { format }) => caseOf(format, 'Path', value.path, 'Weight', value.weight)],
]);

function caseOf(format: 'yaml' | 'json', firstKey: string, first: unknown, secondKey: string, second: unknown): Plain {
  const cased = (key: string): string => (format === 'json' ? key : key.toLowerCase());
  return { [cased(firstKey)]: first, [cased(secondKey)]: second };
}

function printObject(value: Plain, kind: ObjectKind, printing: Printing): unknown {
  const special = SPECIAL.get(kind.title);
  if (special !== undefined) return special(value, printing);
  const result: Record<string, unknown> = {};
  const always = printing.format === 'json' ? JSON_ALWAYS[kind.title] : undefined;
  for (const [key, keyKind] of kind.keys) {
    const one = value[key] === false && keyKind.is === 'object' ? undefined : value[key];
    if (always !== undefined && key in always && (one === undefined || keyKind.is !== 'object'))
      result[key] = one === undefined ? always[key] : print(one, keyKind, printing);
    const keep = 'zero' in keyKind && keyKind.zero === 'kept';
    if (one === undefined || (!keep && keyKind.is !== 'object' && isEmpty(one))) continue;
    result[key] = print(one, keyKind, printing);
  }
  if (printing.format === 'yaml') {
    for (const [key, one] of Object.entries((value.extensions as Plain | undefined) ?? {})) {
      result[printing.escape(key)] = printFree(one, printing);
    }
  }
  return result;
}

/** Cores: `"0.50"` prints as 0.5. */
function withNumericCpus(printed: Record<string, unknown>): void {
  const resources = (printed.deploy as Plain | undefined)?.resources as Plain | undefined;
  for (const limit of Object.values(resources ?? {}) as Record<string, unknown>[]) {
    if (typeof limit.cpus !== 'string') continue;
    if (Number(limit.cpus) === 0) delete limit.cpus;
    else limit.cpus = Number(limit.cpus);
  }
}

function printService(service: Service, printing: Printing): Plain {
  // docker compose reads pull_refresh_after and forgets it.
  const left = ['name', 'pull_refresh_after', ...(printing.withFiles ? [] : TAKEN_IN)];
  const rest = Object.fromEntries(Object.entries(service).filter(([key]) => !left.includes(key)));
  const printed = printObject(rest, serviceKind, printing) as Record<string, unknown>;
  withNumericCpus(printed);
  const ordered: Record<string, unknown> = {};
  for (const key of [...serviceKind.keys.keys(), ...Object.keys(printed)]) {
    const isLine = key === 'command' || key === 'entrypoint';
    // A line with variables in it is not split into words before they are put in.
    if (isLine && typeof service[key] === 'string') ordered[key] = service[key];
    else if (isLine && service[key] !== undefined && service[key] !== null)
      ordered[key] = [...service[key]].map(printing.escape);
    else if (isLine) {
      if (printing.format === 'json') ordered[key] = null;
    } else if (key in printed) ordered[key] = printed[key];
  }
  return ordered;
}

type Section = 'networks' | 'volumes' | 'secrets' | 'configs';

function printSection(project: Project, section: Section, printing: Printing): Plain | undefined {
  const objects = sorted(project[section] as ReadonlyMap<string, object>, printing.format);
  if (objects.length === 0) return undefined;
  return Object.fromEntries(
    objects.map(([key, object]) => {
      const { name, isNameless, ...rest } = object as Plain;
      const said = isNameless === true ? rest : { name, ...rest };
      return [key, printObject(said, sectionKind(section), printing)];
    }),
  );
}

/** A plain object to be written as YAML or JSON. */
export function toConfig(project: Project, options: ConfigOptions): Plain {
  // A value that only the keychain has is not known here; what is printed says so.
  const escapeText = options.literal
    ? (text: string): string => text
    : (text: string): string => hideMarks(text, { sources: true }).replaceAll('$', '$$$$');
  const printing: Printing = { ...options, escape: escapeText };
  const all = options.literal ? [...project.services, ...project.inactive] : project.services;
  const services = sorted(all, printing.format).map(([name, service]) => [name, printService(service, printing)]);
  const modelsKind = composeFile.keys.get('models');
  const sections: Record<string, unknown> = {
    name: project.name,
    services: Object.fromEntries(services),
    networks: printSection(project, 'networks', printing),
    volumes: printSection(project, 'volumes', printing),
    secrets: printSection(project, 'secrets', printing),
    configs: printSection(project, 'configs', printing),
    // Its JSON leaves models out.
    models:
      printing.format === 'yaml' && modelsKind && project.models && project.models.size > 0
        ? print(project.models, modelsKind, printing)
        : undefined,
    ...(printFree(project.extensions, printing) as Plain),
  };
  const entries = Object.entries(sections).filter(([, value]) => value !== undefined && value !== false);
  return Object.fromEntries(options.format === 'json' ? sorted(entries, 'json') : entries);
}
