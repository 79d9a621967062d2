import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from './projects/table.ts';
import { nothing, roundTrip } from './round-trip.ts';
import { createStand, peers, type Stand } from './stand.ts';

/*
 * What ours made, docker compose 2.40.3 takes for its own, and the other way round: the engine tells the same of both,
 * `up` of the one replaces nothing of the other's, and `down` of either leaves nothing. All 150: inspect.long.test.ts.
 */
describe.skipIf(peers.compose === undefined)('a project that either of two brought up', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await createStand();
  });
  afterAll(() => stand.close());

  it.concurrent.each(table)('$name', async (project) => {
    expect(await roundTrip(stand, project)).toEqual(nothing);
  });
});
