import { expressions } from './compose/interpolate.ts';
import type { FileObject, FileReference, Project, Service } from './compose/project.ts';
import { originOf } from './compose/x-claude-env.ts';

/** A name that a project refers to, and could have from the keychain. */
export interface NameUse {
  readonly name: string;
  /** Services that get it, by name. */
  readonly services: readonly string[];
  /** Nothing stands in for it: `${A}`, `${A:?…}`, or a secret or config that is taken from it. */
  readonly needed: boolean;
  /** The keychain is asked before the environment: `x-claude-env: {keychain: A}`. */
  readonly first: boolean;
}

/** Every text of a value, also inside of maps, which `Object.values` does not see. */
function* texts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (value instanceof Map) for (const one of value.values()) yield* texts(one);
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* texts(one);
}

interface How {
  readonly needed: boolean;
  readonly first?: boolean;
}
type Found = (name: string, how: How) => void;

/** A variable of what another one falls back to is wanted only when that one is not set. */
function look(text: string, found: Found, inner = false): void {
  if (!text.includes('$')) return;
  for (const { name, operator, word } of expressions(text)) {
    found(name, { needed: !inner && (operator === '' || operator.endsWith('?')) });
    if (!operator.endsWith('?')) look(word, found, true);
  }
}

function lookInObject(object: FileObject | undefined, found: Found): void {
  if (object === undefined || object.external === true) return;
  for (const text of texts([object.environment, object.content, object.file])) look(text, found);
  const origin = originOf(object);
  const { environment } = object;
  if (environment === undefined || environment.includes('$') || origin?.from === 'command') return;
  found(environment, { needed: origin === undefined });
  if (origin !== undefined) found(origin.name, { needed: origin.name === environment, first: true });
}

/** The service's own texts, what it passes through, and the secrets and configs that it or its build is given. */
function lookInService(project: Project, service: Service, found: Found): void {
  for (const text of texts(service)) look(text, found);
  for (const [name, value] of service.environment ?? []) if (value === null) found(name, { needed: false });
  const uses = (all: readonly FileReference[] = [], objects: Project['secrets'] = new Map()) => {
    for (const { source } of all) lookInObject(objects.get(source), found);
  };
  uses(service.secrets, project.secrets);
  uses(service.configs, project.configs);
  uses(service.build?.secrets, project.secrets);
}

/** What these mean is for the tools themselves, and is never looked for in a keychain. */
const ofTools = /^(?:COMPOSE|DOCKER)_/;

/** Pure. Names by alphabet, of a project that was read with its variables left in (`interpolate: false`). */
export function namesIn(project: Project): readonly NameUse[] {
  const all = new Map<string, { readonly services: Set<string>; needed: boolean; first: boolean }>();
  const finder =
    (service: string | undefined): Found =>
    (name, { needed, first = false }) => {
      if (ofTools.test(name)) return;
      const known = all.get(name) ?? { services: new Set<string>(), needed: false, first: false };
      all.set(name, known);
      known.needed ||= needed;
      known.first ||= first;
      if (service !== undefined) known.services.add(service);
    };
  for (const service of project.services.values()) lookInService(project, service, finder(service.name));
  for (const text of texts([project.networks, project.volumes])) look(text, finder(undefined));
  return [...all]
    .map(([name, { services, ...how }]) => ({ name, services: [...services].sort(), ...how }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
