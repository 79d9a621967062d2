import { afterAll, beforeAll, describe, it } from 'vitest';
import { engineMoments, random } from './moments.ts';
import { bringUp, describeRound, killEngineRound, killProgramRound, type Round } from './rounds.ts';
import { changes, createStand, type Stand } from './stand.ts';

/*
 * Thirty random moments for the program and thirty for its engine, spread over the time that an undisturbed `up` takes, and
 * every step of a recreation of every service. The seed is in the title: CLAUDE_ENV_TEST_SEED=N makes another run.
 */

const seed = Number(process.env.CLAUDE_ENV_TEST_SEED ?? 1);
const count = 30;
const minutes = 60_000;

let stand: Stand;
/** Milliseconds of an undisturbed `up` from nothing. */
let duration = 0;
beforeAll(async () => {
  stand = await createStand();
  duration = await bringUp(stand);
  await stand.expectConverged('undisturbed');
});
afterAll(() => stand.close());

/** Plays every round; what had ended by then is played once more, earlier, so that every moment is one in the middle. */
async function playAll(rounds: readonly Round[], play: (round: Round, index: number) => Promise<boolean>) {
  for (const [index, { change, moment }] of rounds.entries()) {
    if (!('after' in moment)) throw new Error('only moments in time');
    for (let { after } = moment; !(await play({ change, moment: { after } }, index)); ) after = Math.floor(after * 0.6);
  }
}

/** A moment in each of `count` equal parts of the time; the first `up` and each change in turn. */
function randomRounds(salt: number): readonly Round[] {
  const next = random(seed * 1000 + salt);
  return Array.from({ length: count }, (_, index) => {
    const part = ((index * 7) % count) / count;
    return {
      change: (index % (changes.length + 1)) - 1,
      moment: { after: Math.round((part + next() / count) * duration) },
    };
  });
}

const targeted: readonly Round[] = engineMoments.flatMap((event) =>
  [1, 2, 4].map((nth): Round => ({ change: event === 'network' ? 1 : 0, moment: { event, count: nth } })),
);

describe(`thirty ups that are killed, seed ${seed}`, () => {
  it('at random moments', { timeout: 30 * minutes }, async () => {
    await playAll(randomRounds(1), (round) => killProgramRound(stand, round));
  });

  it.for(targeted.map((round) => [describeRound(round), round] as const))('%s', async ([, round]) => {
    await killProgramRound(stand, round);
  });
});

describe(`thirty ups whose engine is killed, seed ${seed}`, () => {
  it('at random moments', { timeout: 40 * minutes }, async ({ skip }) => {
    skip(!stand.bench.engine.canInjectFaults, 'the engine is the user’s');
    await playAll(randomRounds(2), (round, index) => killEngineRound(stand, round, index % 5 === 4 ? 'stop' : 'kill'));
  });
});
