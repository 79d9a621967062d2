import { hash } from 'node:crypto';
import type { Reading } from '../../../core/compose/options.ts';
import type { Project, Service } from '../../../core/compose/project.ts';
import type { VariableUse } from '../../../core/compose/variables.ts';
import { configHash } from '../../../core/plan/config-hash.ts';

/* What `config` lists instead of the whole project. */

export type NameList = 'services' | 'volumes' | 'networks' | 'images' | 'profiles' | 'models';

export type List = NameList | 'variables' | 'environment';

/**
 * What a list needs of the project: variables are looked for in what has them still, and names say nothing of what env
 * files hold, so that one which is not there yet is no matter.
 */
export function readingFor(list: List | undefined, reading: Reading): Reading {
  if (list === undefined || list === 'environment') return reading;
  return { ...reading, resolveFiles: false, ...(list === 'variables' ? { interpolate: false } : {}) };
}

const sha256 = (text: string): string => hash('sha256', text);
const unique = (values: Iterable<string>): readonly string[] => [...new Set(values)].sort();

/** The engine gives a built service without `image` the name that docker compose gives it. */
const imageOf = (project: Project, service: Service): string => service.image ?? `${project.name}-${service.name}`;

/** `literal`: services whose profile is inactive are listed too, because which are active is not known. */
export function listNames(project: Project, what: NameList, literal: boolean): readonly string[] {
  const services = [...project.services.values()];
  switch (what) {
    case 'services':
      return unique([...project.services.keys(), ...(literal ? project.inactive.keys() : [])]);
    case 'volumes':
      return unique(project.volumes.keys());
    case 'networks':
      return unique(project.networks.keys());
    case 'images':
      return services.map((service) => imageOf(project, service)).sort();
    case 'profiles':
      return unique([...services, ...project.inactive.values()].flatMap(({ profiles }) => profiles ?? []));
    case 'models':
      return [...(project.models?.values() ?? [])].map(({ model }) => model).sort();
  }
}

/** Name and hash of each service, by name. */
export function hashes(services: readonly Service[]): readonly (readonly [string, string])[] {
  return services
    .map(
      // `docker compose config --hash` leaves out where labels come from; the label on containers does not.
      ({ label_file: _files, ...service }) => [service.name, configHash(service, sha256)] as const,
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** As docker compose names the columns. */
export function variableRows(variables: readonly VariableUse[]): readonly (readonly string[])[] {
  return [
    ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'],
    ...variables.map(({ name, required, fallback, alternate }) => [name, String(required), fallback, alternate]),
  ];
}

/** Under each name, with docker compose's own keys. */
export function variableRecords(variables: readonly VariableUse[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    variables.map(({ name, required, fallback, alternate }) => [
      name,
      { Name: name, DefaultValue: fallback, PresenceValue: alternate, Required: required },
    ]),
  );
}
