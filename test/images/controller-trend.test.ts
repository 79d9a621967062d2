import { expect, it } from 'vitest';
import { createTrend, kept, type Sample, toSample } from '../../resources/images/controller/src/trend.mjs';

const minute = 60_000;
const overview = {
  environments: { running: 3, known: 4 },
  sync: { successRate: 0.5, lastError: null },
  mcp: { p95Seconds: 0.2, requestsPerSecond: 1, perServer: [] },
  drift: { percent: 25, behind: [] },
  incidents: 0,
};
const unknown = {
  ...overview,
  environments: null,
  sync: { successRate: null, lastError: null },
  mcp: { ...overview.mcp, p95Seconds: null },
  drift: { percent: null, behind: [] },
};
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Replicas with one Redis, which does as it is told to in fan-out.mjs. */
function team() {
  const taken = new Set<number>();
  const ring: { readonly at: number; readonly sample: Sample }[] = [];
  const world = { now: 10 * minute, away: false, figures: async () => overview };
  const told: string[] = [];
  const warned: string[] = [];
  const log = { info: () => undefined, warn: (text: string) => void warned.push(text), error: () => undefined };
  const fanOut = {
    mayTake: async (at: number) => !world.away && !taken.has(at) && taken.add(at).has(at),
    addSample: async (at: number, sample: Sample) => {
      ring.push({ at, sample });
      return undefined;
    },
    samples: async (since: number) =>
      world.away ? undefined : ring.filter(({ at }) => at >= since).map(({ sample }) => sample),
  };
  const replica = () =>
    createTrend({
      fanOut,
      overview: () => world.figures(),
      onSample: ({ at }) => void told.push(at),
      log,
      now: () => world.now,
    });
  return { world, told, warned, replica };
}

it('is the four figures; what is not known then is null, and never 0', () => {
  const at = '1970-01-01T00:00:00.000Z';
  expect(toSample(overview, 0)).toEqual({ at, environments: 3, sync: 0.5, mcp: 0.2, drift: 25 });
  expect(toSample(unknown, 0)).toEqual({ at, environments: null, sync: null, mcp: null, drift: null });
});

it('is looked at by one replica a minute, and forgotten after an hour', async () => {
  const { world, told, replica } = team();
  const [a, b] = [replica(), replica()];
  for (const one of [a, b, a]) one.look();
  await settle();
  expect(told).toHaveLength(1);
  world.now += minute;
  b.look();
  await settle();
  expect(told).toHaveLength(2);
  expect((await a.read())?.map(({ at }) => at)).toEqual(told);
  world.now += kept;
  expect(await a.read()).toHaveLength(1);
  a.stop();
  b.stop();
});

it('has a gap where nothing could be looked at, and goes on', async () => {
  const { world, told, warned, replica } = team();
  const one = replica();
  world.figures = () => Promise.reject(new Error('the database is away'));
  one.look();
  await settle();
  expect([told, warned]).toEqual([[], [expect.any(String)]]);
  world.away = true;
  world.now += minute;
  one.look();
  await settle();
  expect(await one.read()).toBe(undefined);
  world.away = false;
  world.figures = async () => overview;
  // Redis is there again in the same minute.
  one.look();
  await settle();
  expect(await one.read()).toHaveLength(1);
  one.stop();
});
