import { teamStackName } from '../../../preload/contract/team-stack-name.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { parseJson } from '../../core/parse-json.ts';
import { keyLabel } from '../../core/swarm/names.ts';
import type { ObservedStack } from '../../core/swarm/observed.ts';
import { labelsOf } from '../../core/swarm/spec-image.ts';
import { type Authority, certificateNames, generated } from '../../core/team-stack/plan.ts';
import type { Credentials } from '../credentials.ts';
import type { Certificates, Files } from '../ports.ts';
import { type TeamStackChoices, type TeamStackRecord, teamStackChoices } from './kept.ts';
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

/** Of the service config-sync: what was chosen, so that other operators mean the same. */
const choicesLabel = 'io.claude-env.team-choices';
const asLabel = teamStackChoices.omit({ allowedSigners: true, knownHosts: true });

/** For that label. Texts of files are left out: the Swarm has them as configs. */
export const choicesText = (choices: TeamStackChoices): string => JSON.stringify(asLabel.parse(choices));

/** What was chosen for the services that are there, by whomever; undefined: there are none. */
export function choicesInSwarm({ services, configs }: ObservedStack): TeamStackChoices | undefined {
  const text = labelsOf(services.find(({ name }) => name === `${teamStackName}_config-sync`)?.spec)[choicesLabel];
  const chosen = asLabel.safeParse(parseJson(text ?? ''));
  if (!chosen.success) return undefined;
  const files = { allowedSigners: newest(configs, 'allowed-signers'), knownHosts: newest(configs, 'known-hosts') };
  const texts = Object.entries(files).flatMap(([name, found]) =>
    found?.data === undefined ? [] : [[name, fromBase64(found.data)]],
  );
  return { ...chosen.data, ...Object.fromEntries(texts) };
}

const fromBase64 = (data: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)));

const newest = (configs: ObservedStack['configs'], key: string) =>
  configs
    .filter(({ name, labels }) => labels[keyLabel] === key || name === `${teamStackName}_${key}`)
    .sort((a, b) => b.createdAt - a.createdAt)[0];

/** What another operator deployed: the certificate is public, so the Swarm tells it. Its DNS names are for its maker to know. */
function authorityInSwarm({ configs }: ObservedStack, certificates: Certificates): Authority | undefined {
  const found = newest(configs, 'ca-cert');
  if (found?.data === undefined) return undefined;
  const certificate = fromBase64(found.data);
  try {
    certificates.fingerprint(certificate);
    return { certificate, hosts: [] };
  } catch (error) {
    if (error instanceof AppFailure) return undefined;
    throw error;
  }
}

export interface CurrentAuthority {
  readonly authority: Authority | undefined;
  /** SHA-256 of those before, as far as this machine knows them. */
  readonly former: readonly string[];
  /** Somebody else's took the place of the one that this machine knew. */
  readonly replaced: boolean;
}

/**
 * The one that this machine knows, unless the Swarm has another that is none of its predecessors: then somebody else made that one, and
 * what is kept here is of the past. One that was made here and did not get as far as the Swarm is the current one.
 */
export function currentAuthority(
  { authority: own, former = [] }: TeamStackRecord,
  observed: ObservedStack,
  certificates: Certificates,
): CurrentAuthority {
  const there = authorityInSwarm(observed, certificates);
  if (own === undefined || there === undefined) return { authority: own ?? there, former, replaced: false };
  const [mine, theirs] = [own, there].map(({ certificate }) => certificates.fingerprint(certificate));
  if (mine === undefined || theirs === undefined || mine === theirs || former.includes(theirs)) {
    return { authority: own, former, replaced: false };
  }
  return { authority: there, former: [...former, mine], replaced: true };
}
