import { describe, expect, it } from 'vitest';
import { foldAggregates, judgeContainer } from '../../main/core/aggregate.ts';
import type { SeenContainer } from '../../main/core/seen.ts';
import type { Aggregate } from '../../preload/contract/model.ts';
import { seenContainer } from '../support/builders.ts';

type Row = readonly [what: string, members: Partial<SeenContainer>, beside: Aggregate, alone?: Aggregate];

/** `beside`: something else of the stack runs. `alone`: nothing does; the same unless given. */
const table: readonly Row[] = [
  ['running without a health check', {}, 'healthy'],
  ['running and healthy', { health: 'healthy' }, 'healthy'],
  ['running, health starting', { health: 'starting' }, 'working'],
  ['running, unhealthy', { health: 'unhealthy' }, 'failed'],
  ['running without its secrets', { missingSecrets: ['/run/secrets/a'] }, 'degraded'],
  ['unhealthy without its secrets', { health: 'unhealthy', missingSecrets: ['/run/secrets/a'] }, 'failed'],
  ['started again without its secrets', { state: 'restarting', missingSecrets: ['/run/secrets/a'] }, 'failed'],
  ['being removed', { state: 'removing' }, 'working'],
  ['ended and started again by the engine', { state: 'restarting', exitCode: 137, restarts: 1 }, 'working'],
  ['crash loop', { state: 'restarting', exitCode: 1, restarts: 7 }, 'failed'],
  ['paused', { state: 'paused' }, 'degraded'],
  ['dead', { state: 'dead' }, 'failed'],
  ['created', { state: 'created' }, 'stopped'],
  ['could not be started', { state: 'created', error: 'port is already allocated' }, 'failed'],
  ['finished job', { state: 'exited', exitCode: 0, restartPolicy: 'no' }, 'completed'],
  ['finished job, on-failure', { state: 'exited', exitCode: 0, restartPolicy: 'on-failure' }, 'completed'],
  ['failed job', { state: 'exited', exitCode: 3, restartPolicy: 'no' }, 'failed'],
  ['asked to end', { state: 'exited', exitCode: 143 }, 'stopped'],
  ['interrupted', { state: 'exited', exitCode: 130 }, 'stopped'],
  ['killed', { state: 'exited', exitCode: 137 }, 'failed', 'stopped'],
  ['killed for memory', { state: 'exited', exitCode: 137, oomKilled: true }, 'failed'],
  ['stopped by a person, 0', { state: 'exited', exitCode: 0, restartPolicy: 'unless-stopped' }, 'stopped'],
  ['stopped by a person, 137', { state: 'exited', exitCode: 137, restartPolicy: 'always' }, 'stopped'],
  ['stopped by a person, 1', { state: 'exited', exitCode: 1, restartPolicy: 'unless-stopped' }, 'stopped'],
  ['policy, but cannot start', { state: 'exited', exitCode: 128, restartPolicy: 'always', error: 'no' }, 'failed'],
];

describe('a container as one word', () => {
  it.each(table.map((row) => [row[0], row] as const))('%s', (_, [, members, beside, alone = beside]) => {
    const container = seenContainer('shop', 'web', members);
    expect(judgeContainer(container, false).aggregate).toBe(beside);
    expect(judgeContainer(container, true).aggregate).toBe(alone);
  });

  it('every failure says why and what to do', () => {
    for (const row of table) {
      const members: Partial<SeenContainer> = row[1];
      const verdict = judgeContainer(seenContainer('shop', 'web', members), false);
      if (verdict.aggregate !== 'failed' && verdict.aggregate !== 'degraded') continue;
      expect(verdict.reason).toMatch(/\S/);
      expect(verdict.nextStep).toMatch(/\S/);
    }
  });
});

const folds: readonly (readonly [words: readonly Aggregate[], folded: Aggregate | undefined])[] = [
  [[], undefined],
  [['healthy', 'healthy'], 'healthy'],
  [['healthy', 'completed'], 'healthy'],
  [['completed', 'completed'], 'completed'],
  [['stopped', 'completed'], 'stopped'],
  [['healthy', 'stopped'], 'degraded'],
  [['healthy', 'failed'], 'degraded'],
  [['working', 'failed'], 'degraded'],
  [['failed', 'stopped'], 'failed'],
  [['failed', 'failed'], 'failed'],
  [['failed', 'completed'], 'failed'],
  [['healthy', 'working'], 'working'],
  [['working', 'stopped'], 'working'],
  [['healthy', 'working', 'stopped'], 'working'],
  [['healthy', 'degraded'], 'degraded'],
  [['healthy', 'unknown'], 'unknown'],
];

describe('several words as one', () => {
  it.each(folds)('%j → %s', (words, folded) => {
    expect(foldAggregates(words)).toBe(folded);
    expect(foldAggregates([...words].reverse())).toBe(folded);
  });
});
