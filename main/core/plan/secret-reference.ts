import type { FileObject } from '../compose/project.ts';
import { originOf } from '../compose/x-claude-env.ts';
import type { SecretReference } from './plan.ts';

/** Where the value of a secret or config with `environment` is to be looked up. `name`: what messages call it. */
export function toReference(
  kind: SecretReference['kind'],
  object: FileObject,
  { environment, name = object.key }: { readonly environment: string; readonly name?: string },
): SecretReference {
  const common = { from: 'environment', kind, name } as const;
  const origin = originOf(object);
  if (origin === undefined) return { ...common, variable: environment };
  if (origin.from === 'command') return { ...common, variable: environment, origin };
  return { ...common, variable: origin.name, origin, fallback: environment };
}
