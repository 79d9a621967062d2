import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planFor } from '../../main/core/plan/actions.ts';
import { createEngines } from '../../main/docker/engines.ts';
import { createClock } from '../../main/platform/clock.ts';
import { observeByLabels } from '../../main/services/observe-options.ts';
import type { Engines, ObserveOptions } from '../../main/services/ports.ts';
import { type EngineSpy, spyOnEngine } from '../support/engine-spy.ts';
import { type Bench, connected, hostFor, openBench } from './support.ts';

let bench: Bench;
let project: string;
beforeAll(async () => {
  bench = await openBench();
  project = bench.engine.uniqueName('shop');
});
afterAll(() => bench.close());

const nothing: ObserveOptions = {
  networks: [],
  volumes: [],
  images: [],
  builds: {},
  buildSettings: { args: {} },
  ports: [],
};
const labels = (service: string, more: Readonly<Record<string, string>> = {}) => ({
  'com.docker.compose.project': project,
  'com.docker.compose.service': service,
  'com.docker.compose.oneoff': 'False',
  'com.docker.compose.container-number': '2',
  'com.docker.compose.config-hash': 'hash-of-web',
  'com.docker.compose.depends_on': 'db:service_started:false',
  ...more,
});

async function make(suffix: string, body: Readonly<Record<string, unknown>>): Promise<string> {
  const name = `${project}-${suffix}`;
  const create = { Cmd: ['sleep', '600'], StopTimeout: 0, ...body };
  await bench.run({ kind: 'create-container', name, image: bench.image, body: create, connect: [] });
  return name;
}

describe('one project', () => {
  test('its containers with networks, mounts, ports and health; stopped ones and one-offs too; nobody else’s', async () => {
    const [network, volume] = [`${project}_default`, `${project}_data`];
    const own = { 'com.docker.compose.project': project, 'com.docker.compose.config-hash': 'hash-of-net' };
    await bench.run({ kind: 'create-network', name: network, body: { Labels: own } });
    await bench.run({ kind: 'create-volume', name: volume, body: { Labels: own } });
    const foreign = bench.engine.uniqueName('foreign');
    await bench.run({ kind: 'create-volume', name: foreign, body: {} });
    const web = await make('web-2', {
      Labels: labels('web'),
      ExposedPorts: { '80/tcp': {}, '9/udp': {} },
      Healthcheck: { Test: ['CMD', 'true'], Interval: 2e8 },
      HostConfig: {
        NetworkMode: network,
        Binds: [`${volume}:/data:ro`, '/etc/hostname:/host-name'],
        PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
      },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ['web'] } } },
    });
    await bench.run({ kind: 'start-container', container: web });
    await bench.run({ kind: 'wait-healthy', container: web, optional: false });
    await make('web-run-abc', { Labels: labels('web', { 'com.docker.compose.oneoff': 'True' }) });
    const done = await make('job-1', { Cmd: ['sh', '-c', 'exit 3'], Labels: labels('job') });
    await bench.run({ kind: 'start-container', container: done });
    await bench.run({ kind: 'wait-completed', container: done, optional: false }).catch(() => undefined);
    await bench.start('sleep 600');

    const seen = await bench.connection.observe(project, {
      ...nothing,
      networks: ['bridge', 'not-there'],
      volumes: [foreign, 'not-there'],
      images: [bench.image, 'localhost/not-there:1'],
    });
    expect(seen.containers.map(({ name, state, oneOff }) => `${name} ${state} ${oneOff}`).sort()).toEqual([
      `${project}-job-1 exited false`,
      `${project}-web-2 running false`,
      `${project}-web-run-abc created true`,
    ]);
    const image = await bench.engine.docker.getImage(bench.image).inspect();
    expect(seen.containers.find(({ name }) => name === web)).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      service: 'web',
      number: 2,
      state: 'running',
      health: 'healthy',
      hasHealthcheck: true,
      configHash: 'hash-of-web',
      imageLabel: image.Id,
      imageId: image.Id,
      dependsOn: 'db:service_started:false',
      networks: { [network]: { id: seen.networks[network]?.id, aliases: expect.arrayContaining(['web']) } },
      mounts: expect.arrayContaining([
        { type: 'volume', name: volume, source: expect.any(String), target: '/data', readOnly: true },
        { type: 'bind', source: '/etc/hostname', target: '/host-name', readOnly: false },
      ]),
      ports: expect.arrayContaining([
        { container: 80, protocol: 'tcp', host: expect.any(Number), hostIp: '127.0.0.1' },
        { container: 9, protocol: 'udp' },
      ]),
    });
    expect(seen.containers.find(({ name }) => name === done)).toMatchObject({ exitCode: 3, hasHealthcheck: false });
    expect(Object.keys(seen.networks).sort()).toEqual(['bridge', network]);
    expect(seen.networks[network]).toMatchObject({ configHash: 'hash-of-net' });
    expect(Object.keys(seen.volumes).sort()).toEqual([volume, foreign].sort());
    expect(seen.volumes[volume]).toMatchObject({ driver: 'local', configHash: 'hash-of-net' });
    expect(Object.keys(seen.images)).toEqual([bench.image]);
    expect(seen.images[bench.image]).toMatchObject({ id: image.Id, os: 'linux', hasHealthcheck: false, volumes: [] });
    expect(seen.engine).toMatchObject({ os: 'linux', apiVersion: expect.stringMatching(/^1\.\d+$/) });
  });

  test('what the live view sees: every compose container, and only what is left of those that are asked for', async () => {
    const all = await bench.connection.listContainers();
    const mine = all.filter(({ labels: own }) => own['com.docker.compose.project'] === project);
    expect(mine.map(({ name }) => name).sort()).toEqual(
      [`${project}-job-1`, `${project}-web-2`, `${project}-web-run-abc`].sort(),
    );
    const job = mine.find(({ name }) => name.endsWith('job-1'));
    expect(job).toMatchObject({
      state: 'exited',
      exitCode: 3,
      health: 'none',
      oomKilled: false,
      restarts: 0,
      image: bench.image,
      startedAt: expect.stringMatching(/^20/),
      finishedAt: expect.stringMatching(/^20/),
    });
    const created = mine.find(({ state }) => state === 'created');
    expect(created?.startedAt).toBeUndefined();
    const again = await bench.connection.inspectContainers([job?.id ?? '', 'f'.repeat(64)]);
    expect(again.map(({ id }) => id)).toEqual([job?.id]);
  });
});

describe('for what only ends containers', () => {
  let shop: string;
  let spy: EngineSpy;
  let engines: Engines;
  const inspected = () => spy.heads().match(/^GET \S*\/containers\/[0-9a-f]{64}\/json /gm) ?? [];
  beforeAll(async () => {
    shop = bench.engine.uniqueName('ends');
    const own = { ...labels('web'), 'com.docker.compose.project': shop };
    const network = `${shop}_default`;
    await bench.run({ kind: 'create-network', name: network, body: { Labels: own } });
    await bench.run({ kind: 'create-volume', name: `${shop}_data`, body: { Labels: own } });
    const image = { name: '', image: bench.image, connect: [] };
    const body = {
      Cmd: ['sleep', '600'],
      StopTimeout: 0,
      Labels: own,
      Volumes: Object.fromEntries([...'abcdefgh'].map((letter) => [`/${letter}`, {}])),
      HostConfig: { NetworkMode: network, Binds: [`${shop}_data:/data:ro`, '/etc/hostname:/host-name'] },
    };
    for (const [name, more] of [
      ['web-2', { 'com.docker.compose.depends_on': '' }],
      ['db-1', { 'com.docker.compose.service': 'db' }],
      ['web-run-1', { 'com.docker.compose.oneoff': 'True' }],
      ['old-1', { 'com.docker.compose.service': 'old' }],
    ] as const) {
      const create = { ...body, Labels: { ...own, ...more } };
      await bench.run({ ...image, kind: 'create-container', name: `${shop}-${name}`, body: create });
    }
    for (const name of ['web-2', 'db-1']) await bench.run({ kind: 'start-container', container: `${shop}-${name}` });
    await bench.run({ kind: 'pause-container', container: `${shop}-db-1` });
    spy = await spyOnEngine(bench.engine.address);
    engines = await createEngines({ clock: createClock(), host: hostFor(spy.address) });
    await connected(engines, 'env');
  });
  afterAll(async () => {
    await engines.close();
    await spy.close();
  });

  test.each([
    ['down', {}],
    ['down', { volumes: true, removeOrphans: true }],
    ['stop', {}],
    ['kill', {}],
    ['pause', {}],
    ['unpause', {}],
    ['rm', { stop: true, volumes: true }],
  ] as const)(
    '%s %j: the list is enough for the very same plan, and no container is asked about',
    async (action, options) => {
      const plan = async (observe: ObserveOptions) => {
        const observed = await engines.get('env').observe(shop, observe);
        return planFor(action, { project: undefined, name: shop, observed, options, sha256: () => '' });
      };
      const before = inspected().length;
      const listed = await plan(observeByLabels(action, { args: {} }));
      expect(listed.steps).not.toEqual([]);
      expect(inspected()).toHaveLength(before);
      expect(await plan(nothing)).toEqual(listed);
      expect(inspected()).toHaveLength(before + 4);
    },
  );

  test('what starts containers asks about each, for what a list does not say', () => {
    for (const action of ['start', 'restart', 'up'] as const) {
      expect(observeByLabels(action, { args: {} }).listed).toBeUndefined();
    }
  });
});

describe('taken ports', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.close();
  });

  const taken = async (...ports: ObserveOptions['ports'][number][]) =>
    (await bench.connection.observe('none', { ...nothing, ports })).takenPorts;

  test('a container is named with its project, and so that its own plan can tell', async () => {
    const { containers } = await bench.connection.observe(project, nothing);
    const web = containers.find(({ name }) => name === `${project}-web-2`);
    const published = web?.ports.find(({ host }) => host !== undefined)?.host ?? 0;
    const wanted = { hostIp: '127.0.0.1', port: published, protocol: 'tcp' } as const;
    expect(await taken(wanted)).toEqual([
      {
        ...wanted,
        owner: `container \`${project}-web-2\` of project ${project}`,
        containerId: web?.id,
        alternative: expect.any(Number),
      },
    ]);
    expect(await taken({ ...wanted, protocol: 'udp' })).toEqual([]);
    expect(await taken({ ...wanted, hostIp: '127.0.0.9' })).toEqual([]);
  });

  // Elsewhere the engine's ports are this machine's too, but the process that holds them cannot always be seen into.
  test.skipIf(process.platform !== 'linux')('a process of this machine is named, and a free port near it', async () => {
    const [found] = await taken({ hostIp: '', port, protocol: 'tcp' });
    expect(found?.owner).toMatch(new RegExp(`^process .+ \\(pid ${process.pid}\\)$`));
    const alternative = found?.alternative ?? 0;
    expect(alternative).toBeGreaterThan(port);
    const probe = createServer().listen(alternative, '127.0.0.1');
    await once(probe, 'listening');
    probe.close();
  });
});
