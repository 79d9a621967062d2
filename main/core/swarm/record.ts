import type { CorePlan, Step } from '../plan/plan.ts';
import { deployTime, newVersion, recordLabel, stackLabel } from './names.ts';
import type { ObservedFile, ObservedStack } from './observed.ts';

/*
 * Who deployed what, for everybody who can ask the Swarm: a config of the stack with what deployed.ts writes. The last five
 * are kept.
 */

export interface DeployRecord {
  /** `anna@laptop` */
  readonly who: string;
  /** SHA-256 of the files' text as it is recorded, lower-case hex. */
  readonly hash: string;
  /** Of secrets and configs that the services were given. */
  readonly names: readonly string[];
  /** What deployed.ts writes, gzip in base64; absent where that is more than a config holds. */
  readonly data?: string;
  /** Before what changed: `back to deploy 3 by anna@laptop`. */
  readonly note?: string;
}

const kept = 5;
/** A config must hold something: this one has nothing to go back to. */
const nothing = 'LQ==';
const label = (name: string): string => `${recordLabel}.${name}`;

/** The newest first. */
const recordsOf = ({ configs, stack }: ObservedStack): readonly ObservedFile[] =>
  configs
    .filter(({ labels }) => labels[recordLabel] !== undefined && labels[stackLabel] === stack)
    .sort((a, b) => b.createdAt - a.createdAt);

const numberOf = ({ labels }: ObservedFile): number => Number(labels[label('number')] ?? 0);

const changing = new Set(['create-service', 'update-service', 'remove-service', 'rollback-service']);
const changesOf = (steps: readonly Step[]): readonly Step[] => steps.filter(({ kind }) => changing.has(kind));
/** Labels are for reading at a glance. */
const longest = 1000;

/** Those that are there when the steps have run: a change of services is recorded, and pushes the oldest out. */
export const keptRecords = (observed: ObservedStack, steps: readonly Step[]): readonly ObservedFile[] =>
  recordsOf(observed).slice(0, changesOf(steps).length === 0 ? kept : kept - 1);

const namesIn = ({ labels }: ObservedFile): readonly string[] =>
  (labels[label('names')] ?? '').split(' ').filter((name) => name !== '');

/** Names of the secrets and configs that they refer to. */
export const namesInRecords = (records: readonly ObservedFile[]): ReadonlySet<string> =>
  new Set(records.flatMap(namesIn));

/** The name of the record that a deploy leaves, before it runs. */
export const newRecord = (stack: string): string => `${stack}_deploy-${newVersion}`;

/** After everything else: the record, and what is older than the last five. The same plan where no service changes. */
export function withRecord<T extends CorePlan>(plan: T, record: DeployRecord, observed: ObservedStack): T {
  const changes = changesOf(plan.steps);
  if (changes.length === 0) return plan;
  const name = newRecord(observed.stack);
  const base = { destructive: false, after: plan.steps.map(({ id }) => id) };
  const said = changes
    .map(({ kind, target, cause }) => `${kind.replace('-service', '')} ${target}: ${cause}`)
    .join('; ');
  const text = record.note === undefined ? said : `${record.note}: ${said}`;
  const before = recordsOf(observed);
  const create: Step = {
    ...base,
    id: `create-config ${name}`,
    target: name,
    cause: 'says who deployed what',
    kind: 'create-config',
    name,
    body: {
      Labels: {
        [stackLabel]: observed.stack,
        [recordLabel]: '1',
        [label('number')]: String(Math.max(0, ...before.map(numberOf)) + 1),
        [label('who')]: record.who,
        [label('at')]: deployTime,
        [label('hash')]: record.hash,
        [label('names')]: record.names.join(' '),
        [label('changes')]: text.length > longest ? `${text.slice(0, longest)}…` : text,
      },
      Data: record.data ?? nothing,
    },
  };
  const old = before.slice(kept - 1).map(
    ({ name: one }): Step => ({
      ...base,
      id: `remove-config ${one}`,
      target: one,
      cause: 'older than the last five',
      kind: 'remove-config',
      name: one,
    }),
  );
  const warnings: CorePlan['warnings'] =
    record.data !== undefined
      ? plan.warnings
      : [
          ...plan.warnings,
          {
            severity: 'warning',
            rule: 'record-too-large',
            message: 'what is deployed has more than the 500 kB that a Swarm config holds: it is not recorded',
            hint: 'Who deployed it, when and what changed is; going back to it takes its files.',
          },
        ];
  return { ...plan, steps: [...plan.steps, create, ...old], warnings };
}

export interface RecordedDeploy {
  /** Counted up with each deploy of the stack; 0 where nobody counted. */
  readonly number: number;
  readonly at: string;
  readonly who: string;
  readonly hash: string;
  readonly changes: string;
  /** The record's name in the Swarm. */
  readonly id: string;
  /** Of the secrets and configs that the services were given. */
  readonly names: readonly string[];
  /** As the config has it; absent: there is nothing to go back to. */
  readonly data?: string;
}

/** The newest first. */
export const deploysOf = (observed: ObservedStack): readonly RecordedDeploy[] =>
  recordsOf(observed).map((one) => ({
    number: numberOf(one),
    at: one.labels[label('at')] ?? '',
    who: one.labels[label('who')] ?? '',
    hash: one.labels[label('hash')] ?? '',
    changes: one.labels[label('changes')] ?? '',
    id: one.name,
    names: namesIn(one),
    ...(one.data === undefined || one.data === nothing ? {} : { data: one.data }),
  }));
