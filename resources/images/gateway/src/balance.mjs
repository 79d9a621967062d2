// Which replica a new session goes to.

/**
 * @typedef {object} Load
 * @property {number} open requests under way, streams that listen included
 * @property {number} sessions that were used lately
 * @property {number} failedAt when it could not be connected to; -Infinity if never since it last answered
 */

/** A replica that could not be connected to comes last for this long, in milliseconds. */
export const avoidMs = 10_000;

/**
 * The one with the fewest sessions; of equals, and where there are no sessions, the one with the fewest requests. One that failed
 * lately is taken only where there is no other.
 * @template {Load} T
 * @param {readonly T[]} candidates
 * @param {{ now: number, turn: number }} options `turn` decides between equals: a number that grows
 * @returns {T | undefined} undefined when there is none
 */
export function pickLeast(candidates, { now, turn }) {
  const well = candidates.filter(({ failedAt }) => now - failedAt > avoidMs);
  const choice = well.length > 0 ? well : candidates;
  let best = choice[0];
  if (best === undefined) return undefined;
  for (let step = 0; step < choice.length; step++) {
    const next = /** @type {T} */ (choice[(turn + step) % choice.length]);
    const isLess = next.sessions === best.sessions ? next.open < best.open : next.sessions < best.sessions;
    if (step === 0 || isLess) best = next;
  }
  return best;
}
