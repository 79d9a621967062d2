import { AppFailure } from '../../core/app-failure.ts';
import {
  authorityLasts,
  certificateLasts,
  certificateNames,
  dataLabel,
  type GeneratedName,
  type Preparation,
} from '../../core/team-stack/plan.ts';
import type { Credentials } from '../credentials.ts';
import type { Certificates, Clock, EngineConnection, Ids, Keychain, KeyedCertificate } from '../ports.ts';
import type { Adopted } from '../team-services/join.ts';
import type { Prepared, TeamStackOptions, TeamStackPlan } from './index.ts';
import { authorityKeyAccount, type createKept, type TeamStackRecord } from './kept.ts';

interface PrepareOptions extends Pick<TeamStackOptions, 'newToken' | 'adopt' | 'moved' | 'operator'> {
  readonly certificates: Certificates;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly keychain: Keychain;
  readonly credentials: Pick<Credentials, 'set' | 'remove'>;
  readonly kept: ReturnType<typeof createKept>;
  readonly connection: Pick<EngineConnection, 'membership'>;
}

const isKeychain = (error: unknown): boolean => error instanceof AppFailure && error.error.code.startsWith('keychain.');

/** Makes what is to be made; what was made is written down at once, so that an interrupted run goes on where it stopped. */
export async function prepare(options: PrepareOptions, planned: TeamStackPlan): Promise<Prepared> {
  const { certificates, kept, credentials } = options;
  let record: TeamStackRecord = planned.record;
  /** Of an authority that no keychain could take: it lasts as long as this run. */
  let authorityKey: string | undefined;
  let unkept: Adopted | undefined;
  const keep = async (change: Partial<TeamStackRecord>): Promise<void> => {
    record = { ...record, ...change };
    await kept.keep(record);
  };
  const steps: { [K in Preparation['kind']]: (step: Extract<Preparation, { kind: K }>) => Promise<void> } = {
    'make-authority': async ({ hosts }) => {
      const from = options.clock.now();
      const name = `${planned.team} (claude-env)`;
      const made = await certificates.makeAuthority({ name, hosts, from, until: from + authorityLasts });
      authorityKey = made.key;
      await keepKey(options, authorityKeyAccount(planned.swarm), made.key);
      // The gateways' certificate is of the one before: interrupted here, the next run makes another.
      const before = record.authority === undefined ? [] : [certificates.fingerprint(record.authority.certificate)];
      const former = [...(record.former ?? []).filter((digest) => !before.includes(digest)), ...before];
      await keep({ authority: { certificate: made.certificate, hosts }, former, certificate: undefined });
    },
    'forget-certificate': async () => {
      const { team, swarm } = planned;
      for (const name of Object.values(certificateNames)) await credentials.remove({ scope: 'team', team, name });
      await options.keychain.delete(authorityKeyAccount(swarm));
      await keep({ certificate: undefined });
    },
    'issue-certificate': async ({ hosts }) => {
      const key = authorityKey ?? (await options.keychain.get(authorityKeyAccount(planned.swarm)));
      if (key === undefined || record.authority === undefined) throw lostKey();
      const authority: KeyedCertificate = { certificate: record.authority.certificate, key };
      if (!(await certificates.belong(authority))) throw lostKey();
      const from = options.clock.now();
      const until = from + certificateLasts;
      const made = await certificates.issue(authority, { hosts, from, until });
      await setValue(options, planned.team, certificateNames.certificate, made.certificate);
      await setValue(options, planned.team, certificateNames.key, made.key);
      await keep({ certificate: { hosts, until } });
    },
    'make-value': async ({ name }) => {
      if (name === 'CLAUDE_ENV_TEAM_FIRST_OPERATOR') {
        unkept = await makeOperator(options, planned, record, name);
        await keep({ operator: true });
      } else await setValue(options, planned.team, name, options.ids.random() + options.ids.random());
    },
    'mark-node': ({ node }) => options.connection.membership.changeNode(node, { labels: { [dataLabel]: 'team' } }),
  };
  for (const step of planned.steps) await (steps[step.kind] as (one: Preparation) => Promise<void>)(step);
  await keep({});
  await tellLink(options, planned, record);
  return unkept === undefined ? {} : { unkept };
}

/** In the keychain; where there is none, nowhere, which the plan has said. */
async function keepKey({ keychain }: PrepareOptions, account: string, key: string): Promise<void> {
  try {
    await keychain.set(account, key);
  } catch (error) {
    if (!isKeychain(error)) throw error;
  }
}

/** In the keychain; where there is none, in memory for this run: the Swarm has it afterwards. */
async function setValue({ credentials }: PrepareOptions, team: string, name: string, value: string): Promise<void> {
  const key = { scope: 'team', team, name } as const;
  try {
    await credentials.set(key, value);
  } catch (error) {
    if (!isKeychain(error)) throw error;
    await credentials.set(key, value, { keep: 'session' });
  }
}

/** The services get its hash, this user's keychain the token itself. What comes back was not taken by a keychain. */
async function makeOperator(
  options: PrepareOptions,
  { team, addresses }: TeamStackPlan,
  { authority }: TeamStackRecord,
  name: GeneratedName,
): Promise<Adopted | undefined> {
  if (authority === undefined) throw new Error('An operator is made after the authority.');
  const { token, sha256 } = options.newToken();
  const ca = authority.certificate;
  const caDigest = options.certificates.fingerprint(ca);
  const link: Adopted = { team, addresses, ca, caDigest, token, person: { name: options.operator } };
  const unkept = await options.adopt(link).then(
    () => undefined,
    (error: unknown) => {
      if (isKeychain(error)) return link;
      throw error;
    },
  );
  // Last: where the token was not taken, there is no operator who could have it.
  await setValue(options, team, name, JSON.stringify({ name: options.operator, tokenSha256: sha256 }));
  return unkept;
}

/** Servers may have come or gone, and the authority may be another one, since this user's own link was made. */
export async function tellLink(
  { certificates, moved }: Pick<TeamStackOptions, 'certificates' | 'moved'>,
  { addresses }: Pick<TeamStackPlan, 'addresses'>,
  { authority, former = [] }: TeamStackRecord,
): Promise<void> {
  if (authority === undefined) return;
  const ca = authority.certificate;
  const caDigest = certificates.fingerprint(ca);
  // All of them: an earlier run may have been interrupted before this.
  await moved({ from: [...former, caDigest], addresses, ca, caDigest });
}

const lostKey = (): AppFailure =>
  new AppFailure({
    code: 'keychain.failed',
    message: 'The keychain no longer has the key of the team’s authority.',
    hint: 'With --new-ca there will be another one: everybody then needs another invite.',
  });
