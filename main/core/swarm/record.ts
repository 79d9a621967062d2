import type { Step } from '../plan/plan.ts';
import { deployTime, newVersion, recordLabel, stackLabel } from './names.ts';
import type { ObservedFile, ObservedStack } from './observed.ts';

/*
 * Who deployed what, for everybody who can ask the Swarm: a config of the stack with the files as they are written, without
 * what their variables stand for. The last five are kept.
 */

export interface DeployRecord {
  /** `anna@laptop` */
  readonly who: string;
  /** SHA-256 of the files' text, lower-case hex. */
  readonly hash: string;
  /** The files, gzip in base64; absent where that is more than a config holds. */
  readonly data?: string;
}

const kept = 5;

const recordsOf = ({ configs, stack }: ObservedStack): readonly ObservedFile[] =>
  configs
    .filter(({ labels }) => labels[recordLabel] !== undefined && labels[stackLabel] === stack)
    .sort((a, b) => b.createdAt - a.createdAt);

const changing = new Set(['create-service', 'update-service', 'remove-service']);
/** Labels are for reading at a glance. */
const longest = 1000;

/** After everything else: the record, and what is older than the last five. Nothing where no service changes. */
export function recordSteps(record: DeployRecord, before: readonly Step[], observed: ObservedStack): readonly Step[] {
  const changes = before.filter(({ kind }) => changing.has(kind));
  if (changes.length === 0) return [];
  const name = `${observed.stack}_deploy-${newVersion}`;
  const base = { destructive: false, after: before.map(({ id }) => id) };
  const text = changes
    .map(({ kind, target, cause }) => `${kind.replace('-service', '')} ${target}: ${cause}`)
    .join('; ');
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
        [`${recordLabel}.who`]: record.who,
        [`${recordLabel}.at`]: deployTime,
        [`${recordLabel}.hash`]: record.hash,
        [`${recordLabel}.changes`]: text.length > longest ? `${text.slice(0, longest)}…` : text,
      },
      Data: record.data ?? 'LQ==',
    },
  };
  const old = recordsOf(observed)
    .slice(kept - 1)
    .map(
      ({ name: one }): Step => ({
        ...base,
        id: `remove-config ${one}`,
        target: one,
        cause: 'older than the last five',
        kind: 'remove-config',
        name: one,
      }),
    );
  return [create, ...old];
}

export interface Deployed {
  readonly at: string;
  readonly who: string;
  readonly hash: string;
  readonly changes: string;
}

/** The newest first. */
export const deploysOf = (observed: ObservedStack): readonly Deployed[] =>
  recordsOf(observed).map(({ labels }) => ({
    at: labels[`${recordLabel}.at`] ?? '',
    who: labels[`${recordLabel}.who`] ?? '',
    hash: labels[`${recordLabel}.hash`] ?? '',
    changes: labels[`${recordLabel}.changes`] ?? '',
  }));
