import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveredFile, SecretReference } from '../../main/core/plan/plan.ts';
import { type Bench, openBench } from './support.ts';

const value = 'c4nary~in~memory';
const target = '/run/secrets';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const secret: SecretReference = { from: 'environment', variable: 'TOKEN', kind: 'secret', name: 'token' };
const context = { secrets: { has: async () => true, lookup: async () => value } };

const file = (path: string, inMemory: string, members: Partial<DeliveredFile> = {}): DeliveredFile => ({
  path,
  inMemory,
  mode: 0o444,
  uid: 0,
  gid: 0,
  source: secret,
  ...members,
});
const token = file('/run/secrets/token', '/run/secrets/token');

interface Made {
  readonly name: string;
  readonly volume: string;
  readonly bring: (files?: readonly DeliveredFile[]) => Promise<void>;
  readonly start: () => Promise<void>;
  readonly said: () => Promise<string>;
}

/** A container with a volume on tmpfs, as the planner makes them; not started. */
async function make(line: string, hostConfig: object = {}, body: object = {}, volume = bench.engine.uniqueName('v')) {
  const name = bench.engine.uniqueName('c');
  const { image } = bench;
  await bench.run({
    kind: 'create-volume',
    name: volume,
    body: {
      Driver: 'local',
      DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=4m,mode=0755,nosuid,nodev,noexec' },
    },
  });
  const Mounts = [{ Type: 'volume', Source: volume, Target: target, VolumeOptions: { NoCopy: true } }];
  await bench.run({
    kind: 'create-container',
    name,
    image,
    body: {
      Image: image,
      Cmd: ['sh', '-c', line],
      Tty: true,
      StopTimeout: 0,
      Labels: { 'io.claude-env.secret-files': '["/run/secrets/token"]' },
      ...body,
      HostConfig: { Mounts, ...hostConfig },
    },
    connect: [],
  });
  const container = bench.engine.docker.getContainer(name);
  const made: Made = {
    name,
    volume,
    bring: (files = [token]) =>
      bench.run({ kind: 'deliver-files', container: name, files, memory: { volume, target } }, context),
    start: () => bench.run({ kind: 'start-container', container: name }),
    said: async () => {
      await container.wait();
      return (await container.logs({ stdout: true, stderr: true })).toString().replaceAll('\r', '');
    },
  };
  return made;
}

const keepers = async (volume: string): Promise<number> =>
  (await bench.engine.docker.listContainers({ all: true, filters: { label: [`io.claude-env.keeps=${volume}`] } }))
    .length;

const seen = async (name: string) => {
  const { Id } = await bench.engine.docker.getContainer(name).inspect();
  return (await bench.connection.inspectContainers([Id]))[0];
};

describe('secrets in memory', () => {
  test('are there when the process begins, with mode and owner, at other places through a link', async () => {
    const made = await make(
      'stat -c "%n %a %u:%g" /run/secrets/token /run/secrets/deep/er/t; stat -Lc "%n %a %u:%g" /etc/app/t; cat /etc/app/t; df /run/secrets | tail -1',
      {},
      { User: '65534:65534' },
    );
    await made.bring([
      file('/run/secrets/token', '/run/secrets/token', { mode: 0o400, uid: 65534, gid: 1 }),
      file('/run/secrets/deep/er/t', '/run/secrets/deep/er/t'),
      file('/etc/app/t', '/run/secrets/.at/etc/app/t', { mode: 0o440, uid: 1, gid: 65534 }),
    ]);
    await made.start();
    const said = await made.said();
    expect(said).toContain(
      `/run/secrets/token 400 65534:1\n/run/secrets/deep/er/t 444 0:0\n/etc/app/t 440 1:65534\n${value}tmpfs`,
    );
    // Nothing is left of how it was done.
    expect(await keepers(made.volume)).toBe(0);
  });

  test('are in no layer and no inspect, and gone with the last container that used them', async () => {
    const made = await make('sleep 600');
    await made.bring();
    await made.start();
    const { docker } = bench.engine;
    const container = docker.getContainer(made.name);
    const chunks: Buffer[] = [];
    for await (const chunk of await container.export()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).includes(value)).toBe(false);
    const inspected = [await container.inspect(), await docker.getVolume(made.volume).inspect()];
    expect(JSON.stringify(inspected)).not.toContain(value);
    expect((await seen(made.name))?.missingSecrets).toBeUndefined();

    // As a restart policy does it, or whoever else: the engine's own restart.
    await container.restart({ t: 0 });
    expect(await seen(made.name)).toMatchObject({ state: 'running', missingSecrets: ['/run/secrets/token'] });
    await container.stop({ t: 0 });
    expect((await seen(made.name))?.missingSecrets).toBeUndefined();
    await made.bring();
    await made.start();
    expect((await seen(made.name))?.missingSecrets).toBeUndefined();
    await container.remove({ force: true });
  });

  test('are brought into a container that is otherwise read-only', async () => {
    const made = await make('cat /run/secrets/token', { ReadonlyRootfs: true });
    await made.bring();
    await made.start();
    expect(await made.said()).toBe(value);
  });

  test('are found by all that share them, started at once', async () => {
    const first = await make('cat /run/secrets/token');
    const others = await Promise.all(
      Array.from({ length: 4 }, () => make('cat /run/secrets/token', {}, {}, first.volume)),
    );
    const all = [first, ...others];
    await Promise.all(
      all.map(async (made) => {
        await made.bring();
        await made.start();
      }),
    );
    expect(await Promise.all(all.map((made) => made.said()))).toEqual(all.map(() => value));
    expect(await keepers(first.volume)).toBe(0);
  });

  test('come in spite of what a killed program has left, and the volume goes', async () => {
    const made = await make('cat /run/secrets/token');
    const { docker } = bench.engine;
    const keeper = {
      name: `${made.volume}-keeper`,
      Image: bench.image,
      Cmd: ['-'],
      Labels: { 'io.claude-env.keeps': made.volume },
      HostConfig: { Binds: [`${made.volume}:/memory`] },
    };
    await docker.createContainer(keeper);
    await made.bring();
    await made.start();
    expect(await made.said()).toBe(value);
    await docker.createContainer(keeper);
    await docker.getContainer(made.name).remove({ force: true });
    await bench.run({ kind: 'remove-volume', name: made.volume });
    expect(await keepers(made.volume)).toBe(0);
  });

  test('go into no volume on a disk', async () => {
    const volume = bench.engine.uniqueName('v');
    await bench.engine.docker.createVolume({ Name: volume });
    const made = await make('sleep 1', {}, {}, volume);
    await expect(made.bring()).rejects.toMatchObject({ error: { message: expect.stringContaining('not in memory') } });
    expect(await keepers(volume)).toBe(0);
  });

  test('leave no keeper where the start fails', async () => {
    const made = await make('true', {}, { Entrypoint: ['/no/such/program'] });
    await made.bring();
    await expect(made.start()).rejects.toMatchObject({
      error: { message: expect.stringContaining('/no/such/program') },
    });
    expect(await keepers(made.volume)).toBe(0);
  });

  test('are there for a container that is started attached', async () => {
    const made = await make('cat /run/secrets/token');
    await made.bring();
    let output = '';
    const ended = await bench.connection.attach(made.name, {
      tty: true,
      removed: false,
      onOutput: (_stream, chunk) => {
        output += Buffer.from(chunk).toString();
      },
      onStart: () => undefined,
    });
    expect([ended, output]).toEqual([{ detached: false, exitCode: 0 }, value]);
    expect(await keepers(made.volume)).toBe(0);
  });

  test('are missed after the engine was killed, and come with the next start of ours', async (context) => {
    const { engine, engines } = bench;
    if (!engine.canInjectFaults) context.skip();
    const made = await make('sleep 600', { RestartPolicy: { Name: 'always' } });
    await made.bring();
    await made.start();
    await engine.kill();
    await engine.start();
    const events = await engine.docker.getEvents({ since: 0, filters: { container: [made.name], event: ['start'] } });
    await once(events, 'data');
    (events as Readable).destroy();
    await new Promise<void>((resolve) => {
      const look = () => {
        if (engines.get('env').state().kind === 'connected') resolve();
      };
      engines.onChange(look);
      look();
    });
    expect(await seen(made.name)).toMatchObject({ state: 'running', missingSecrets: ['/run/secrets/token'] });
    await engine.docker.getContainer(made.name).stop({ t: 0 });
    await made.bring();
    await made.start();
    expect((await seen(made.name))?.missingSecrets).toBeUndefined();
    await engine.docker.getContainer(made.name).remove({ force: true });
  });
});
