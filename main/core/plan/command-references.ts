import type { SecretReference, Step } from './plan.ts';

const isReference = (value: object): value is SecretReference =>
  'from' in value && value.from === 'environment' && 'variable' in value && typeof value.variable === 'string';

/** What the steps will have to ask a command for, read from the very steps that would be run; `variables` have the others. */
export function findCommandReferences(
  steps: readonly Step[],
  variables: ReadonlyMap<string, string>,
): readonly SecretReference[] {
  const found = new Map<string, SecretReference>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isReference(value) && value.origin?.from === 'command' && !variables.has(value.variable)) {
      found.set(`${value.kind} ${value.name}`, value);
    }
    for (const inner of value instanceof Map ? value.values() : Object.values(value)) look(inner);
  };
  look(steps);
  return [...found.values()];
}
