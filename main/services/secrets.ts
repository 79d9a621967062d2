import type { Project } from '../core/compose/project.ts';
import { toSecretReferences } from '../core/plan/deliveries.ts';
import type { Redactor } from '../core/redact.ts';
import type { CommandOrigin } from './command-sources.ts';
import type { Credentials } from './credentials.ts';
import type { SecretReference, SecretStore } from './ports.ts';

interface Sources {
  /** The environment and the project's env files, as the loader saw them. */
  readonly variables: ReadonlyMap<string, string>;
  readonly credentials: Pick<Credentials, 'has' | 'lookup'>;
  readonly project: string;
  /** Of the Swarm that it is deployed to. */
  readonly team?: string | undefined;
  /** Runs what the file names as a source, where that is allowed. */
  readonly runCommand: (origin: CommandOrigin) => Promise<string>;
  /** Learns every value that is given out. */
  readonly redactor: Pick<Redactor, 'know'>;
}

/**
 * The environment and env files first, then the keychain: the project's entry, then the user's. Where the file names the
 * keychain, that comes first; where it names a command, that is asked when the environment has nothing. Each value is
 * asked for once, however many containers get it; the store lives as long as one operation.
 */
export function createSecretStore({
  variables,
  credentials,
  project,
  team,
  runCommand,
  redactor,
}: Sources): SecretStore {
  const asked = new Map<string, Promise<string | undefined>>();

  const inKeychain = async (name: string, otherwise: string | undefined): Promise<string | undefined> =>
    (await credentials.has(project, name, team)) ? credentials.lookup(project, name, team) : otherwise;
  const find = async ({ variable, origin, fallback = variable }: SecretReference): Promise<string | undefined> => {
    if (origin?.from === 'keychain') return inKeychain(variable, variables.get(fallback));
    if (origin?.from === 'command') return variables.get(variable) ?? runCommand(origin);
    return variables.get(variable) ?? credentials.lookup(project, variable, team);
  };

  return {
    has: async ({ variable, origin, fallback = variable }) =>
      variables.has(fallback) || origin?.from === 'command' || (await credentials.has(project, variable, team)),
    lookup: (reference) => {
      const { variable, origin, fallback } = reference;
      const key = JSON.stringify([variable, origin, fallback]);
      const value = asked.get(key) ?? find(reference);
      asked.set(key, value);
      return value.then((found) => {
        if (found !== undefined) redactor.know(found);
        return found;
      });
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
