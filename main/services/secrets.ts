import type { Project } from '../core/compose/project.ts';
import { toSecretReferences } from '../core/plan/deliveries.ts';
import type { SecretStore } from './ports.ts';

/** Values from the environment and the project's env files, as the loader saw them. */
export function environmentSecrets(variables: ReadonlyMap<string, string>): SecretStore {
  return {
    lookup: async ({ variable }) => variables.get(variable),
  };
}

/** Names of variables that the project's secrets and configs are taken from and that the store does not have. */
export async function findUnset(project: Project, store: SecretStore): Promise<ReadonlySet<string>> {
  const unset = new Set<string>();
  const all = [...project.services.values(), ...project.inactive.values()];
  for (const reference of toSecretReferences(project, all)) {
    if ((await store.lookup(reference)) === undefined) unset.add(reference.variable);
  }
  return unset;
}
