import { marksIn, type OpaqueSource } from '../opaque.ts';
import type { SecretReference, Step } from './plan.ts';

/** A value that the plan's steps will be given, by name. */
export interface GivenValue {
  readonly name: string;
  /** Absent: by reference, as a secret or config; whoever looks it up knows where it comes from. */
  readonly source?: OpaqueSource;
  /** The file says that it is the keychain's, whatever the environment has. */
  readonly fromKeychain?: true;
  /** Services whose containers or images get it. */
  readonly services: readonly string[];
}

const isReference = (value: object): value is SecretReference =>
  'from' in value && value.from === 'environment' && 'variable' in value && typeof value.variable === 'string';

/** Pure. What goes where, read from the very steps that would be run: nothing that they do not have can be given away. */
export function findGivenValues(steps: readonly Step[]): readonly GivenValue[] {
  const found = new Map<string, { source?: OpaqueSource; fromKeychain?: true; readonly services: Set<string> }>();
  for (const step of steps) {
    const take = (name: string, source?: OpaqueSource, fromKeychain?: boolean): void => {
      const known = found.get(name) ?? { services: new Set<string>() };
      found.set(name, known);
      if (source !== undefined) known.source = source;
      if (fromKeychain === true) known.fromKeychain = true;
      known.services.add(step.service ?? step.target);
    };
    const look = (value: unknown): void => {
      if (typeof value === 'string') for (const { name, source } of marksIn(value)) take(name, source);
      else if (value instanceof Map) for (const [key, inner] of value) look([key, inner]);
      else if (typeof value === 'object' && value !== null) {
        if (isReference(value) && value.origin?.from !== 'command')
          take(value.variable, undefined, value.origin?.from === 'keychain');
        for (const inner of Object.values(value)) look(inner);
      }
    };
    look(step);
  }
  return [...found]
    .map(([name, { services, ...rest }]) => ({ name, ...rest, services: [...services].sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
