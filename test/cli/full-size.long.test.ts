import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkbench, type Workbench } from './support.ts';

/* Forty services that wait for one another, through ups, changes and five power cuts. For `npm run test:long`. */

const count = 40;
const minutes = 60_000;

let bench: Workbench;
let project: string;
beforeAll(async () => {
  bench = await createWorkbench();
  project = bench.engine.uniqueName('large');
});
afterAll(() => bench.remove());

/** Service n waits for service n/2 to be healthy: a tree six levels deep. */
const compose = (changed: number | undefined) => {
  const services = Array.from({ length: count }, (_, index) => {
    const n = index + 1;
    const parent = Math.floor(n / 2);
    return `  s${n}:
    image: ${bench.engine.base}
    command: [sleep, infinity]
    init: true
    restart: unless-stopped
    stop_grace_period: 1s
    environment: {CHANGED: '${n === changed ? 'yes' : 'no'}'}
    healthcheck: {test: [CMD, 'true'], interval: 2s, timeout: 10s, retries: 30}
${parent > 0 ? `    depends_on: {s${parent}: {condition: service_healthy}}\n` : ''}`;
  });
  return `name: ${project}\nservices:\n${services.join('')}`;
};

const write = (changed?: number) => bench.file('large/compose.yaml', compose(changed));
interface Status {
  readonly services: readonly { readonly name: string; readonly state: string; readonly health: string }[];
}
const healthy = async (file: string) => {
  const { services } = await bench.json<Status>(['-f', file, 'status']);
  return services.filter(({ state, health }) => state === 'running' && health === 'healthy').length;
};
const plan = async (file: string) =>
  (await bench.json<{ steps: readonly { kind: string; target: string }[] }>(['-f', file, 'plan'])).steps;

describe('forty services', () => {
  it('come up in order, and the second time there is nothing to do', { timeout: 10 * minutes }, async () => {
    const file = await write();
    expect(await bench.run(['-f', file, 'up', '--yes', '--wait'])).toMatchObject({ code: 0 });
    expect(await healthy(file)).toBe(count);
    expect(await plan(file)).toEqual([]);
  });

  it('are recreated one by one when one changes', { timeout: 5 * minutes }, async () => {
    const file = await write(17);
    const created = (await plan(file)).filter(({ kind }) => kind === 'create-container');
    expect(created).toHaveLength(1);
    expect(await bench.run(['-f', file, 'up', '--yes', '--wait'])).toMatchObject({ code: 0 });
    expect(await plan(file)).toEqual([]);
  });

  it('survive five power cuts of their engine', { timeout: 10 * minutes }, async ({ skip }) => {
    skip(!bench.engine.canInjectFaults, 'the engine is the user’s');
    const file = await write(17);
    for (let cut = 0; cut < 5; cut += 1) {
      await bench.engine.kill();
      await bench.engine.start();
      await expect.poll(() => healthy(file), { timeout: 2 * minutes, interval: 1000 }).toBe(count);
      expect(await plan(file)).toEqual([]);
    }
  });

  it('go down without a trace', { timeout: 5 * minutes }, async () => {
    const file = await write(17);
    expect(await bench.run(['-f', file, 'down', '--yes'])).toMatchObject({ code: 0 });
    const filters = { label: [`com.docker.compose.project=${project}`] };
    expect(await bench.engine.docker.listContainers({ all: true, filters })).toEqual([]);
    expect(await bench.engine.docker.listNetworks({ filters })).toEqual([]);
  });
});
