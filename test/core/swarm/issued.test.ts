import { describe, expect, it } from 'vitest';
import {
  dyingWith,
  formatIssued,
  type IssuedInvite,
  isDueForRotation,
  parseIssued,
  withoutRole,
} from '../../../main/core/swarm/issued.ts';

const now = 1_800_000_000_000;
const invite = (id: string, role: 'worker' | 'manager', hours: number): IssuedInvite => ({
  id,
  role,
  machine: 'laptop',
  issued: now / 1000 - 86_400,
  expires: now / 1000 + hours * 3600,
  by: 'anna',
});

describe('issued invites', () => {
  it('are kept in a label, which may hold anything', () => {
    const list = [invite('a', 'worker', 1), invite('b', 'manager', -2)];
    expect(parseIssued(formatIssued(list, now))).toEqual(list);
    expect(parseIssued('{')).toEqual([]);
    expect(parseIssued('[{"id":1}]')).toEqual([]);
    expect(parseIssued(undefined)).toEqual([]);
    expect(parseIssued(formatIssued([invite('old', 'worker', -24 * 8)], now))).toEqual([]);
    expect(
      formatIssued(
        Array.from({ length: 90 }, (_, at) => invite(`i${at}`, 'worker', 1)),
        now,
      ).length,
    ).toBeLessThan(5000);
  });

  it('die together, by role', () => {
    const list = [
      invite('a', 'worker', 1),
      invite('b', 'worker', 5),
      invite('c', 'worker', -1),
      invite('d', 'manager', 1),
    ];
    expect(dyingWith(list, 'worker', now).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(withoutRole(list, 'worker').map(({ id }) => id)).toEqual(['d']);
  });

  it('are worth a rotation when all of a role have expired', () => {
    expect(isDueForRotation([invite('a', 'worker', -1)], 'worker', now)).toBe(true);
    expect(isDueForRotation([invite('a', 'worker', -1), invite('b', 'worker', 1)], 'worker', now)).toBe(false);
    expect(isDueForRotation([invite('a', 'manager', -1)], 'worker', now)).toBe(false);
    expect(isDueForRotation([], 'worker', now)).toBe(false);
  });
});
