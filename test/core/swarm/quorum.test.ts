import { describe, expect, it } from 'vitest';
import { adviseManagers, toQuorum } from '../../../main/core/swarm/quorum.ts';

const of = (reachable: number, away: number) =>
  toQuorum([
    ...Array.from({ length: reachable }, () => ({ reachable: true })),
    ...Array.from({ length: away }, () => ({ reachable: false })),
  ]);

describe('quorum', () => {
  it.each([
    [1, 0, 1, 'ok'],
    [2, 0, 2, 'at-risk'],
    [1, 1, 2, 'lost'],
    [3, 0, 2, 'ok'],
    [2, 1, 2, 'at-risk'],
    [1, 2, 2, 'lost'],
    [5, 0, 3, 'ok'],
    [3, 2, 3, 'at-risk'],
    [2, 3, 3, 'lost'],
  ] as const)('%i that answer and %i that do not: %i needed, %s', (reachable, away, needed, state) => {
    expect(of(reachable, away)).toMatchObject({ needed, state });
  });
});

describe('advice before the number of managers changes', () => {
  const server = { add: true, laptop: false } as const;
  it.each([
    ['a second one', of(1, 0), server, 'doubtful', 'all of them have to be there'],
    ['a third one', of(2, 0), server, 'fine', 'one may be away'],
    ['a fourth one', of(3, 0), server, 'fine', 'odd'],
    ['a laptop', of(2, 0), { add: true, laptop: true } as const, 'doubtful', 'laptop'],
    ['the only one', of(1, 0), { add: false, reachable: true } as const, 'refused', 'only manager'],
    ['one of three', of(3, 0), { add: false, reachable: true } as const, 'doubtful', 'worse than one'],
    [
      'one that answers, of three with one away',
      of(2, 1),
      { add: false, reachable: true } as const,
      'refused',
      'needed',
    ],
    ['the one that is away', of(2, 1), { add: false, reachable: false } as const, 'doubtful', 'all of them'],
  ])('%s', (_what, quorum, change, kind, words) => {
    const advice = adviseManagers(quorum, change);
    expect(advice.kind).toBe(kind);
    expect(advice.advice).toContain(words);
  });
});
