import { AppFailure } from '../core/app-failure.ts';
import type { Project } from '../core/compose/project.ts';
import type { Problem } from '../core/plan/problem.ts';
import { toReference } from '../core/plan/secret-reference.ts';
import { mayNameSecret } from '../core/secrecy/names.ts';
import { convertStack, type StackFile } from '../core/swarm/convert.ts';
import { type Deployed, namesOfDeployed, parseDeployed, toRecorded } from '../core/swarm/deployed.ts';
import { sealLabel } from '../core/swarm/names.ts';
import type { ObservedStack } from '../core/swarm/observed.ts';
import { toSource } from '../core/swarm/plan.ts';
import type { DeployRecord, RecordedDeploy } from '../core/swarm/record.ts';
import type { SecretSource } from '../core/swarm/steps.ts';
import { type SecretVerdict, versionsOf } from '../core/swarm/versions.ts';
import type { Ids, SecretStore, SwarmValues } from './ports.ts';

/* What a stack's secrets and configs hold now, and whether the Swarm has that already. */

/** kB that a Swarm takes (swarmkit of 20.10 on). */
const largest = { secret: 500, config: 1000 };
/** Bytes of what is recorded of a deploy; five of them are kept. */
const largestRecord = 500 * 1024;

const problemOf = (kind: string, key: string, error: unknown): Problem => {
  const said = error instanceof AppFailure ? error.error : { message: String(error) };
  return {
    severity: 'error',
    rule: 'value-missing',
    message: `${kind.slice(0, -1)} ${key}: ${said.message}`,
    ...('hint' in said && said.hint !== undefined ? { hint: said.hint } : {}),
    at: [kind, key],
  };
};

function checkSize(bytes: Uint8Array, kind: keyof typeof largest): void {
  if (bytes.length === 0) {
    const hint = 'Write something into it, or leave it out.';
    throw new AppFailure({ code: 'file.invalid', message: 'it is empty, which a Swarm does not take.', hint });
  }
  if (bytes.length < largest[kind] * 1024) return;
  throw new AppFailure({
    code: 'file.invalid',
    message: `it has ${Math.ceil(bytes.length / 1024)} kB, a Swarm takes less than ${largest[kind]}.`,
    hint: 'Put it into a volume or the image.',
  });
}

async function readSource(source: SecretSource, values: SwarmValues, secrets: SecretStore): Promise<Uint8Array> {
  if (source.from === 'file') return values.readBytes(source.path);
  if (source.from === 'text') return new TextEncoder().encode(source.text);
  const value = await secrets.lookup(source);
  if (value !== undefined) return new TextEncoder().encode(value);
  throw new AppFailure({
    code: 'file.invalid',
    message: `needs ${source.variable}, which is neither set nor in the keychain.`,
    hint: `Keep it in the keychain: npx claude-env secret set ${source.variable}`,
  });
}

export interface ReadConfigs {
  /** Base64, by key. */
  readonly data: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** The contents of all configs that are not external; what cannot be read is said, all of it. */
export async function readConfigs(project: Project, values: SwarmValues, secrets: SecretStore): Promise<ReadConfigs> {
  const data = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { key, external, object } of convertStack(project).configs) {
    if (external) continue;
    const source: SecretSource =
      object.file !== undefined
        ? { from: 'file', path: object.file }
        : object.environment !== undefined
          ? toReference('config', object, { environment: object.environment })
          : { from: 'text', text: object.content ?? '' };
    try {
      const bytes = await readSource(source, values, secrets);
      checkSize(bytes, 'config');
      data.set(key, toBase64(bytes));
    } catch (error) {
      problems.push(problemOf('configs', key, error));
    }
  }
  return { data, problems };
}

/** The services room has no Buffer. */
const toBase64 = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
};

export interface ReadVerdicts {
  readonly project: Project;
  readonly observed: ObservedStack;
  readonly values: SwarmValues;
  readonly secrets: SecretStore;
  /** Keys whose value need not be known: the Swarm's newest version is taken as it is. */
  readonly keeps?: (key: string) => boolean;
}

/** Of every secret whose value is ours to know: whether a version in the Swarm holds it. */
export async function readVerdicts(input: ReadVerdicts): Promise<{
  readonly secretVerdicts: ReadonlyMap<string, SecretVerdict>;
  readonly problems: readonly Problem[];
}> {
  const secretVerdicts = new Map<string, SecretVerdict>();
  const problems: Problem[] = [];
  const own = convertStack(input.project).secrets.filter(({ external }) => !external);
  await Promise.all(
    own.map(async (file) => {
      try {
        secretVerdicts.set(file.key, await verdictOf(file, input));
      } catch (error) {
        problems.push(problemOf('secrets', file.key, error));
      }
    }),
  );
  return { secretVerdicts, problems };
}

async function verdictOf(file: StackFile, { observed, values, secrets, keeps }: ReadVerdicts): Promise<SecretVerdict> {
  const source = toSource(file.object);
  const versions = versionsOf(file, 'secrets', observed);
  const [newest] = versions;
  // A driver gives the value to each task; there is nothing to compare.
  if (source === undefined) return newest === undefined ? { kind: 'absent' } : { kind: 'same', name: newest.name };
  if (newest !== undefined && source.from === 'environment' && keeps?.(file.key) === true) {
    if ((await secrets.lookup(source)) === undefined) return { kind: 'unknown', name: newest.name };
  }
  const value = await readSource(source, values, secrets);
  checkSize(value, 'secret');
  for (const { name, labels } of versions) {
    const seal = labels[sealLabel];
    if (seal !== undefined && (await values.seals.matches(value, seal))) return { kind: 'same', name };
  }
  if (newest === undefined) return { kind: 'absent' };
  return newest.labels[sealLabel] === undefined ? { kind: 'unknown', name: newest.name } : { kind: 'changed' };
}

interface WriteRecord {
  readonly deployed: Deployed;
  readonly files: readonly string[];
  /** Values that are known to be secret. */
  readonly secret?: readonly string[];
  readonly hash?: string;
  readonly note?: string;
  readonly ids: Pick<Ids, 'sha256'>;
  readonly values: SwarmValues;
}

/** What a deploy leaves for others to see and to go back to; no value of a variable that is a secret is in it. */
export async function writeRecord({
  deployed,
  files,
  secret,
  hash,
  note,
  ids,
  values,
}: WriteRecord): Promise<DeployRecord> {
  const recorded = toRecorded(deployed, files, secret);
  const data = await values.gzip(JSON.stringify(recorded));
  return {
    who: values.operator,
    // Of what is recorded: beside the rest of the file a hash of all of it would tell which password was guessed right.
    hash: hash ?? ids.sha256(recorded.files.join('\n---\n')),
    names: namesOfDeployed(deployed),
    ...(data.length * 0.75 > largestRecord ? {} : { data }),
    ...(note === undefined ? {} : { note }),
  };
}

/** What was deployed then. Throws `file.invalid` for what was not written by this program. */
export async function readDeployed(record: RecordedDeploy, values: SwarmValues): Promise<Deployed> {
  const deployed = parseDeployed(await values.gunzip(record.data ?? ''), record.id);
  if (deployed !== undefined) return deployed;
  throw new AppFailure({
    code: 'file.invalid',
    message: `The record ${record.id} was written by another version of this program.`,
    hint: 'Deploy the stack’s files.',
  });
}

/** Values of variables that are called as secrets are, and of secrets that stand in the file. */
export const secretValues = (project: Project, variables: ReadonlyMap<string, string>): readonly string[] => [
  ...[...variables].flatMap(([name, value]) => (mayNameSecret(name) ? value : [])),
  ...[...project.secrets.values()].flatMap(({ content }) => content ?? []),
];
