import { chmod, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { startEngineView, startSpiedView } from '../support/engine-view.ts';
import { forTests } from '../support/for-tests.ts';
import { standInSwarm } from './stand.ts';

/*
 * The one service that has the engine's socket: what it shows of a real Swarm, and that nobody gets past it. Between it and
 * the engine stands a spy that writes down every request.
 */

const key = 'k'.repeat(40);
const swarm = standInSwarm({ nodes: 1 });
const spied = forTests(
  () => startSpiedView(swarm.lab.node(1).socket, key),
  (running) => running.stop(),
);
const view = () => spied().view;
const port = (service = view()): number => service.ports.http ?? 0;
const ask = (path: string, headers: Record<string, string> = { authorization: `Bearer ${key}` }, service = view()) =>
  fetch(`http://127.0.0.1:${port(service)}${path}`, { headers });

/** What a client that keeps to no rule gets, until the other side closes or has nothing more to say. */
const send = (bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ port: port(), host: '127.0.0.1' }, () => socket.end(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more;
    });
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });

const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'];
const paths = [
  '/containers/json',
  '/v1.41/nodes',
  '/v1.41/containers/create',
  '/nodes/',
  '//nodes',
  '/nodes?filters=%7B%7D',
  '/nodes/../containers/json',
  '/nodes/%2e%2e/containers/json',
  '/nodes%2f..%2fcontainers%2fjson',
  '/nodes%0d%0aDELETE%20/services/api',
  '/nodes%00',
  '/NODES',
  '/%6eodes',
  '/secrets',
  '/configs',
  '/swarm/unlockkey',
  '/services/create',
  '/_ping',
  'http://engine/containers/json',
  '*',
];
const keyed = `Authorization: Bearer ${key}\r\nHost: engine\r\n`;
const create = 'POST /containers/create HTTP/1.1\r\nHost: engine\r\nContent-Length: 2\r\n\r\n{}';
const smuggled = [
  `GET /nodes HTTP/1.1\r\n${keyed}Content-Length: ${create.length}\r\n\r\n${create}`,
  `GET /nodes HTTP/1.1\r\n${keyed}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${create}`,
  `GET /nodes HTTP/1.1\r\n${keyed}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${create}`,
  `GET /nodes HTTP/1.1\r\n${keyed}Transfer-Encoding: xchunked\r\n\r\n${create}`,
  `GET /nodes HTTP/1.1\n${keyed}\n\n${create}`,
  `GET /nodes HTTP/1.1\r\n${keyed}Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n${create}`,
  `GET /nodes HTTP/1.1\r\n${keyed}X: a\r\n\tb\r\n\r\n${create}`,
  `GET /nodes HTTP/1.1\r\n${keyed}\r\n${create}`,
];

it('shows nodes, services, tasks and deploys, and nothing of what they carry', async () => {
  const { docker } = swarm.lab.node(1);
  await docker.createConfig({
    Name: 'web_deploy-1',
    Labels: {
      'com.docker.stack.namespace': 'web',
      'io.claude-env.deploy': '1',
      'io.claude-env.deploy.number': '1',
      'io.claude-env.deploy.who': 'anna@laptop',
      'io.claude-env.deploy.at': '2026-11-21T12:00:00.000Z',
      'io.claude-env.deploy.changes': 'create api: environment.TOKEN canary-value',
      other: 'canary-label',
    },
    Data: Buffer.from('canary-data').toString('base64'),
  });
  await docker.createSecret({ Name: 'canary-secret', Data: Buffer.from('x').toString('base64') });
  const changes = await ask('/changes');
  const lines = changes.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await lines?.read())?.value).toBe('{"what":"swarm"}\n');
  await docker.createService({
    Name: 'api',
    Labels: { 'com.docker.stack.namespace': 'web', other: 'canary-label' },
    TaskTemplate: {
      ContainerSpec: {
        Image: 'claude-env/base:latest',
        Env: ['TOKEN=canary-value'],
        Args: ['sleep', '1000', 'canary-argument'],
        Command: ['/bin/sh', '-c', 'exec sleep 1000'],
      },
    },
    Mode: { Replicated: { Replicas: 2 } },
    EndpointSpec: { Mode: 'dnsrr' },
  });
  // Told when it is made, and again when its tasks run: of those Swarm itself tells nobody.
  const running = async () => ((await (await ask('/services')).json()) as { services: { running: number }[] }).services;
  while ((await running())[0]?.running !== 2) expect((await lines?.read())?.done).toBe(false);
  await lines?.cancel();

  const seen = (await (await ask('/swarm')).json()) as Record<string, unknown>;
  expect(seen).toMatchObject({
    info: { swarm: { state: 'active', managers: 1, nodes: 1 } },
    nodes: [{ hostname: 'n1', role: 'manager', state: 'ready', leader: true }],
    services: [{ name: 'api', stack: 'web', running: 2, desired: 2, image: 'claude-env/base:latest' }],
    tasks: [{ state: 'running' }, { state: 'running' }],
    deploys: [{ stack: 'web', number: 1, who: 'anna@laptop', what: 'create api' }],
  });
  const all = await Promise.all(
    ['/info', '/nodes', '/services', '/tasks', '/deploys', '/swarm', '/metrics'].map(async (path) =>
      (await ask(path)).text(),
    ),
  );
  expect(all.join('')).not.toMatch(/canary|SWMTKN|BEGIN CERTIFICATE/);
  expect(all[6]).toContain('claude_env_service_tasks_running{service="api"} 2');
});

it('answers the service key alone', async () => {
  for (const path of ['/info', '/nodes', '/services', '/tasks', '/deploys', '/swarm', '/changes']) {
    for (const authorization of ['', 'Bearer', `Bearer ${key}x`, `Basic ${key}`])
      expect((await ask(path, { authorization })).status, `${path} ${authorization}`).toBe(401);
  }
  for (const path of ['/health', '/ready', '/metrics']) expect((await ask(path, {})).status, path).toBe(200);
});

it('lets nothing through to the engine but its own questions, whatever is sent', async () => {
  const { docker } = swarm.lab.node(1);
  const state = async () => [
    (await docker.listServices()).map(({ ID, Version }) => [ID, Version]),
    (await docker.listContainers({ all: true })).map(({ Id }) => Id).sort(),
    (await docker.listSecrets()).length,
    (await docker.listConfigs()).length,
    (await docker.listNodes()).map(({ ID, Spec }) => [ID, Spec]),
  ];
  const before = await state();
  const answers = new Map<string, string>();
  for (const method of methods) {
    for (const path of ['/nodes', '/services/create', '/services/api', '127.0.0.1:2375']) {
      const head = `${method} ${path} HTTP/1.1\r\n${keyed}Connection: close\r\n\r\n`;
      answers.set(head, await send(head));
    }
  }
  for (const path of paths) {
    const head = `GET ${path} HTTP/1.1\r\n${keyed}Connection: close\r\n\r\n`;
    answers.set(head, await send(head));
  }
  for (const [sent, answer] of answers) expect(answer, sent).not.toMatch(/^HTTP\/1\.1 [23]/);
  // Of these, what stands before the trick may be answered; what comes after it, never with success.
  for (const bytes of smuggled) {
    const codes = [...(await send(bytes)).matchAll(/^HTTP\/1\.1 (\d)/gm)].map(([, digit]) => digit);
    expect(codes.slice(1), bytes).not.toContain('2');
  }
  expect(await state()).toEqual(before);
  const heads = spied().spy.heads();
  const asked = new Set([...heads.matchAll(/^([A-Z]+ \S+) HTTP/gm)].map(([, line]) => decodeURIComponent(line ?? '')));
  const version = '/v1.41';
  for (const line of asked) {
    expect([
      'GET /_ping',
      `GET ${version}/info`,
      `GET ${version}/nodes`,
      `GET ${version}/services?status=true`,
      `GET ${version}/tasks`,
      `GET ${version}/configs?filters={"label":["io.claude-env.deploy"]}`,
      `GET ${version}/events?filters={"type":["node","service","config"],"scope":["swarm"]}`,
    ]).toContain(line);
  }
  expect(asked.size).toBe(7);
  expect((await ask('/nodes')).status).toBe(200);
});

it('is no root, has the socket’s group and no capability', async () => {
  const status = await readFile(`/proc/${view().pid}/status`, 'utf8');
  expect(status).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m);
  expect(status).toMatch(/^CapEff:\t0+$/m);
  expect(status).toMatch(/^CapPrm:\t0+$/m);
});

it('says that the engine is away, in words of its own, and goes on by itself', async () => {
  const node = swarm.lab.node(1);
  // Where a lab's engines are is for root alone.
  for (const folder of [dirname(node.socket), dirname(dirname(node.socket))]) await chmod(folder, 0o755);
  const direct = await startEngineView(node.socket, key);
  const look = (path: string) => ask(path, undefined, direct);
  expect((await look('/nodes')).status).toBe(200);
  await node.kill();
  await expect
    .poll(async () => {
      const answer = await look('/nodes');
      return [answer.status, answer.headers.get('retry-after'), await answer.json()];
    })
    .toEqual([503, '5', { error: { code: 'engine.unreachable', message: 'The engine does not answer.' } }]);
  expect((await look('/health')).status).toBe(200);
  expect((await look('/ready')).status).toBe(503);
  expect(await (await look('/metrics')).text()).toContain('claude_env_swarm_up 0');
  await node.start();
  await expect.poll(async () => (await look('/nodes')).status, { timeout: 60_000 }).toBe(200);
  expect(await direct.stop()).toBe(0);
});
