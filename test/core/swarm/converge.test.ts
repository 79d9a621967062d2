import { describe, expect, it } from 'vitest';
import type { Raw } from '../../../main/core/plan/inherit.ts';
import { isStable, judgeService } from '../../../main/core/swarm/converge.ts';
import type { ObservedService, SeenTask } from '../../../main/core/swarm/observed.ts';
import { now, observedService, task } from '../../support/builders-swarm.ts';

const minute = 60_000;
const template: Raw = { ContainerSpec: { Image: 'example/web:2' } };
const old: Raw = { ContainerSpec: { Image: 'example/web:1' } };
const spec = (mode: Raw = { Replicated: { Replicas: 2 } }): Raw => ({ TaskTemplate: template, Mode: mode });
const service = (members: Partial<ObservedService> = {}, mode?: Raw) =>
  observedService('shop_web', spec(mode), members);
const at = (slot: number, members: Partial<SeenTask> = {}) => task('id-shop_web', slot, { spec: template, ...members });
const failed = (slot: number, more: Partial<SeenTask> = {}) =>
  at(slot, {
    id: `failed-${slot}-${more.createdAt}`,
    state: 'failed',
    desired: 'shutdown',
    exitCode: 3,
    error: 'task: non-zero exit (3)',
    createdAt: now,
    ...more,
  });

describe('a service', () => {
  it.each<[string, ObservedService, readonly SeenTask[], string, RegExp]>([
    ['has what it should', service(), [at(1), at(2)], 'converged', /^2 of 2/],
    ['lacks one', service(), [at(1)], 'waiting', /^1 of 2/],
    ['has one too many, while scaling down', service(), [at(1), at(2), at(3)], 'waiting', /^3 of 2/],
    ['was scaled to nothing', service({}, { Replicated: { Replicas: 0 } }), [], 'converged', /^0 of 0/],
    [
      'still runs as before an update',
      service({ update: { state: 'updating', message: '' } }),
      [at(1, { spec: old }), at(2)],
      'waiting',
      /^1 of 2/,
    ],
    [
      'runs as before, and the update has not begun',
      service(),
      [at(1, { spec: old }), at(2, { spec: old })],
      'waiting',
      /^0 of 2/,
    ],
    [
      'has completed an update that replaced nothing',
      service({ update: { state: 'completed', message: '' } }),
      [at(1, { spec: old }), at(2, { spec: old })],
      'converged',
      /^2 of 2/,
    ],
    [
      'was stopped in its update',
      service({ update: { state: 'paused', message: '' } }),
      [at(1), failed(2)],
      'failed',
      /stopped: it ended with exit code 3/,
    ],
    [
      'finds no node',
      service({ updatedAt: now - minute }),
      [at(1), at(2, { state: 'pending', error: 'no suitable node', createdAt: now - minute })],
      'failed',
      /no node: no suitable node/,
    ],
    [
      'finds no node for a moment',
      service(),
      [at(1), at(2, { state: 'pending', error: 'no suitable node', createdAt: now - 1000 })],
      'waiting',
      /no suitable node/,
    ],
    [
      'crashes again and again',
      service({ updatedAt: now - minute }),
      [
        at(1),
        failed(2, { createdAt: now - 3 }),
        failed(2, { createdAt: now - 2 }),
        failed(2, { createdAt: now - 1 }),
        at(2, { state: 'starting' }),
      ],
      'failed',
      /keep ending: it ended with exit code 3/,
    ],
    [
      'crashed before the last change only',
      service({ updatedAt: now }),
      [
        at(1),
        at(2),
        failed(2, { createdAt: now - minute }),
        failed(2, { createdAt: now - minute - 1 }),
        failed(2, { createdAt: now - minute - 2 }),
      ],
      'converged',
      /^2 of 2/,
    ],
    [
      'is global',
      service({}, { Global: {} }),
      [at(0, { node: 'a' }), at(0, { id: 'x', node: 'b' })],
      'converged',
      /^2 of 2/,
    ],
    [
      'is a job that is done',
      service({}, { ReplicatedJob: { TotalCompletions: 1 } }),
      [at(1, { state: 'complete', desired: 'shutdown' })],
      'converged',
      /^1 of 1 done/,
    ],
    ['is a job that runs', service({}, { ReplicatedJob: { TotalCompletions: 1 } }), [at(1)], 'waiting', /^0 of 1 done/],
  ])('%s', (_, one, tasks, kind, text) => {
    const verdict = judgeService(one, tasks, now);
    expect(verdict).toMatchObject({ kind, text: expect.stringMatching(text) });
  });

  it('that Swarm took back has failed for whoever asked for the update, and runs for everybody else', () => {
    const one = service({ update: { state: 'rollback_completed', message: '' } });
    const tasks = [at(1), at(2), failed(2)];
    expect(judgeService(one, tasks, now, { changed: true })).toMatchObject({ kind: 'failed', rolledBack: true });
    expect(judgeService(one, tasks, now)).toMatchObject({ kind: 'converged' });
  });

  it('is stable once its youngest task has run for Monitor', () => {
    const young = (age: number) => [at(1), at(2, { at: now - age })];
    expect(isStable(service(), young(4000), now)).toBe(false);
    expect(isStable(service(), young(6000), now)).toBe(true);
    const patient = observedService('shop_web', { ...spec(), UpdateConfig: { Monitor: 10e9 } });
    expect(isStable(patient, young(6000), now)).toBe(false);
  });
});
