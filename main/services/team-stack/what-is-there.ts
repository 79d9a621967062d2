import { teamStackName } from '../../../preload/contract/team-stack.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { keyLabel } from '../../core/swarm/names.ts';
import type { ObservedStack } from '../../core/swarm/observed.ts';
import { type Authority, certificateNames, generated } from '../../core/team-stack/plan.ts';
import type { Credentials } from '../credentials.ts';
import type { Certificates, Files } from '../ports.ts';
import { optionalValues } from './target.ts';

/** Names of the stack's values that this machine has: in the environment, or in the keychain for this team. */
export async function valuesHere(
  { credentials, files }: { readonly credentials: Pick<Credentials, 'has'>; readonly files: Files },
  team: string,
): Promise<ReadonlySet<string>> {
  const names = [
    ...generated.map(({ name }) => name),
    certificateNames.certificate,
    certificateNames.key,
    ...optionalValues,
  ];
  const environment = files.environment();
  const found = await Promise.all(
    names.map(async (name) => {
      const isSet = environment[name] !== undefined && environment[name] !== '';
      return isSet || (await credentials.has(teamStackName, name, team)) ? [name] : [];
    }),
  );
  return new Set(found.flat());
}

export const secretsInSwarm = ({ secrets }: ObservedStack): ReadonlySet<string> =>
  new Set(secrets.flatMap(({ labels }) => labels[keyLabel] ?? []));

/** What another operator deployed: the certificate is public, so the Swarm tells it. Its DNS names are for its maker to know. */
export function authorityInSwarm({ configs }: ObservedStack, certificates: Certificates): Authority | undefined {
  const [newest] = configs
    .filter(({ name, labels }) => labels[keyLabel] === 'ca-cert' || name === `${teamStackName}_ca-cert`)
    .sort((a, b) => b.createdAt - a.createdAt);
  if (newest?.data === undefined) return undefined;
  const certificate = atob(newest.data);
  try {
    certificates.fingerprint(certificate);
    return { certificate, hosts: [] };
  } catch (error) {
    if (error instanceof AppFailure) return undefined;
    throw error;
  }
}
