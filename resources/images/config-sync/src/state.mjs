// What the service says of itself. Pure.

import { shownPending } from './sync.mjs';

/** @typedef {ReturnType<typeof toState>} ServiceState */

/** @param {import('./choice.mjs').Candidate} candidate */
const toPending = ({ sha, subject, author, date, signature, refusal }) => ({
  sha,
  subject,
  author,
  date,
  signature: signature.state,
  signer: signature.signer,
  refused: refusal,
});

/**
 * @param {object} facts
 * @param {import('./settings.mjs').Settings} facts.settings
 * @param {import('./store.mjs').Kept} facts.kept
 * @param {ReturnType<typeof import('./sync.mjs').createSync>['seen']} facts.seen
 * @param {ReturnType<typeof import('./schedule.mjs').countOutcomes>} facts.counts
 */
export const toState = ({ settings, kept, seen, counts }) => ({
  remote: settings.remote?.shown ?? null,
  branch: settings.branch,
  lastSync: kept.lastSync,
  lastAttempt: seen.lastAttempt,
  error: seen.problem ?? settings.problem,
  remoteHead: seen.remoteHead ?? seen.fetched,
  current: kept.offered[0] ?? null,
  pendingCount: seen.pending.length,
  pending: seen.pending.slice(0, shownPending).map(toPending),
  syncs: counts,
});

/**
 * @param {{kept: import('./store.mjs').Kept, seen: {pending: readonly import('./choice.mjs').Candidate[]}}} facts
 * @param {number} limit of each list
 */
export const toRevisions = ({ kept, seen }, limit) => ({
  offered: kept.offered.slice(0, limit),
  pending: seen.pending.slice(0, limit).map(toPending),
});

/** @typedef {{kept: import('./store.mjs').Kept, pending: readonly import('./choice.mjs').Candidate[]}} Moment */

/**
 * What a look at the repository has brought: another revision that is offered, and those that wait and were not known before.
 * @param {Moment} before
 * @param {Moment} after
 */
export const toNews = (before, after) => {
  const [offered = null] = after.kept.offered;
  const known = new Set([...before.pending, ...before.kept.offered].map(({ sha }) => sha));
  return {
    offered: offered === null || offered.sha === before.kept.offered[0]?.sha ? null : offered,
    waiting: after.pending
      .filter(({ sha }) => !known.has(sha))
      .slice(0, shownPending)
      .map(toPending),
  };
};
