import type { Project } from '../core/compose/project.ts';
import { toSecretReferences } from '../core/plan/deliveries.ts';
import type { Credentials } from './credentials.ts';
import type { SecretStore } from './ports.ts';

interface Sources {
  /** The environment and the project's env files, as the loader saw them. */
  readonly variables: ReadonlyMap<string, string>;
  readonly credentials: Pick<Credentials, 'has' | 'lookup'>;
  readonly project: string;
}

/**
 * The environment and env files first, then the keychain: the project's entry, then the user's. Each value is asked for
 * once, however many containers get it; the store lives as long as one operation.
 */
export function createSecretStore({ variables, credentials, project }: Sources): SecretStore {
  const asked = new Map<string, Promise<string | undefined>>();
  return {
    has: async ({ variable }) => variables.has(variable) || (await credentials.has(project, variable)),
    lookup: ({ variable }) => {
      const value =
        asked.get(variable) ??
        (variables.has(variable) ? Promise.resolve(variables.get(variable)) : credentials.lookup(project, variable));
      asked.set(variable, value);
      return value;
    },
  };
}

/** Names of variables that the project's secrets and configs are taken from and that the store does not have. */
export async function findUnset(project: Project, store: SecretStore): Promise<ReadonlySet<string>> {
  const unset = new Set<string>();
  const all = [...project.services.values(), ...project.inactive.values()];
  for (const reference of toSecretReferences(project, all)) {
    if (!(await store.has(reference))) unset.add(reference.variable);
  }
  return unset;
}
