import type { Carried, MemberDiff, MemberEnvironment, MemberFile } from '../../preload/contract/team-member.ts';
import { aggregateLook, type Look } from './aggregate.ts';

/* Words for what a user's own dev containers have of the team. Pure. */

/** How a dev container of this user's stands to the team's configuration. */
export function memberLook({ state, offered, applied, drifted }: MemberEnvironment): Look {
  if (state === 'working') return { ...aggregateLook.working, label: 'being brought' };
  if (state === 'failed') return aggregateLook.failed;
  if (applied === null) {
    return offered === null
      ? { ...aggregateLook.stopped, label: 'none is offered' }
      : { ...aggregateLook.stopped, label: 'not applied' };
  }
  if (offered !== null && offered.sha !== applied) return { ...aggregateLook.degraded, label: 'behind' };
  if (drifted.length > 0) return { ...aggregateLook.degraded, label: 'changed here' };
  return { ...aggregateLook.healthy, label: 'current' };
}

/** Whether there is something to look at before agreeing. */
export const hasOffer = ({ offered, applied, drifted }: MemberEnvironment): boolean =>
  offered !== null && (offered.sha !== applied || drifted.length > 0);

const missing = new Set(['skipped', 'foreign']);
/** Of the team's MCP servers: those that Claude in it has, and why it has not the others. */
export function memberServers({ servers }: Pick<MemberEnvironment, 'servers'>): {
  readonly has: readonly string[];
  readonly not: readonly string[];
} {
  return {
    has: servers.filter(({ outcome }) => !missing.has(outcome) && outcome !== 'removed').map(({ name }) => name),
    not: servers.filter(({ outcome }) => missing.has(outcome)).map(({ name, detail }) => `${name}: ${detail}`),
  };
}

export const fileWords = {
  add: 'new',
  change: 'changed',
  remove: 'removed',
  'keep-yours': 'stays yours',
  same: 'the same',
} as const satisfies Readonly<Record<MemberFile['kind'], string>>;

/** Files that would be written or stay for a reason; those that are the same are only counted. */
export const changedFiles = ({ files }: Pick<MemberDiff, 'files'>): readonly MemberFile[] =>
  files.filter(({ kind }) => kind !== 'same');
/** Applying would do something. */
export const hasChanges = (diff: Pick<MemberDiff, 'files' | 'offered' | 'applied'>): boolean =>
  diff.offered !== null &&
  (diff.offered.sha !== diff.applied ||
    diff.files.some(({ kind }) => kind === 'add' || kind === 'change' || kind === 'remove'));

export const carriedText = ({ file, what }: Carried): string => `${file}, ${what}`;

export interface DiffLine {
  readonly kind: 'add' | 'remove' | 'place' | 'same';
  readonly text: string;
}
/** Of a unified diff, without the two lines that name the file. */
export const diffLines = (diff: string): readonly DiffLine[] =>
  diff
    .replace(/\n$/, '')
    .split('\n')
    .filter((line) => !/^(?:---|\+\+\+) /.test(line))
    .map((text) => ({
      kind: text.startsWith('@@') ? 'place' : text.startsWith('+') ? 'add' : text.startsWith('-') ? 'remove' : 'same',
      text,
    }));
