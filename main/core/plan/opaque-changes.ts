import type { Project, Service } from '../compose/project.ts';
import { marksIn, type OpaqueSource, type OpaqueValue } from '../opaque.ts';
import { opaqueOf } from './config-hash.ts';
import { opaqueLabel, secretFilesLabel } from './labels.ts';
import type { ObservedContainer } from './plan.ts';

/* Values from the keychain: whether a container was made with the ones that are there now, told by their editions alone. */

export interface OpaqueChange {
  readonly name: string;
  readonly change: 'added' | 'changed' | 'gone';
  readonly source?: OpaqueSource;
}

/** What a service's secrets and configs take from the keychain. They are filled at every start, and a start has to come. */
function keptOf(project: Project, { secrets = [], configs = [] }: Service): readonly OpaqueValue[] {
  const objects = [
    ...secrets.map(({ source }) => project.secrets.get(source)),
    ...configs.map(({ source }) => project.configs.get(source)),
  ];
  return objects.flatMap((object) => marksIn(object?.kept ?? ''));
}

/** Every value of a service's that only the keychain has: within its keys, and as files. */
export const keychainValuesOf = (project: Project, service: Service): readonly OpaqueValue[] => [
  ...opaqueOf(service),
  ...keptOf(project, service),
];

function editionsOf({ labels }: ObservedContainer): ReadonlyMap<string, string> {
  const pairs = (labels[opaqueLabel] ?? '').split(',').filter((pair) => pair.includes('='));
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** By name. `gone`: the container has a value that the file does not take from the keychain any more. */
export function findOpaqueChanges(
  container: ObservedContainer,
  service: Service,
  project: Project,
): readonly OpaqueChange[] {
  const made = editionsOf(container);
  // One that keeps no files in memory is made anew for that.
  const hasFiles = container.labels[secretFilesLabel] !== undefined;
  const values = hasFiles ? keychainValuesOf(project, service) : opaqueOf(service);
  const wanted = new Map(values.map((value) => [value.name, value]));
  return [...new Set([...made.keys(), ...wanted.keys()])].sort().flatMap((name): readonly OpaqueChange[] => {
    const value = wanted.get(name);
    if (value === undefined) return [{ name, change: 'gone' }];
    const edition = made.get(name);
    if (edition === value.edition) return [];
    return [{ name, change: edition === undefined ? 'added' : 'changed', source: value.source }];
  });
}

/** One clause; never more than that something changed. */
export function opaqueCause(changes: readonly OpaqueChange[]): string | undefined {
  const clauses = changes.slice(0, 3).map(({ name, change, source }) => {
    const where = source === 'session' ? 'for this run' : 'in the keychain';
    if (change === 'gone') return `${name} is no longer taken from the keychain`;
    if (source === 'missing') return `${name} is missing`;
    return change === 'added' ? `${name} is ${source === 'session' ? 'given' : where} now` : `${name} changed ${where}`;
  });
  return clauses.length === 0 ? undefined : clauses.join(', ');
}
