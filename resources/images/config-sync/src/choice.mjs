// Which revision is offered: the one decision that all of this is for. Pure.

/** @typedef {import('./commits.mjs').Commit} Commit */
/** @typedef {import('./commits.mjs').Signature} Signature */
/** @typedef {import('../../common/team-configuration/tree-rules.mjs').Refusal} Refusal */
/**
 * What the branch looks like from the revision that is offered now.
 * `grown`: commits came on top of it. `same`: it is the branch's end. `rewritten`: the branch does not contain it any
 * more, or ends before it. `first`: nothing is offered yet.
 * @typedef {'first' | 'same' | 'grown' | 'rewritten'} Relation
 */
/** @typedef {Commit & {signature: Signature, refusal: Refusal | null}} Candidate */
/** @typedef {{code: string, message: string, hint?: string}} Problem */

/**
 * @param {{current: string | null, head: string, contained: boolean}} facts `contained`: the head's history has current
 * @returns {Relation}
 */
export function toRelation({ current, head, contained }) {
  if (current === null) return 'first';
  if (current === head) return 'same';
  return contained ? 'grown' : 'rewritten';
}

/**
 * A signature offers what comes on top of what members have. It never takes them back: whoever may push could otherwise
 * bring back a revision that was once signed and later found to be harmful. That takes an operator.
 * @param {Relation} relation
 */
export const mayFollowSignature = (relation) => relation === 'first' || relation === 'grown';

/**
 * @param {Relation} relation
 * @param {readonly Candidate[]} candidates newest first; not what is offered, nor what came before it
 * @returns {{offer: Candidate | null, pending: readonly Candidate[], problem: Problem | null}}
 */
export function chooseRevision(relation, candidates) {
  const trusted = mayFollowSignature(relation) ? candidates.filter(({ signature }) => signature.state === 'good') : [];
  const offer = trusted.find(({ refusal }) => refusal === null) ?? null;
  const pending = offer === null ? candidates : candidates.slice(0, candidates.indexOf(offer));
  if (relation === 'rewritten') return { offer: null, pending, problem: rewritten };
  const refused = trusted.find((candidate) => pending.includes(candidate) && candidate.refusal !== null);
  return { offer, pending, problem: refused?.refusal ? toRefusedProblem(refused.sha, refused.refusal) : null };
}

const rewritten = {
  code: 'history.rewritten',
  message: 'The branch was force-pushed: it does not contain the revision that members have, which stays offered.',
  hint: 'Push that revision’s history again, or let an operator approve the branch’s new end.',
};

/**
 * @param {string} sha
 * @param {Refusal} refusal
 * @returns {Problem}
 */
export const toRefusedProblem = (sha, refusal) => ({
  code: 'revision.refused',
  message: `Revision ${sha.slice(0, 12)} is not offered: ${refusal.message} (${refusal.reason}).`,
  hint: 'Take it out in a new commit.',
});

/**
 * Whether an operator's approval of exactly this commit can be followed.
 * @param {string} sha
 * @param {{current: string | null, pending: readonly string[], older: boolean}} facts `older`: it is in the history of current
 * @returns {'offered' | 'possible' | Problem}
 */
export function judgeApproval(sha, { current, pending, older }) {
  if (sha === current) return 'offered';
  if (pending.includes(sha)) return 'possible';
  if (older) {
    const hint = 'To take it back, commit the change’s reverse (git revert) and have that signed or approved.';
    return { code: 'revision.older', message: 'That revision is older than what members have.', hint };
  }
  const hint = 'Look at the revisions again: the branch may have changed.';
  return { code: 'revision.unknown', message: 'That revision is not one that waits for approval.', hint };
}
