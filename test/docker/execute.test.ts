import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bench, openBench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const failure = (code: string, message: RegExp) => ({
  error: expect.objectContaining({ code, message: expect.stringMatching(message) }),
});

describe('containers', () => {
  test('created with the image’s id as label, further networks connected, and started', async () => {
    const { engine, run, image } = bench;
    const [name, first, second] = [engine.uniqueName('web'), engine.uniqueName('one'), engine.uniqueName('two')];
    await run({ kind: 'create-network', name: first, body: { Labels: { made: 'here' } } });
    await run({ kind: 'create-network', name: second, body: {} });
    const body = {
      Image: image,
      Cmd: ['sleep', '600'],
      Labels: { 'com.docker.compose.service': 'web' },
      HostConfig: { NetworkMode: first },
      NetworkingConfig: { EndpointsConfig: { [first]: { Aliases: ['web'] } } },
    };
    const connect = [{ network: second, body: { EndpointConfig: { Aliases: ['other'] } } }];
    await run({ kind: 'create-container', name, image, body, connect });
    await run({ kind: 'start-container', container: name });
    const info = await engine.docker.getContainer(name).inspect();
    const { Id } = await engine.docker.getImage(image).inspect();
    expect(info.State.Running).toBe(true);
    expect(info.Config.Labels).toMatchObject({
      'com.docker.compose.service': 'web',
      'com.docker.compose.image': Id,
    });
    expect(Object.keys(info.NetworkSettings.Networks).sort()).toEqual([first, second].sort());
    expect(info.NetworkSettings.Networks[second]?.Aliases).toContain('other');
  });

  test('a container that cannot be connected to a further network is not left half made', async () => {
    const { engine, run, image } = bench;
    const name = engine.uniqueName('half');
    const connect = [{ network: 'host', body: {} }];
    await expect(
      run({ kind: 'create-container', name, image, body: { Cmd: ['true'] }, connect }),
    ).rejects.toMatchObject(failure('engine.error', /host network/));
    await expect(engine.docker.getContainer(name).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('a missing image and a taken name are said as such', async () => {
    const { run, start, image } = bench;
    await expect(
      run({ kind: 'create-container', name: 'x', image: 'localhost/no/such:1', body: {}, connect: [] }),
    ).rejects.toMatchObject(failure('image.not-found', /localhost\/no\/such:1/));
    const name = await start('sleep 600');
    await expect(
      run({ kind: 'create-container', name, image, body: { Cmd: ['true'] }, connect: [] }),
    ).rejects.toMatchObject(failure('engine.conflict', /already in use/));
  });

  test('nameless volumes move to the container that takes the place', async () => {
    const { engine, run, image } = bench;
    const [old, fresh] = [engine.uniqueName('old'), engine.uniqueName('fresh')];
    const body = { Image: image, Cmd: ['sh', '-c', 'echo kept >/data/file; sleep 600'], Volumes: { '/data': {} } };
    await run({ kind: 'create-container', name: old, image, body, connect: [] });
    await run({ kind: 'start-container', container: old });
    await run({ kind: 'create-container', name: fresh, image, body, connect: [], replaces: old });
    const volumeOf = async (name: string) => (await engine.docker.getContainer(name).inspect()).Mounts[0]?.Name;
    expect(await volumeOf(fresh)).toBe(await volumeOf(old));
  });

  test('what is already so is no failure: starting twice, stopping twice, removing what is gone', async () => {
    const { engine, run, start } = bench;
    const name = await start('sleep 600');
    await run({ kind: 'start-container', container: name });
    await run({ kind: 'rename-container', container: name, to: name });
    await run({ kind: 'stop-container', container: name, timeout: 0, hooks: [] });
    await run({ kind: 'stop-container', container: name, timeout: 0, hooks: [] });
    await run({ kind: 'remove-container', container: name, removeVolumes: true });
    await run({ kind: 'remove-container', container: name, removeVolumes: true });
    await run({ kind: 'stop-container', container: name, hooks: [] });
    await run({ kind: 'remove-network', name: engine.uniqueName('gone') });
    await run({ kind: 'remove-volume', name: engine.uniqueName('gone') });
    await expect(run({ kind: 'start-container', container: name })).rejects.toMatchObject(
      failure('engine.error', /No such container/),
    );
  });

  test('connecting and disconnecting twice, renaming, restarting', async () => {
    const { engine, run, start } = bench;
    const name = await start('sleep 600');
    const network = engine.uniqueName('net');
    const renamed = engine.uniqueName('renamed');
    await run({ kind: 'create-network', name: network, body: {} });
    const connect = { kind: 'connect-network', network, container: name, body: {} } as const;
    await run(connect);
    await run(connect);
    await expect(run({ kind: 'remove-network', name: network })).rejects.toMatchObject(
      failure('engine.conflict', /active endpoints/),
    );
    await run({ kind: 'disconnect-network', network, container: name });
    await run({ kind: 'disconnect-network', network, container: name });
    await run({ kind: 'rename-container', container: name, to: renamed });
    const before = (await engine.docker.getContainer(renamed).inspect()).State.StartedAt;
    await run({ kind: 'restart-container', container: renamed, timeout: 0 });
    expect((await engine.docker.getContainer(renamed).inspect()).State.StartedAt).not.toBe(before);
  });

  test('a port that a container of another project holds is named with its owner', async () => {
    const { engine, start, run, image } = bench;
    const publish = (port: string) => ({
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: port }] } },
    });
    const owner = await start('sleep 600', publish('0'));
    const { Ports } = (await engine.docker.getContainer(owner).inspect()).NetworkSettings;
    const port = Ports['80/tcp']?.[0]?.HostPort ?? '';
    const name = engine.uniqueName('late');
    const body = { Cmd: ['sleep', '600'], ...publish(port) };
    await run({ kind: 'create-container', name, image, body, connect: [] });
    await expect(run({ kind: 'start-container', container: name })).rejects.toMatchObject(
      failure('port.taken', new RegExp(`port ${port} is held by container \`${owner}\``)),
    );
  });
});

describe('hooks', () => {
  test('run in the container; a failing one says its last lines', async () => {
    const { engine, run, start } = bench;
    const name = await start('sleep 600');
    const hook = (line: string) => ({ command: ['sh', '-c', line], privileged: false, environment: ['WHO=me'] });
    await run({ kind: 'run-hook', container: name, hook: hook('echo $WHO >/from-hook') });
    await run({ kind: 'run-hook', container: name, hook: hook('test "$(cat /from-hook)" = me') });
    await expect(
      run({ kind: 'run-hook', container: name, hook: hook('exec >&2; echo trying; echo broken; exit 3') }),
    ).rejects.toMatchObject({
      error: { code: 'exec.failed', message: expect.stringMatching(/exit code 3/), detail: 'trying\nbroken' },
    });
    expect(engine.docker).toBeDefined();
  });

  test('pre_stop runs before the stop, and not in a container that does not run', async () => {
    const { engine, run, start } = bench;
    const volume = engine.uniqueName('v');
    const name = await start('sleep 600', { HostConfig: { Binds: [`${volume}:/v`] } });
    const hooks = [{ command: ['sh', '-c', 'echo x >>/v/stops'], privileged: false, environment: [] }];
    await run({ kind: 'stop-container', container: name, timeout: 0, hooks });
    await run({ kind: 'stop-container', container: name, timeout: 0, hooks });
    const lines: string[] = [];
    const reader = await start('cat /v/stops', { HostConfig: { Binds: [`${volume}:/v`] } });
    await run({ kind: 'wait-completed', container: reader, optional: false });
    const logs = { follow: false, timestamps: false };
    await bench.connection.logs(reader, logs, ({ text }) => lines.push(text), new AbortController().signal);
    expect(lines).toEqual(['x']);
  });
});

describe('waits', () => {
  const check = (line: string, retries = 2) => ({
    Healthcheck: { Test: ['CMD-SHELL', line], Interval: 2e8, Timeout: 2e9, Retries: retries },
  });
  const wait = (kind: 'wait-healthy' | 'wait-completed' | 'wait-running', container: string, timeout?: number) =>
    bench.run({ kind, container, optional: false, ...(timeout !== undefined && { timeout }) });

  test('healthy: as soon as the engine says so', async () => {
    const name = await bench.start('sleep 0.5; touch /ready; sleep 600', check('test -e /ready', 50));
    await wait('wait-healthy', name);
    const info = await bench.engine.docker.getContainer(name).inspect();
    expect(info.State.Health?.Status).toBe('healthy');
  });

  test('unhealthy: fails with the check’s last output', async () => {
    const name = await bench.start('sleep 600', check('echo no database; exit 1'));
    await expect(wait('wait-healthy', name)).rejects.toMatchObject({
      error: { code: 'container.unhealthy', detail: 'no database' },
    });
  });

  test('no health check, or an end before it: fails at once', async () => {
    await expect(wait('wait-healthy', await bench.start('sleep 600'))).rejects.toMatchObject(
      failure('container.unhealthy', /no health check/),
    );
    const name = await bench.start('sleep 0.3; exit 4', check('false', 1000));
    await expect(wait('wait-healthy', name)).rejects.toMatchObject(failure('container.exited', /exit code 4/));
  });

  test('completed: exit code 0 only', async () => {
    await wait('wait-completed', await bench.start('sleep 0.3'));
    await expect(wait('wait-completed', await bench.start('sleep 0.3; exit 7'))).rejects.toMatchObject(
      failure('container.exited', /exit code 7/),
    );
  });

  test('running, a time limit, a removal and a cancel', async () => {
    const name = await bench.start('sleep 600', check('false', 1000));
    await wait('wait-running', name);
    await expect(wait('wait-healthy', name, 0.4)).rejects.toMatchObject(
      failure('wait.timeout', /not healthy after 0.4 s/),
    );
    const abort = new AbortController();
    const cancelled = bench.run({ kind: 'wait-healthy', container: name, optional: false }, { signal: abort.signal });
    abort.abort();
    await expect(cancelled).rejects.toMatchObject(failure('cancelled', /./));
    // Expected before it happens: it may happen before the removal has been answered.
    const removed = expect(wait('wait-healthy', name)).rejects.toMatchObject(failure('container.exited', /./));
    await bench.run({ kind: 'remove-container', container: name, removeVolumes: true });
    await removed;
  });
});
