import { expect, it } from 'vitest';
import type { Raw } from '../../../main/core/plan/inherit.ts';
import type { ObservedStack } from '../../../main/core/swarm/observed.ts';
import {
  planRestartStack,
  planRollbackStack,
  planScaleStack,
  planUpdateStack,
} from '../../../main/core/swarm/operate.ts';
import { manualScale } from '../../../main/core/swarm/plan-services.ts';
import { node, observedService, observedStack } from '../../support/builders-swarm.ts';

const spec = (replicas: number, image = 'example/web:1'): Raw => ({
  Labels: { 'com.docker.stack.image': image },
  TaskTemplate: { ContainerSpec: { Image: image }, ForceUpdate: 2 },
  Mode: { Replicated: { Replicas: replicas } },
});
const shop = (members: Partial<ObservedStack> = {}): ObservedStack =>
  observedStack('shop', {
    services: [observedService('shop_web', spec(1), { previous: spec(1, 'example/web:0') })],
    ...members,
  });
const update = (stack: ObservedStack, request: Parameters<typeof planUpdateStack>[1]) => {
  const step = planUpdateStack(stack, request).steps.find(({ kind }) => kind === 'update-service');
  return step?.kind === 'update-service' ? { cause: step.cause, version: step.version, body: step.body } : undefined;
};

it('a scale is remembered: another change does not make it look like the file’s', () => {
  const [step] = planScaleStack(shop(), { web: 3 }).steps;
  if (step?.kind !== 'update-service') throw new Error('no update');
  const scaled = observedService('shop_web', step.body, { previous: step.body });
  expect(manualScale(spec(1), scaled)).toBe(3);
  expect(manualScale(spec(3), scaled)).toBeUndefined();
  expect(planScaleStack(shop(), { web: 1 }).steps).toEqual([]);
});

it('update takes the newest digest, another image, or replaces tasks in any case', () => {
  expect(update(shop(), { services: ['web'] })).toBeUndefined();
  expect(update(shop({ digests: { 'example/web:1': 'sha256:ab' } }), { services: [] })?.cause).toMatch(
    /newer in its registry/,
  );
  expect(update(shop(), { services: ['web'], image: 'example/web:9' })).toMatchObject({
    cause: 'image example/web:1 → example/web:9',
    version: 10,
    body: { Labels: { 'com.docker.stack.image': 'example/web:9' } },
  });
  expect(update(shop(), { services: ['web'], force: true })).toMatchObject({
    body: { TaskTemplate: { ForceUpdate: 3 } },
  });
});

it('an image that no registry has is looked for on the nodes first, unless each of them runs it already', () => {
  const kinds = (stack: ObservedStack) =>
    planUpdateStack(stack, { services: ['web'], image: 'example/web:dev' }).steps.map(({ kind }) => kind);
  const two = { node: 'id-n1', imageIds: { 'example/web:dev': 'sha256:ab' }, nodes: [node('n1'), node('n2')] };
  expect(kinds(shop(two))).toEqual(['check-image', 'update-service', 'wait-converged']);
  expect(kinds(shop({ ...two, digests: { 'example/web:dev': 'sha256:cd' } }))).toHaveLength(2);
  expect(kinds(shop({ ...two, nodes: [node('n1')] }))).toHaveLength(2);
});

it('a restart is the same spec once more: no newer image, and a job only where it is named', () => {
  const job: Raw = { TaskTemplate: { ContainerSpec: { Image: 'example/job:1' } }, Mode: { ReplicatedJob: {} } };
  const there = shop({ digests: { 'example/web:1': 'sha256:ab' } });
  const stack = { ...there, services: [...there.services, observedService('shop_job', job)] };
  const updates = planRestartStack(stack, []).steps.flatMap((step) => (step.kind === 'update-service' ? [step] : []));
  expect(updates.map(({ target, version }) => [target, version])).toEqual([['web', 10]]);
  const { TaskTemplate, ...rest } = spec(1);
  expect(updates[0]?.body).toEqual({ ...rest, TaskTemplate: { ...(TaskTemplate as Raw), ForceUpdate: 3 } });
  const named = planRestartStack(stack, ['job']).steps.map(({ id }) => id);
  expect(named).toEqual(['update-service shop_job', 'wait-converged shop_job']);
});

it('a rollback says what it brings back, and a name that is none is refused', () => {
  expect(planRollbackStack(shop(), []).steps.map(({ kind, cause }) => [kind, cause])).toEqual([
    ['rollback-service', 'image example/web:1 → example/web:0'],
    ['wait-converged', 'updated'],
  ]);
  expect(() => planRollbackStack(shop(), ['nope'])).toThrow('The stack shop has no service nope.');
  expect(() => planScaleStack(observedStack('gone'), { web: 2 })).toThrow('There is no stack gone on this Swarm.');
});

it('a service that is in the stack by its label alone keeps its whole name', () => {
  const stack = shop({ services: [observedService('cache', spec(1))] });
  expect(planScaleStack(stack, { cache: 2 }).steps.map(({ service }) => service)).toEqual(['cache', 'cache']);
  expect(() => planScaleStack(stack, { web: 2 })).toThrow(
    expect.objectContaining({ error: expect.objectContaining({ hint: 'It has: cache.' }) }),
  );
});
