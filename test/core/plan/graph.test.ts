import { describe, expect, it } from 'vitest';
import type { Dependency, Service } from '../../../main/core/compose/project.ts';
import { planFor } from '../../../main/core/plan/actions.ts';
import { orderServices, toObservedGraph, toServiceGraph, withDependencies } from '../../../main/core/plan/graph.ts';
import { observed, observedContainer, service, sha256 } from '../../support/builders.ts';

const needs = (...names: string[]): Pick<Service, 'depends_on'> => ({
  depends_on: new Map(
    names.map((name): [string, Dependency] => [name, { condition: 'service_started', required: true }]),
  ),
});
const graphOf = (...services: readonly Service[]) => toServiceGraph(services);

describe('order', () => {
  it('dependencies come first, the rest keeps the order of the file', () => {
    const graph = graphOf(service('web', needs('api')), service('docs'), service('api', needs('db')), service('db'));
    expect(orderServices(graph)).toEqual({ order: ['db', 'api', 'web', 'docs'], cycle: [] });
  });
  it.each([
    [
      ['a', 'b', 'a'],
      [service('a', needs('b')), service('b', needs('a'))],
    ],
    [
      ['b', 'c', 'b'],
      [service('a', needs('b')), service('b', needs('c')), service('c', needs('b'))],
    ],
    [['a', 'a'], [service('a', needs('a'))]],
    [
      ['a', 'b', 'a'],
      [service('a', { network_mode: 'service:b' }), service('b', { volumes_from: ['a:ro'] })],
    ],
  ])('a circle is named: %j', (cycle, services) => {
    expect(orderServices(toServiceGraph(services)).cycle).toEqual(cycle);
  });
  it('a chain of 20,000 services neither overflows nor takes long', () => {
    const services = Array.from({ length: 20_000 }, (_, index) => service(`s${index}`, needs(`s${index + 1}`)));
    const { order } = orderServices(toServiceGraph([...services, service('s20000')]));
    expect(order).toHaveLength(20_001);
    expect(order[0]).toBe('s20000');
  });
});

describe('what implies a dependency', () => {
  it.each([
    ['network_mode', { network_mode: 'service:x' }],
    ['ipc', { ipc: 'service:x' }],
    ['pid', { pid: 'service:x' }],
    ['volumes_from', { volumes_from: ['x:ro'] }],
    ['links', { links: ['x:alias'] }],
  ])('%s', (_, members) => {
    expect([...(graphOf(service('a', members), service('x')).get('a')?.keys() ?? [])]).toEqual(['x']);
  });
  it.each([
    ['a container outside', { network_mode: 'container:x', volumes_from: ['container:x'] }],
    ['a service that is not there', needs('y')],
  ])('not %s', (_, members) => {
    expect(graphOf(service('a', members), service('x')).get('a')?.size).toBe(0);
  });
});

it('a service with everything it needs', () => {
  const graph = graphOf(service('web', needs('api')), service('api', needs('db')), service('db'), service('other'));
  expect([...withDependencies(graph, ['web'])].sort()).toEqual(['api', 'db', 'web']);
});

it('without a file, the labels tell the dependencies; nonsense in them does not matter', () => {
  const labels = { 'com.docker.compose.depends_on': 'db:service_healthy:true,gone:service_started:false,web:x:y,::,' };
  const graph = toObservedGraph([observedContainer('shop', 'web', { labels }), observedContainer('shop', 'db')]);
  expect(graph.get('web')).toEqual(new Map([['db', { condition: 'service_healthy', restart: true, required: true }]]));
  expect(graph.get('db')?.size).toBe(0);
});

it.each(['stop', 'start', 'restart', 'down'] as const)('%s works on labels that go round in circles', (action) => {
  const on = (name: string) => ({ 'com.docker.compose.depends_on': `${name}:service_healthy:true` });
  const state = action === 'start' ? 'exited' : 'running';
  const containers = [
    observedContainer('shop', 'a', { labels: on('b'), state }),
    observedContainer('shop', 'b', { labels: on('a'), state }),
  ];
  const plan = planFor(action, {
    project: undefined,
    name: 'shop',
    observed: observed({ containers }),
    options: {},
    sha256,
  });
  expect(plan.steps.length).toBeGreaterThanOrEqual(2);
});

it('a chain of 5,000 containers is stopped from its end', () => {
  const containers = Array.from({ length: 5_000 }, (_, index) =>
    observedContainer('shop', `s${index}`, {
      labels: { 'com.docker.compose.depends_on': `s${index + 1}:service_started:false` },
    }),
  );
  const plan = planFor('stop', {
    project: undefined,
    name: 'shop',
    observed: observed({ containers }),
    options: {},
    sha256,
  });
  expect(plan.steps.map((step) => step.target).slice(0, 2)).toEqual(['shop-s0-1', 'shop-s1-1']);
});
