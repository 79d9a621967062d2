import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createEngines } from '../../main/docker/engines.ts';
import { createClock } from '../../main/platform/clock.ts';
import { type IdentityToken, type Registry, startRegistry } from './registry.ts';
import { type Bench, connected, folder, hostFor, openBench, reporter, toContext, toStep } from './support.ts';

let bench: Bench;
const registries: Registry[] = [];
const images: string[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close();
  for (const image of images.splice(0)) {
    await bench.engine.docker
      .getImage(image)
      .remove({ force: true })
      .catch(() => undefined);
  }
});
afterAll(() => bench.close());

async function registry(login?: string | IdentityToken): Promise<Registry> {
  const started = await startRegistry(login);
  registries.push(started);
  images.push(started.image);
  return started;
}

test('a pull says how far it is and leaves the image', async () => {
  const { image, release } = await registry();
  release();
  const { reports, report } = reporter();
  await bench.run({ kind: 'pull-image', image }, { report });
  await expect(bench.engine.docker.getImage(image).inspect()).resolves.toMatchObject({ RepoTags: [image] });
  const fractions = reports.flatMap(({ fraction }) => (fraction === undefined ? [] : [fraction]));
  expect(fractions.at(-1)).toBe(1);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(reports.map(({ message }) => message)).toContain('1 of 1 layers');
});

test('a cancelled pull ends on the engine: it closes its connection to the registry', async () => {
  const { image, layerBegun, layerAbandoned } = await registry();
  const abort = new AbortController();
  const { report, seen } = reporter();
  const pulling = bench.run({ kind: 'pull-image', image }, { signal: abort.signal, report });
  const outcome = expect(pulling).rejects.toMatchObject({ error: { code: 'cancelled' } });
  await layerBegun;
  await seen(/0 of 1 layers/);
  abort.abort();
  await outcome;
  await layerAbandoned;
  await expect(bench.engine.docker.getImage(image).inspect()).rejects.toMatchObject({ statusCode: 404 });
});

test('an unknown image and a registry that is not there', async () => {
  const { image } = await registry();
  await expect(bench.run({ kind: 'pull-image', image: image.replace(/:1$/, ':2') })).rejects.toMatchObject({
    error: { code: 'image.not-found' },
  });
  await expect(bench.run({ kind: 'pull-image', image: '127.0.0.1:9/x:1' })).rejects.toMatchObject({
    error: { code: 'image.pull-failed', retry: true },
  });
});

test('the login from ~/.docker/config.json is used, and only for its registry', async () => {
  const { image, release } = await registry('ann:s3cret');
  release();
  await expect(bench.run({ kind: 'pull-image', image })).rejects.toMatchObject({
    error: { hint: expect.stringMatching(/registry login 127\.0\.0\.1:\d+$/) },
  });
  const auths = { [image.split('/')[0] ?? '']: { auth: Buffer.from('ann:s3cret').toString('base64') } };
  const config = await folder({ 'config.json': JSON.stringify({ auths }) });
  const host = hostFor(bench.engine.address, { DOCKER_CONFIG: config.path });
  const engines = await createEngines({ clock: createClock(), host });
  await connected(engines, 'env');
  await engines.get('env').execute(toStep({ kind: 'pull-image', image }), toContext());
  await expect(bench.engine.docker.getImage(image).inspect()).resolves.toMatchObject({ RepoTags: [image] });
  await engines.close();
  await config.remove();
});

test('an identity token takes the place of user and password', async () => {
  const { image, release } = await registry({ identityToken: 'c4nary/+token' });
  release();
  const host = image.split('/')[0] ?? '';
  const pull = async (identitytoken: string) => {
    const config = await folder({ 'config.json': JSON.stringify({ auths: { [host]: { identitytoken } } }) });
    const engines = await createEngines({
      clock: createClock(),
      host: hostFor(bench.engine.address, { DOCKER_CONFIG: config.path }),
    });
    try {
      await connected(engines, 'env');
      await engines.get('env').execute(toStep({ kind: 'pull-image', image }), toContext());
    } finally {
      await engines.close();
      await config.remove();
    }
  };
  await expect(pull('another')).rejects.toMatchObject({
    error: { code: 'registry.denied', message: expect.stringContaining('the identity token (from') },
  });
  await pull('c4nary/+token');
  await expect(bench.engine.docker.getImage(image).inspect()).resolves.toMatchObject({ RepoTags: [image] });
});

test('a plan hears from the registry whether it has a newer image, of what is due, and does without when it is gone', async () => {
  const { image, release, close } = await registry();
  release();
  await bench.run({ kind: 'pull-image', image });
  const local = `${bench.engine.uniqueName('local')}:1`;
  images.push(local);
  await bench.engine.docker.getImage(image).tag({ repo: local.split(':')[0] ?? '', tag: '1' });
  const look = (refresh: Readonly<Record<string, number>>, wanted: readonly string[] = []) =>
    bench.connection.observe('', {
      networks: [],
      volumes: [],
      images: [image, local],
      refresh,
      wanted,
      builds: {},
      buildSettings: { args: {} },
      ports: [],
    });

  const seen = await look({ [image]: 0 });
  const digest = seen.registryDigests?.[image] ?? 'none';
  expect(seen.images[image]?.digests).toEqual([`${image.replace(/:1$/, '')}@${digest}`]);
  // Tagged a moment ago, so it is not due for an hour, and nobody is asked.
  expect(seen.images[local]?.taggedSeconds).toBeLessThan(3600);
  expect((await look({ [local]: 3600 })).registryDigests).toEqual({});
  // What is there is not asked for; what is not there is, and may not be there either.
  expect((await look({}, [image])).registryDigests).toEqual({});
  const other = image.replace(/:1$/, ':2');
  expect((await look({}, [other])).registryDigests).toEqual({});
  await bench.engine.docker.getImage(image).remove({ force: true });
  expect((await look({}, [image])).registryDigests).toEqual({ [image]: digest });
  await bench.run({ kind: 'pull-image', image });
  await close();
  registries.splice(0);
  expect((await look({ [image]: 0 })).registryDigests).toEqual({});
});
