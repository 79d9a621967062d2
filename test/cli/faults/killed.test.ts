import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringUp, describeRound, killEngineRound, killProgramRound, type Round } from './rounds.ts';
import { createStand, type Stand } from './stand.ts';

/*
 * An `up` that is killed, and one whose engine is killed: the next `up` brings everything to what the file says, and nothing
 * is there twice or left behind. Here each of the four steps of a recreation once; thirty moments of each kind are in
 * killed.long.test.ts.
 */

let stand: Stand;
beforeAll(async () => {
  stand = await createStand();
  await bringUp(stand);
  await stand.expectConverged('undisturbed');
});
afterAll(() => stand.close());

const everything = 0;
const programRounds: readonly Round[] = [
  { change: everything, moment: { event: 'create', count: 2 } },
  { change: 1, moment: { event: 'die', count: 3 } },
  { change: 2, moment: { event: 'destroy', count: 1 } },
  { change: 5, moment: { event: 'rename', count: 1 } },
  { change: everything, moment: { event: 'exec_start: sh', count: 1 } },
];
const engineRounds: readonly Round[] = [
  { change: everything, moment: { event: 'create', count: 3 } },
  { change: 1, moment: { event: 'destroy', count: 1 } },
  { change: everything, moment: { event: 'start', count: 2 } },
];

describe('an up that is killed', () => {
  it.for(programRounds.map((round) => [describeRound(round), round] as const))('%s', async ([, round]) => {
    expect(await killProgramRound(stand, round), 'there was something to kill').toBe(true);
  });
});

describe('an up whose engine is killed', () => {
  it.for(engineRounds.map((round) => [describeRound(round), round] as const))('%s', async ([, round], { skip }) => {
    skip(!stand.bench.engine.canInjectFaults, 'the engine is the user’s');
    expect(await killEngineRound(stand, round), 'there was something to kill').toBe(true);
  });
});
