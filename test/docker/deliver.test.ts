import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveredFile, SecretReference } from '../../main/core/plan/plan.ts';
import { type Bench, openBench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const secret = (variable: string): SecretReference => ({
  from: 'environment',
  variable,
  kind: 'secret',
  name: 'token',
});
const file = (path: string, source: DeliveredFile['source'], members: Partial<DeliveredFile> = {}): DeliveredFile => ({
  path,
  mode: 0o444,
  uid: 0,
  gid: 0,
  source,
  ...members,
});
const values = (known: Readonly<Record<string, string>>) => ({
  secrets: { has: async () => true, lookup: async ({ variable }: SecretReference) => known[variable] },
});

/** Created, not started: what a step before the start finds. */
async function create(line: string, body: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const name = bench.engine.uniqueName('c');
  const { image } = bench;
  await bench.run({
    kind: 'create-container',
    name,
    image,
    // With a terminal the log has no frames.
    body: { Image: image, Cmd: ['sh', '-c', line], Tty: true, ...body },
    connect: [],
  });
  return name;
}

async function said(name: string): Promise<string> {
  const container = bench.engine.docker.getContainer(name);
  await container.start();
  await container.wait();
  return (await container.logs({ stdout: true, stderr: true })).toString().replaceAll('\r', '');
}

test('files are there when the process begins: below new folders, with mode and owner, in a volume too', async () => {
  const volume = bench.engine.uniqueName('v');
  const show = 'stat -c "%n %a %u:%g" /run/secrets/token /etc/deep/er/c /data/x; cat /run/secrets/token /data/x';
  const name = await create(show, { HostConfig: { Binds: [`${volume}:/data`] }, User: '65534:65534' });
  const files = [
    file('/run/secrets/token', secret('TOKEN')),
    file('/etc/deep/er/c', { from: 'text', text: 'ä' }, { mode: 0o640, uid: 1000, gid: 1001 }),
    file('/data/x', { from: 'text', text: 'in a volume' }),
  ];
  await bench.run({ kind: 'deliver-files', container: name, files }, values({ TOKEN: 'one ' }));
  const lines = '/run/secrets/token 444 0:0\n/etc/deep/er/c 640 1000:1001\n/data/x 444 0:0\n';
  expect(await said(name)).toBe(`${lines}one in a volume`);
});

test('a value that has changed is there after the next start', async () => {
  const name = await create('cat /token');
  const deliver = (TOKEN: string) =>
    bench.run({ kind: 'deliver-files', container: name, files: [file('/token', secret('TOKEN'))] }, values({ TOKEN }));
  await deliver('old');
  expect(await said(name)).toBe('old');
  await deliver('new');
  expect(await said(name)).toContain('new');
});

test('without its value nothing is copied, and the value of another one is in no message', async () => {
  const name = await create('ls /');
  const files = [file('/known', secret('KNOWN')), file('/unknown', secret('UNKNOWN'))];
  const step = bench.run({ kind: 'deliver-files', container: name, files }, values({ KNOWN: 'hunter2' }));
  const error: unknown = await step.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ error: { code: 'file.invalid', message: expect.stringContaining('UNKNOWN') } });
  expect(JSON.stringify(error)).not.toContain('hunter2');
  expect(await said(name)).not.toContain('known');
});

test('an empty value makes no file', async () => {
  const name = await create('ls /');
  const files = [file('/empty', secret('EMPTY')), file('/there', { from: 'text', text: '' })];
  await bench.run({ kind: 'deliver-files', container: name, files }, values({ EMPTY: '' }));
  const list = await said(name);
  expect(list).toContain('there');
  expect(list).not.toContain('empty');
});

test('an id that was not known is written into the body, and the hash is taken over it', async () => {
  const first = await bench.start('sleep 600');
  const name = bench.engine.uniqueName('c');
  const mark = 'f'.repeat(64);
  await bench.run({
    kind: 'create-container',
    name,
    image: bench.image,
    body: { Image: bench.image, Cmd: ['sleep', '1'], HostConfig: { NetworkMode: `container:${mark}` } },
    connect: [],
    later: { names: { [mark]: first }, hashed: `over ${mark}` },
  });
  const { docker } = bench.engine;
  const { Id } = await docker.getContainer(first).inspect();
  const made = await docker.getContainer(name).inspect();
  expect(made.HostConfig.NetworkMode).toBe(`container:${Id}`);
  const hash = createHash('sha256').update(`over ${Id}`).digest('hex');
  expect(made.Config.Labels['com.docker.compose.config-hash']).toBe(hash);
});

test('a container whose partner is gone is not made', async () => {
  const name = bench.engine.uniqueName('c');
  const step = bench.run({
    kind: 'create-container',
    name,
    image: bench.image,
    body: { Image: bench.image },
    connect: [],
    later: { names: { mark: bench.engine.uniqueName('gone') }, hashed: 'mark' },
  });
  await expect(step).rejects.toMatchObject({ error: { code: 'engine.conflict' } });
  await expect(bench.engine.docker.getContainer(name).inspect()).rejects.toMatchObject({ statusCode: 404 });
});
