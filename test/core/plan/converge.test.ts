import { describe, expect, it } from 'vitest';
import type { Project, Service } from '../../../main/core/compose/project.ts';
import { planFor } from '../../../main/core/plan/actions.ts';
import { toContainerName } from '../../../main/core/plan/labels.ts';
import type { CorePlan, Observed } from '../../../main/core/plan/plan.ts';
import { printPlan } from '../../../main/core/plan/print.ts';
import type { ActionOptions } from '../../../preload/contract/api.ts';
import { image, observed, project, service, sha256 } from '../../support/builders.ts';
import { createWorld, type World } from '../../support/builders-engine.ts';

/*
 * One invariant: wherever an `up` is interrupted, the next one brings the project to what the file says, leaves nothing
 * twice and nothing behind, and the one after that has nothing to do.
 */
const db = service('db', {
  healthcheck: { test: ['CMD', 'ready'] },
  volumes: [{ type: 'volume', source: 'data', target: '/data' }],
});
const web = service('web', {
  networks: new Map([
    ['default', null],
    ['front', null],
  ]),
  depends_on: new Map([['db', { condition: 'service_healthy', restart: true, required: true }]]),
  ports: [{ mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' }],
});
const side = service('side', { networks: new Map(), network_mode: 'service:db' });
const worker = service('worker', { scale: 2 });

const shop = (services: readonly Service[] = [db, web, side, worker], members: Partial<Project> = {}): Project =>
  project(services, {
    networks: new Map([
      ['default', { key: 'default', name: 'shop_default' }],
      ['front', { key: 'front', name: 'shop_front' }],
    ]),
    volumes: new Map([['data', { key: 'data', name: 'shop_data' }]]),
    ...members,
  });

const plan = (file: Project, world: World, options: ActionOptions = { wait: true, removeOrphans: true }): CorePlan =>
  planFor('up', { project: file, name: file.name, observed: world.observed(), options, sha256 });

/** The first `count` steps, each after what it names; a step whose prerequisites did not run cannot be among them. */
function run(world: World, steps: CorePlan['steps'], count = steps.length): void {
  for (const step of steps.slice(0, count)) world.apply(step);
}

function upTo(file: Project): World {
  const world = createWorld(observed());
  run(world, plan(file, world).steps);
  return world;
}

function expectConverged(world: World, file: Project): void {
  const again = plan(file, world);
  expect(printPlan(again)).toBe('up shop: nothing to do\n');
  const names = world.observed().containers.map((container) => container.name);
  const wanted = [...file.services.values()].flatMap((one) =>
    Array.from({ length: one.scale ?? 1 }, (_, index) => toContainerName('shop', one, index + 1)),
  );
  expect(names.sort()).toEqual(wanted.sort());
  expect(world.observed().containers.filter((container) => container.state !== 'running')).toEqual([]);
}

const environment = (value: string): Pick<Service, 'environment'> => ({ environment: new Map([['A', value]]) });
const relabelled = new Map([
  ['default', { key: 'default', name: 'shop_default', labels: new Map([['changed', 'yes']]) }],
  ['front', { key: 'front', name: 'shop_front' }],
]);
const relabelledData = new Map([['data', { key: 'data', name: 'shop_data', labels: new Map([['changed', 'yes']]) }]]);
const newerDb = (state: Observed): Observed => ({
  ...state,
  images: { ...state.images, 'example/db': image('newer db') },
});

interface Change {
  readonly what: string;
  readonly file: Project;
  readonly outside?: (state: Observed) => Observed;
  readonly options?: ActionOptions;
}
const changes: readonly Change[] = [
  { what: 'one service changed', file: shop([db, { ...web, ...environment('2') }, side, worker]) },
  { what: 'a service that others depend on changed', file: shop([{ ...db, ...environment('2') }, web, side, worker]) },
  { what: 'everything changed', file: shop([db, web, side, worker].map((one) => ({ ...one, ...environment('3') }))) },
  { what: 'an image is newer', file: shop(), outside: newerDb },
  { what: 'a network changed', file: shop(undefined, { networks: relabelled }) },
  {
    what: 'a volume changed, and may be made anew',
    file: shop(undefined, { volumes: relabelledData }),
    options: { wait: true, recreateVolumes: true },
  },
  { what: 'a service gone', file: shop([db, web, worker]) },
  {
    what: 'a service renamed, whose container keeps its name',
    file: shop([db, web, { ...side, name: 'aside', container_name: 'shop-side-1' }, worker]),
  },
  {
    what: 'two services swap their names',
    file: shop([{ ...db, container_name: 'shop-web-1' }, { ...web, container_name: 'shop-db-1' }, side, worker]),
  },
  { what: 'scaled up', file: shop([db, web, side, { ...worker, scale: 4 }]) },
  { what: 'scaled down and changed', file: shop([db, web, side, { ...worker, scale: 1, ...environment('2') }]) },
];

describe('an interrupted up is completed by the next one', () => {
  it('the first up, wherever it is interrupted', () => {
    const steps = plan(shop(), createWorld(observed())).steps;
    for (let count = 0; count <= steps.length; count += 1) {
      const world = createWorld(observed());
      run(world, plan(shop(), world).steps, count);
      run(world, plan(shop(), world).steps);
      expectConverged(world, shop());
    }
  });

  it.each(changes)('$what', ({ file, outside = (state) => state, options }) => {
    const first = upTo(shop());
    first.change(outside);
    const length = plan(file, first, options).steps.length;
    expect(length).toBeGreaterThan(0);
    for (let count = 0; count <= length; count += 1) {
      const world = createWorld(first.observed());
      run(world, plan(file, world, options).steps, count);
      run(world, plan(file, world, options).steps);
      expectConverged(world, file);
    }
  });

  it.each(changes)('$what, interrupted twice', ({ file, outside = (state) => state, options }) => {
    const first = upTo(shop());
    first.change(outside);
    const length = plan(file, first, options).steps.length;
    for (let count = 0; count <= length; count += 2) {
      for (let second = 0; second <= length; second += 3) {
        const world = createWorld(first.observed());
        run(world, plan(file, world, options).steps, count);
        run(world, plan(file, world, options).steps, second);
        run(world, plan(file, world, options).steps);
        expectConverged(world, file);
      }
    }
  });
});

/** Any order that respects `after`: the executor runs independent steps in parallel. */
function shuffled(steps: CorePlan['steps'], seed: number): CorePlan['steps'] {
  let state = seed;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
  const rest = [...steps];
  const done = new Set<string>();
  const result: CorePlan['steps'][number][] = [];
  while (rest.length > 0) {
    const free = rest.filter((step) => step.after.every((id) => done.has(id)));
    const next = free[random(free.length)];
    if (next === undefined) throw new Error('steps wait for each other');
    rest.splice(rest.indexOf(next), 1);
    done.add(next.id);
    result.push(next);
  }
  return result;
}

describe('prerequisites are complete: every order that respects them works', () => {
  it.each(changes)('$what', ({ file, outside = (state) => state, options }) => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const world = upTo(shop());
      world.change(outside);
      run(world, shuffled(plan(file, world, options).steps, seed));
      expectConverged(world, file);
    }
  });

  it('down', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const world = upTo(shop());
      const options = { volumes: true };
      const down = planFor('down', { project: shop(), name: 'shop', observed: world.observed(), options, sha256 });
      run(world, shuffled(down.steps, seed));
      expect(world.observed()).toMatchObject({ containers: [], networks: {}, volumes: {} });
    }
  });
});
