import { describe, expect, it } from 'vitest';
import { asHeard, type Hearing, isSilent, listen } from '../../../main/core/swarm/hearing.ts';

/* A worker that goes away and comes back, as a Swarm with Docker's heartbeat of 5 s tells it: seconds as seen in a lab. */

const node = (change: object = {}) => ({
  id: 'ben',
  address: '10.0.0.3',
  state: 'ready' as const,
  changedAt: 0,
  message: '',
  ...change,
});
const all = ['10.0.0.2', '10.0.0.3'];
const alone = ['10.0.0.2'];
/** Looks every two seconds from `from` to `to` (milliseconds); what they add up to. */
const looks = (before: Hearing | undefined, heard: readonly string[], from: number, to: number, one = node()) => {
  let hearing = before;
  for (let now = from; now <= to; now += 2000) hearing = listen(hearing, [one], heard, now);
  return hearing as Hearing;
};
const hour = 3_600_000;

describe('a machine that is no longer heard', () => {
  const before = looks(undefined, all, hour, hour + 10_000);
  const lost = looks(before, alone, hour + 12_000, hour + 20_000);

  it('is shown as one that does not answer before the Swarm says so', () => {
    expect(isSilent(before, node(), hour + 10_000)).toBe(false);
    expect(asHeard(lost, node(), hour + 20_000)).toMatchObject({
      state: 'disconnected',
      message: expect.stringContaining('7946'),
    });
    expect(asHeard(lost, node({ state: 'down', message: 'heartbeat failure' }), hour + 20_000).state).toBe('down');
  });

  it('is back as soon as the Swarm has heard of it, which the gossip does up to a minute later', () => {
    const back = node({ changedAt: hour + 30_000 });
    expect(isSilent(looks(lost, alone, hour + 22_000, hour + 32_000, back), back, hour + 32_000)).toBe(false);
  });

  it('is the Swarm’s again to judge when that goes on calling it ready: only the gossip is broken', () => {
    expect(isSilent(lost, node(), hour + 50_000)).toBe(false);
  });

  it('is not taken for one that a new leader has not heard of yet', () => {
    const unknown = node({ state: 'unknown', changedAt: hour + 16_000 });
    expect(isSilent(lost, unknown, hour + 20_000)).toBe(true);
    expect(isSilent(looks(lost, all, hour + 22_000, hour + 22_000), unknown, hour + 22_000)).toBe(false);
  });
});

it('at a first look, silence counts only where the Swarm has not just heard of the machine', () => {
  const first = (changedAt: number) => listen(undefined, [node({ changedAt })], alone, hour);
  expect(isSilent(first(hour - 120_000), node({ changedAt: hour - 120_000 }), hour)).toBe(true);
  expect(isSilent(first(hour - 20_000), node({ changedAt: hour - 20_000 }), hour)).toBe(false);
});

it('a machine that joins is not missed before the gossip has met it', () => {
  const before = looks(undefined, alone, hour, hour, node({ id: 'anna', address: '10.0.0.2' }));
  const joined = node({ changedAt: hour + 1000 });
  expect(isSilent(listen(before, [joined], alone, hour + 2000), joined, hour + 2000)).toBe(false);
});

it('says nothing of anybody where the engine cannot tell', () => {
  expect(isSilent(listen(undefined, [node()], undefined, hour), node(), hour)).toBe(false);
});
