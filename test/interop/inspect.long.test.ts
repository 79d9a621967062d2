import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate } from './projects/generate.ts';
import type { Project } from './projects/project.ts';
import { type Outcome, roundTrip } from './round-trip.ts';
import { createStand, peers, type Stand } from './stand.ts';

/*
 * 150 projects, each brought up by docker compose 2.40.3 and by ours: the engine has to tell the same of both, neither may
 * replace what the other made, and nothing may be left by either's `down`. CLAUDE_ENV_INTEROP_REPORT: a file for all that
 * was seen; CLAUDE_ENV_INTEROP_ONLY: numbers of projects, comma-separated.
 */
const count = 150;
const atOnce = 3;

describe.skipIf(peers.compose === undefined)('150 projects, ours and docker compose 2.40.3', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await createStand();
  });
  afterAll(() => stand.close());

  it('look the same on the engine, and are taken over by either', { timeout: 60 * 60_000 }, async () => {
    const only = process.env.CLAUDE_ENV_INTEROP_ONLY?.split(',').map(Number);
    const numbers = only ?? Array.from({ length: count }, (_, index) => index);
    const seen: { readonly number: number; readonly project: Project; readonly outcome: Outcome | string }[] = [];
    const waiting = [...numbers];
    const work = async () => {
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        const project = generate(number, stand.image);
        const outcome = await roundTrip(stand, project).catch((error: Error) => error.message);
        seen.push({ number, project, outcome });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const report = process.env.CLAUDE_ENV_INTEROP_REPORT;
    if (report !== undefined) await writeFile(report, JSON.stringify(seen, null, 1));

    const outcomes = seen.flatMap(({ number, outcome }) => (typeof outcome === 'string' ? [] : [{ number, outcome }]));
    const failed = seen.flatMap(({ number, outcome }) =>
      typeof outcome === 'string' ? [`${number}: ${outcome}`] : [],
    );
    const equal = outcomes.filter(({ outcome }) => outcome.different.length === 0);
    const unequal = outcomes.flatMap(({ number, outcome }) => outcome.different.map((line) => `${number}: ${line}`));
    console.log(`${equal.length} of ${numbers.length} projects look the same.\n${[...unequal, ...failed].join('\n')}`);
    const touched = outcomes.flatMap(({ number, outcome: { recreatedByTheirs, stepsOfOurs, drift, left } }) =>
      [...recreatedByTheirs, ...stepsOfOurs, ...drift, ...left].map((line) => `${number}: ${line}`),
    );
    expect(touched).toEqual([]);
    // One that failed counts as one that differs: an engine under load refuses something now and then.
    expect(equal.length / numbers.length).toBeGreaterThanOrEqual(0.95);
  });
});
