import { hash } from 'node:crypto';

/*
 * Whose token it is, as the controller says. A positive answer holds five seconds (that is how long a revoked token may still
 * work), a negative one a second; one that is in use is asked for again before it ends, so that nobody waits. While no
 * controller answers, positive answers of the last five minutes still hold, and tokens that nobody has seen are refused.
 */

/** @typedef {{ readonly id: string, readonly name: string, readonly role: import('./settings.mjs').Role }} Person */
/** @typedef {{ readonly active: true, readonly person: Person, readonly perMinute?: number } | { readonly active: false }} Answer */
/** @typedef {{ answer: Answer, at: number, asking: Promise<Answer | 'away'> | undefined }} Entry */

const holdMs = 5000;
const aheadMs = 4000;
const holdNoMs = 1000;
const staleMs = 5 * 60_000;
/** After a failure nobody waits for a controller for this long; one question a time finds out whether it is back. */
const restMs = 1000;
const maxEntries = 10_000;

/** The form of our tokens: anything else need not be asked for. @param {string} token */
export const isToken = (token) => /^cet_[\w-]{43}$/.test(token);

/**
 * @param {object} options
 * @param {(token: string) => Promise<Answer>} options.ask rejects when no controller answers
 * @param {() => number} options.now milliseconds that never go back
 * @param {(error: Error) => void} options.onAway once, when controllers stop answering
 * @param {() => void} options.onBack
 * @returns {{
 *   check: (token: string) => Answer | Promise<Answer | 'away'> | 'away',
 *   isAway: () => boolean,
 * }}
 */
export function createIntrospection({ ask, now, onAway, onBack }) {
  /** Oldest first. Keys are digests: a token is not kept. @type {Map<string, Entry>} */
  const entries = new Map();
  let away = false;
  let failedAt = Number.NEGATIVE_INFINITY;

  /** @param {Entry} entry */
  const held = (entry) => (entry.answer.active && now() - entry.at < staleMs ? entry.answer : 'away');

  /** @param {string} key @param {Entry | undefined} before @param {string} token */
  async function question(key, before, token) {
    try {
      const answer = await ask(token);
      entries.delete(key);
      entries.set(key, { answer, at: now(), asking: undefined });
      if (entries.size > maxEntries) entries.delete(/** @type {string} */ (entries.keys().next().value));
      if (away) onBack();
      away = false;
      return answer;
    } catch (error) {
      failedAt = now();
      if (!away) onAway(error);
      away = true;
      if (before === undefined) {
        entries.delete(key);
        return 'away';
      }
      before.asking = undefined;
      return held(before);
    }
  }

  return {
    check: (token) => {
      const key = hash('sha256', token, 'base64');
      const entry = entries.get(key);
      const time = now();
      if (entry === undefined) {
        if (away && time - failedAt < restMs) return 'away';
        /** @type {Entry} */
        const begun = { answer: { active: false }, at: Number.NEGATIVE_INFINITY, asking: undefined };
        begun.asking = question(key, undefined, token);
        entries.set(key, begun);
        return begun.asking;
      }
      const age = time - entry.at;
      if (age < (entry.answer.active ? aheadMs : holdNoMs)) return entry.answer;
      const resting = away && time - failedAt < restMs;
      if (entry.asking === undefined && !resting) entry.asking = question(key, entry, token);
      if (entry.answer.active && age < holdMs) return entry.answer;
      // Nobody waits again for what has just failed.
      if (away && entry.answer.active && age < staleMs) return entry.answer;
      return entry.asking ?? held(entry);
    },
    isAway: () => away,
  };
}
