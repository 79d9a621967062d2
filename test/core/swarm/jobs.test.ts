import { expect, it } from 'vitest';
import { judgeRun } from '../../../main/core/swarm/jobs.ts';
import { now, task } from '../../support/builders-swarm.ts';

const one = (members: Parameters<typeof task>[2]) => judgeRun([task('job', 0, members)], now);

it('knows what came of a job', () => {
  expect(judgeRun([], now)).toMatchObject({ kind: 'running' });
  expect(one({ state: 'preparing' })).toMatchObject({ kind: 'running', text: 'preparing' });
  expect(one({ state: 'complete', exitCode: 0 })).toMatchObject({ kind: 'done' });
  expect(one({ state: 'failed', exitCode: 3, error: 'task: non-zero exit (3)' })).toMatchObject({
    kind: 'failed',
    text: 'it ended with exit code 3',
  });
  expect(one({ state: 'rejected', error: 'No such image: x' })).toMatchObject({ text: 'No such image: x' });
  expect(one({ state: 'shutdown' })).toMatchObject({ kind: 'failed' });
});

it('gives a task that has no node some time, for nodes come back', () => {
  const pending = { state: 'pending', error: 'no suitable node' };
  expect(one({ ...pending, createdAt: now - 5000 })).toMatchObject({ kind: 'running' });
  expect(one({ ...pending, createdAt: now - 30_000 })).toMatchObject({
    kind: 'failed',
    text: 'it finds no node: no suitable node',
  });
});

it('counts the task that replaced one of a lost node', () => {
  const lost = task('job', 0, { id: 'a', state: 'orphaned', createdAt: now - 9000 });
  expect(judgeRun([lost, task('job', 0, { id: 'b', state: 'running', createdAt: now - 1000 })], now).kind).toBe(
    'running',
  );
});
