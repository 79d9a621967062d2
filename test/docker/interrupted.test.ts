import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { label } from '../../main/core/plan/labels.ts';
import { type Bench, openBench } from './support.ts';

/*
 * A program that is killed leaves calls behind which the engine carries out all the same. Whoever planned before it did
 * finds a name taken: what such a call can have left gives way, and nothing else does.
 */

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const labels = {
  [label.project]: 'shop',
  [label.service]: 'web',
  [label.containerNumber]: '1',
  [label.configHash]: 'h',
};
const stopped = { Cmd: ['true'] };
const create = (name: string, more: Readonly<Record<string, unknown>> = {}) =>
  bench.run({
    kind: 'create-container',
    name,
    image: bench.image,
    body: { Image: bench.image, ...stopped, Labels: labels, ...more },
    connect: [],
  });
const idOf = async (name: string) => (await bench.engine.docker.getContainer(name).inspect()).Id;

describe('a name that is taken', () => {
  test('by the same container, created and never started: it is made once more', async () => {
    const name = bench.engine.uniqueName('twin');
    await create(name);
    const left = await idOf(name);
    await create(name);
    expect(await idOf(name)).not.toBe(left);
    await expect(bench.engine.docker.getContainer(left).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  test.each([
    ['by one that has run', async (name: string) => bench.run({ kind: 'start-container', container: name }), {}],
    ['by one of another configuration', async () => undefined, { Labels: { ...labels, [label.configHash]: 'other' } }],
    ['by one that compose did not make', async () => undefined, { Labels: {} }],
  ])('%s: a conflict, and it stays', async (_, before, members) => {
    const name = bench.engine.uniqueName('taken');
    await create(name, members);
    await before(name);
    const there = await idOf(name);
    await expect(create(name)).rejects.toMatchObject({
      error: {
        code: 'engine.conflict',
        message: expect.stringContaining(name),
        hint: expect.stringContaining('docker rm'),
      },
    });
    expect(await idOf(name)).toBe(there);
  });

  test('for a rename: a conflict, whatever has it', async () => {
    const [from, to] = [bench.engine.uniqueName('from'), bench.engine.uniqueName('to')];
    await create(from);
    await create(to);
    const rename = bench.run({ kind: 'rename-container', container: from, to });
    await expect(rename).rejects.toMatchObject({ error: { code: 'engine.conflict' } });
    expect(await idOf(to)).not.toBe(await idOf(from));
  });
});

describe('a cancel', () => {
  test('waits for a stop that the engine goes on with anyway', async () => {
    // It leaves only when it is killed, after the second that it has.
    const name = await bench.start("trap '' TERM; while :; do sleep 1; done");
    const abort = new AbortController();
    const kill = await nextEvent(name);
    const stopping = bench.run(
      { kind: 'stop-container', container: name, timeout: 1, hooks: [] },
      { signal: abort.signal },
    );
    await kill.seen;
    abort.abort();
    await stopping;
    expect((await bench.engine.docker.getContainer(name).inspect()).State.Running).toBe(false);
  });

  test('before the call has begun makes none', async () => {
    const name = await bench.start('sleep 1000');
    const stop = bench.run({ kind: 'stop-container', container: name, hooks: [] }, { signal: AbortSignal.abort() });
    await expect(stop).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect((await bench.engine.docker.getContainer(name).inspect()).State.Running).toBe(true);
  });
});

/** Resolves, when the stream is open, with a promise of the container's next signal. */
async function nextEvent(name: string): Promise<{ readonly seen: Promise<void> }> {
  const stream = await bench.engine.docker.getEvents({
    filters: JSON.stringify({ container: [name], event: ['kill'] }),
  });
  return { seen: new Promise((resolve) => stream.once('data', () => resolve())) };
}

describe('looking at a project whose last program died', () => {
  const observe = (project: string) =>
    bench.connection.observe(project, {
      ...{ networks: [], volumes: [], images: [], builds: {}, ports: [] },
      buildSettings: { args: {} },
      interrupted: true,
    });
  const inProject = (line: string) => {
    const project = bench.engine.uniqueName('settle');
    return { project, started: bench.start(line, { Labels: { [label.project]: project }, StopTimeout: 3 }) };
  };

  test('waits for a stop that goes on, and sees the container stopped', async () => {
    const { project, started } = inProject("trap '' TERM; while :; do sleep 1; done");
    const name = await started;
    const kill = await nextEvent(name);
    const hangUp = new AbortController();
    const stop = bench.engine.docker.getContainer(name).stop({ t: 3, abortSignal: hangUp.signal } as object);
    await kill.seen;
    hangUp.abort();
    await expect(stop).rejects.toThrow();
    const { containers } = await observe(project);
    expect(containers).toMatchObject([{ name, state: 'exited', exitCode: 137 }]);
  });

  test('does not wait for one that was only told something', async () => {
    const { project, started } = inProject("trap 'true' HUP; while :; do sleep 1; done");
    const name = await started;
    await bench.engine.docker.getContainer(name).kill({ signal: 'HUP' });
    const { containers } = await observe(project);
    expect(containers).toMatchObject([{ name, state: 'running' }]);
  });
});

describe('a network that is there already', () => {
  const body = (hash: string) => ({
    CheckDuplicate: true,
    Labels: { [label.project]: 'shop', [label.network]: 'front', [label.configHash]: hash },
  });
  test('is the one that is wanted when its labels say so, and a conflict otherwise', async () => {
    const name = bench.engine.uniqueName('network');
    await bench.run({ kind: 'create-network', name, body: body('h') });
    await bench.run({ kind: 'create-network', name, body: body('h') });
    expect(await bench.engine.docker.listNetworks({ filters: { name: [name] } })).toHaveLength(1);
    await expect(bench.run({ kind: 'create-network', name, body: body('other') })).rejects.toMatchObject({
      error: { code: 'engine.conflict' },
    });
  });
});
