import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from './failure.mjs';

/*
 * How often somebody may ask. Each replica counts for itself: with two, one address gets at most twice as many.
 */

/** @param {import('rate-limiter-flexible').RateLimiterAbstract} limiter @param {string} key */
async function take(limiter, key) {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const retryAfter = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    throw new Failure(429, 'rate.limited', 'That was too often.', {
      retryAfter,
      hint: `Try again in ${retryAfter} s.`,
    });
  }
}

/** Requests, and per so many seconds. */
const limiter = (points, duration) => new RateLimiterMemory({ points, duration });

export function createLimits() {
  const joins = limiter(20, 300);
  const refusals = limiter(60, 60);
  const people = limiter(600, 60);
  const looks = limiter(6, 60);
  const teamLooks = limiter(20, 60);
  return {
    /** @param {string} address */
    join: (address) => take(joins, address),
    /** What came without a token that holds. @param {string} address */
    refused: (address) => take(refusals, address),
    /** @param {string} id */
    person: (id) => take(people, id),
    /** At the team's repository, which is somebody else's machine. @param {string} id */
    look: async (id) => {
      await take(looks, id);
      await take(teamLooks, 'team');
    },
  };
}

/** @typedef {ReturnType<typeof createLimits>} Limits */
