import { describe, expect, it } from 'vitest';
import type { Service } from '../../../main/core/compose/project.ts';
import type { Raw } from '../../../main/core/plan/inherit.ts';
import { canaryOf, withCanary, withoutCanary } from '../../../main/core/swarm/canary-spec.ts';
import { judgeService } from '../../../main/core/swarm/converge.ts';
import { planEndCanary, recordAfter } from '../../../main/core/swarm/end-canary.ts';
import { specChanges } from '../../../main/core/swarm/normal.ts';
import type { ObservedService, ObservedStack } from '../../../main/core/swarm/observed.ts';
import {
  planRestartStack,
  planRollbackStack,
  planScaleStack,
  planUpdateStack,
} from '../../../main/core/swarm/operate.ts';
import { planDeploy } from '../../../main/core/swarm/plan.ts';
import { newRecord } from '../../../main/core/swarm/record.ts';
import { project, service } from '../../support/builders.ts';
import { deployed, now, observedService, task } from '../../support/builders-swarm.ts';

const by = 'anna@laptop';
const web = (members: Partial<Service> = {}) =>
  project([service('web', { image: 'example/web:1', deploy: { replicas: 3 }, ...members })], { name: 'shop' });
const second = { image: 'example/web:2' };

interface World {
  readonly from?: Partial<Service>;
  readonly there?: ObservedStack;
  readonly prune?: boolean;
}
function plan(to: Partial<Service>, { from = {}, there, prune = false }: World = {}) {
  const { steps, problems, warnings } = planDeploy({
    project: web({ ...from, ...to }),
    observed: there ?? deployed(web(from)),
    options: { resolveImage: 'never', canary: 1, prune },
    operator: by,
    configData: new Map(),
    secretVerdicts: new Map(),
  });
  const update = steps.find((step) => step.kind === 'update-service');
  return { steps, update, warnings, problems: problems.map(({ message }) => message) };
}

/** The stack once a canary of the second version has been opened. */
function open(canary: Raw, members: Partial<ObservedService> = {}): ObservedStack {
  const there = deployed(web());
  const services = there.services.map((one) =>
    observedService(one.name, canary, { previous: one.spec, update: { state: 'updating', message: '' }, ...members }),
  );
  return { ...there, services };
}
function canarySpec(): Raw {
  const { update } = plan(second);
  if (update?.kind !== 'update-service') throw new Error('no update');
  return update.body;
}

describe('a canary', () => {
  it('is an update that stops after so many tasks, and goes on as the file says', () => {
    const before = {
      Labels: { a: 'b' },
      UpdateConfig: { Parallelism: 2, Order: 'start-first', FailureAction: 'continue' },
    };
    const paused = withCanary(before, { tasks: 1, by });
    expect(paused.UpdateConfig).toEqual({
      Parallelism: 1,
      Delay: 31_536_000_000_000_000,
      Order: 'start-first',
      FailureAction: 'pause',
      MaxFailureRatio: 0,
    });
    expect(canaryOf(paused)).toMatchObject({ tasks: 1, by });
    expect(withoutCanary(paused)).toEqual(before);
    expect(withoutCanary(withCanary({ Labels: {} }, { tasks: 1, by }))).toEqual({ Labels: {} });
    expect(canaryOf(before)).toBeUndefined();
  });

  it('is planned for services whose tasks are replaced, and others change as ever', () => {
    const { update, problems } = plan(second);
    expect(problems).toEqual([]);
    expect(update?.cause).toBe('canary, 1 of 3: image example/web:1 → example/web:2');
    const labelled = plan({ deploy: { replicas: 3, labels: new Map([['tier', 'front']]) } });
    expect(labelled.update?.kind === 'update-service' && canaryOf(labelled.update.body)).toBeUndefined();
  });

  it.each<[string, Partial<Service>, Partial<Service>, RegExp]>([
    ['all of the tasks', second, { deploy: { replicas: 1 } }, /it has 1 task: 1 with the new version would be all/],
    ['other replicas as well', { ...second, deploy: { replicas: 5 } }, {}, /its replicas change as well \(3 → 5\)/],
    ['a service that is everywhere', second, { deploy: { mode: 'global' } }, /only replicated services/],
    [
      'data on which both would work',
      second,
      { volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
      /it keeps data \(data\)/,
    ],
  ])('is refused: %s', (_title, to, from, message) => {
    expect(plan(to, { from }).problems).toEqual([expect.stringMatching(message)]);
  });

  it('leaves what the tasks of before still have', () => {
    const there = deployed(web());
    const labels = { 'com.docker.stack.namespace': 'shop', 'io.claude-env.key': 'old' };
    const secrets = [{ id: 's', name: 'shop_old-1', labels, createdAt: 1 }];
    const { steps, warnings } = plan(second, { there: { ...there, secrets }, prune: true });
    expect(steps.map(({ kind }) => kind)).toEqual(['update-service', 'wait-converged']);
    expect(warnings.map(({ message }) => message)).toContain('nothing is removed while a canary is open');
  });
});

describe('while a canary is open', () => {
  const there = open(canarySpec());
  const message = /service web: anna@laptop has a canary open since .* \(1 of 3\)/;

  it('nothing else changes the service, and who is asked says whose it is', () => {
    expect(plan(second, { there }).problems[0]).toMatch(message);
    for (const { problems } of [
      planScaleStack(there, { web: 5 }),
      planRestartStack(there, []),
      planUpdateStack(there, { services: [], image: 'example/web:3' }),
    ]) {
      expect(problems.map((one) => one.message)).toEqual([expect.stringMatching(message)]);
    }
  });

  const [first] = there.services;
  const tasks = (fresh: number) =>
    [1, 2, 3].map((slot) => {
      const spec = slot <= fresh ? first?.template : (first?.previous?.TaskTemplate as Raw);
      return task('id-shop_web', slot, { ...(spec === undefined ? {} : { spec }) });
    });
  it.each<[number, string, string]>([
    [0, 'waiting', '3 of 3 tasks run, 0 of 1 as the canary'],
    [1, 'converged', '3 of 3 tasks run, 1 of them is the canary of anna@laptop'],
    [2, 'converged', '3 of 3 tasks run, 2 of them are the canary of anna@laptop (asked for: 1)'],
  ])('%i new tasks are %s', (fresh, kind, text) => {
    if (first === undefined) throw new Error('no service');
    expect(judgeService(first, tasks(fresh), now, { changed: true })).toMatchObject({ kind, text });
  });

  it('it is promoted by its own spec, updated as the file says', () => {
    const [step] = planEndCanary(there, { end: 'promote', services: [] }).steps;
    if (step?.kind !== 'update-service') throw new Error('no update');
    expect(step.cause).toBe('its canary (1 of 3) is promoted: the others follow');
    expect(specChanges(step.body, deployed(web(second)).services[0]?.spec ?? {})).toEqual([]);
    expect(step.body.Labels).toEqual(deployed(web(second)).services[0]?.spec.Labels);
  });

  it('it is promoted once, however often its service is named, and not by a label that somebody changed', () => {
    const twice = planEndCanary(there, { end: 'promote', services: ['web', 'shop_web'] });
    expect(twice.steps.map(({ kind }) => kind)).toEqual(['update-service', 'wait-converged']);
    for (const label of ['{', '[]', '7']) {
      const spec = canarySpec();
      const changed = open({ ...spec, Labels: { ...(spec.Labels as Raw), 'io.claude-env.canary.update': label } });
      expect(() => planEndCanary(changed, { end: 'promote', services: [] })).toThrow('cannot be promoted');
      expect(planEndCanary(changed, { end: 'rollback', services: [] }).steps).toHaveLength(2);
    }
  });

  it('it is taken back by Swarm’s own spec of before, unless that is another canary by now', () => {
    const back = planEndCanary(there, { end: 'rollback', services: ['web'] });
    expect(back.steps.map(({ kind }) => kind)).toEqual(['rollback-service', 'wait-converged']);
    const changed = planEndCanary(open(canarySpec(), { previous: canarySpec() }), { end: 'rollback', services: [] });
    expect([changed.steps, changed.problems.length]).toEqual([[], 1]);
  });

  it('what was never opened, or has ended, is not ended', () => {
    expect(() => planEndCanary(deployed(web()), { end: 'promote', services: [] })).toThrow('No canary is open');
    expect(() => planEndCanary(deployed(web()), { end: 'promote', services: ['web'] })).toThrow('has no canary');
    const promoted = open(deployed(web(second)).services[0]?.spec ?? {}, { previous: canarySpec() });
    expect(planRollbackStack(promoted, []).steps).toEqual([]);
    expect(() => planRollbackStack(promoted, ['web'])).toThrow(/is a canary, which has ended/);
  });

  it('its end is recorded as the deploy that it comes to', () => {
    const record = (number: number, name: string) => ({
      id: name,
      name,
      createdAt: number,
      data: 'ZGF0YQ==',
      labels: {
        'com.docker.stack.namespace': 'shop',
        'io.claude-env.deploy': '1',
        'io.claude-env.deploy.number': String(number),
      },
    });
    const configs = [record(1, 'shop_deploy-a'), record(2, newRecord('shop'))];
    const numberAfter = (end: 'promote' | 'rollback') =>
      recordAfter({ ...there, configs }, { end, services: [] })?.number;
    expect([numberAfter('promote'), numberAfter('rollback')]).toEqual([2, 1]);
    expect(recordAfter({ ...deployed(web()), configs }, { end: 'promote', services: [] })).toBeUndefined();
  });
});
