import { describe, expect, it } from 'vitest';
import {
  buildEngineView,
  configFilesOf,
  diffLive,
  type EngineView,
  type EngineViewInput,
  type KnownStack,
} from '../../main/core/live.ts';
import type { SeenContainer } from '../../main/core/seen.ts';
import { applyPatch, emptyLiveState } from '../../preload/contract/live-state.ts';
import { type LiveState, liveState, type McpServer, type Service, type Stack } from '../../preload/contract/model.ts';
import { idOf, seenContainer } from '../support/builders.ts';

const view = (containers: readonly SeenContainer[], members: Partial<EngineViewInput> = {}): EngineView =>
  buildEngineView({ engine: 'default', containers, known: [], mcp: {}, foundFiles: new Set(), ...members });

function stackOf(found: EngineView, project = 'shop'): Stack {
  const stack = found.stacks[`default/${project}`];
  if (stack === undefined) throw new Error(`no stack ${project}`);
  return stack;
}
function serviceOf(found: EngineView, name: string, project = 'shop'): Service {
  const service = found.services[`default/${project}/${name}`];
  if (service === undefined) throw new Error(`no service ${name}`);
  return service;
}

const known = (members: Partial<KnownStack> = {}): KnownStack => ({
  project: 'shop',
  title: 'Shop',
  kind: 'compose',
  files: ['/srv/shop/compose.yaml'],
  filesFound: true,
  services: ['web', 'db'],
  ...members,
});

describe('stacks and services from containers', () => {
  it('secrets that are missing, and those that could be in files', () => {
    const missingSecrets = ['/run/secrets/token'];
    const fileAdvice = [{ variable: 'POSTGRES_PASSWORD', fileVariable: 'POSTGRES_PASSWORD_FILE' }];
    const found = view([seenContainer('shop', 'db', { missingSecrets, fileAdvice }), seenContainer('shop', 'web')]);
    expect(serviceOf(found, 'db')).toMatchObject({
      aggregate: 'degraded',
      reason: expect.stringMatching(/^Secret token is missing/),
      nextStep: expect.stringContaining('Start it again'),
      fileAdvice,
      containers: [{ missingSecrets }],
    });
    expect(stackOf(found)).toMatchObject({ aggregate: 'degraded', reason: expect.stringMatching(/^db: Secret token/) });
    expect(serviceOf(found, 'web').fileAdvice).toBeUndefined();
    expect(liveState.safeParse({ engines: {}, ...found }).success).toBe(true);
  });

  it('a healthy stack, found by its labels alone', () => {
    const labels = {
      'com.docker.compose.project.config_files': '/srv/shop/compose.yaml,/srv/shop/more.yaml',
      'com.docker.compose.project.working_dir': '/srv/shop',
    };
    const found = view(
      [
        seenContainer('shop', 'web', {
          labels,
          startedAt: '2026-01-02T00:00:00Z',
          ports: [
            { host: 8080, hostIp: '0.0.0.0', container: 80, protocol: 'tcp' },
            { host: 8080, hostIp: '::', container: 80, protocol: 'tcp' },
          ],
        }),
        seenContainer('shop', 'db', { labels, health: 'healthy' }),
      ],
      { foundFiles: new Set(['/srv/shop/compose.yaml']) },
    );
    expect(stackOf(found)).toMatchObject({
      id: 'default/shop',
      title: 'shop',
      kind: 'compose',
      aggregate: 'healthy',
      files: ['/srv/shop/compose.yaml', '/srv/shop/more.yaml'],
      workingDir: '/srv/shop',
      filesFound: false,
      services: ['default/shop/db', 'default/shop/web'],
    });
    expect(stackOf(found).reason).toBeUndefined();
    expect(serviceOf(found, 'web')).toMatchObject({
      aggregate: 'healthy',
      state: 'running',
      startedAt: '2026-01-02T00:00:00Z',
    });
    expect(serviceOf(found, 'web').ports, 'one published port is one line').toHaveLength(1);
    expect(serviceOf(found, 'web').containers[0]?.id).toBe(`default//${idOf('shop-web-1')}`);
  });

  it('a known stack without containers is there, stopped, with the services of its file', () => {
    const found = view([], { known: [known()] });
    expect(stackOf(found)).toMatchObject({ title: 'Shop', aggregate: 'stopped', reason: 'Not created yet' });
    expect(serviceOf(found, 'web')).toMatchObject({ aggregate: 'stopped', state: 'absent', health: 'none' });
    expect(stackOf(found).services).toEqual(['default/shop/web', 'default/shop/db']);
  });

  it('a service that the file has and the engine has not degrades a running stack and says so', () => {
    const found = view([seenContainer('shop', 'web')], { known: [known()] });
    expect(serviceOf(found, 'db')).toMatchObject({ aggregate: 'stopped', reason: 'It has no container' });
    expect(stackOf(found)).toMatchObject({ aggregate: 'degraded', reason: 'db: It has no container' });
  });

  it('a finished init job does not degrade a stack', () => {
    const job = seenContainer('shop', 'migrate', { state: 'exited', exitCode: 0, restartPolicy: 'no' });
    const found = view([seenContainer('shop', 'web'), job]);
    expect(serviceOf(found, 'migrate').aggregate).toBe('completed');
    expect(stackOf(found).aggregate).toBe('healthy');
  });

  it('a failed one does, with the cause first and what to do', () => {
    const job = seenContainer('shop', 'migrate', { state: 'exited', exitCode: 127, restartPolicy: 'no' });
    const found = view([seenContainer('shop', 'web'), job]);
    expect(serviceOf(found, 'migrate')).toMatchObject({
      aggregate: 'failed',
      reason: 'Its command was not found, exit code 127',
      nextStep: expect.stringContaining('command or entrypoint'),
    });
    expect(stackOf(found)).toMatchObject({
      aggregate: 'degraded',
      reason: 'migrate: Its command was not found, exit code 127',
    });
  });

  it('a stack that was stopped as a whole is stopped, whatever the exit codes', () => {
    const found = view([
      seenContainer('shop', 'web', { state: 'exited', exitCode: 143 }),
      seenContainer('shop', 'db', { state: 'exited', exitCode: 137 }),
      seenContainer('shop', 'job', { state: 'exited', exitCode: 0 }),
    ]);
    expect(stackOf(found).aggregate).toBe('stopped');
    expect(stackOf(found).reason).toBeUndefined();
  });

  it('one of several containers unhealthy: degraded, and counted', () => {
    const found = view([
      seenContainer('shop', 'web', { number: 1, health: 'healthy' }),
      seenContainer('shop', 'web', { number: 2, health: 'unhealthy', healthOutput: 'no answer' }),
    ]);
    expect(serviceOf(found, 'web')).toMatchObject({
      aggregate: 'degraded',
      reason: '1 of 2 containers: Its health check fails: no answer',
      health: 'unhealthy',
    });
  });

  it('a crash loop is a failure that says so', () => {
    const found = view([seenContainer('shop', 'web', { state: 'restarting', exitCode: 1, restarts: 12 })]);
    expect(stackOf(found).aggregate).toBe('failed');
    expect(serviceOf(found, 'web').reason).toMatch(/again and again \(12 restarts\)/);
    expect(serviceOf(found, 'web').restarts).toBe(12);
  });

  it('one-off containers are listed and change nothing', () => {
    const oneOff = seenContainer('shop', 'web', {
      name: 'shop-web-run-0123456789ab',
      labels: { 'com.docker.compose.oneoff': 'True' },
      state: 'exited',
      exitCode: 1,
      restarts: 4,
    });
    const found = view([seenContainer('shop', 'web'), oneOff]);
    expect(serviceOf(found, 'web')).toMatchObject({ aggregate: 'healthy', restarts: 0 });
    expect(serviceOf(found, 'web').containers.map((container) => container.oneOff)).toEqual([false, true]);
  });

  it('MCP servers ride on their service and colour nothing', () => {
    const magic: McpServer = { server: 'magic', port: 3003, state: 'needs-setup', tools: [], restarts: 0 };
    const found = view([seenContainer('shop', 'web')], { mcp: { 'default/shop/web': [magic] } });
    expect(serviceOf(found, 'web')).toMatchObject({ aggregate: 'healthy', mcp: [magic] });
  });

  it('an engine that is lost makes everything unknown and keeps what was seen', () => {
    const found = view([seenContainer('shop', 'web')], { reachable: false });
    expect(stackOf(found).aggregate).toBe('unknown');
    expect(serviceOf(found, 'web')).toMatchObject({ aggregate: 'unknown', state: 'running' });
    expect(serviceOf(found, 'web').reason).toMatch(/engine does not answer/);
  });
});

describe('labels are written by anybody', () => {
  it.each(['', '../etc', 'a/b', 'x y', '<script>', 'a'.repeat(129), 'ä'])('project %j is not shown', (project) => {
    expect(view([seenContainer(project, 'web')]).stacks).toEqual({});
  });
  it.each(['', 'a/b', 'x\ny', 'a'.repeat(129)])('service %j is not shown', (name) => {
    expect(view([seenContainer('shop', name)]).services).toEqual({});
  });
  it('`__proto__` is a name like any other', () => {
    const found = view([seenContainer('__proto__', 'constructor')]);
    expect(Object.keys(found.stacks)).toEqual(['default/__proto__']);
    expect(Object.keys(found.services)).toEqual(['default/__proto__/constructor']);
  });
  it('endless lists of files are cut', () => {
    const files = Array.from({ length: 1000 }, (_, index) => `/f${index}`).join(',');
    const container = seenContainer('shop', 'web', { labels: { 'com.docker.compose.project.config_files': files } });
    expect(configFilesOf([container])).toHaveLength(32);
    const long = { 'com.docker.compose.project.config_files': `/${'x'.repeat(10_000)}` };
    expect(configFilesOf([seenContainer('shop', 'web', { labels: long })])).toEqual([]);
  });
  it('a container number that is none becomes 0', () => {
    const labels = { 'com.docker.compose.container-number': '9e999' };
    expect(serviceOf(view([seenContainer('shop', 'web', { labels })]), 'web').containers[0]?.number).toBe(0);
  });
  it('what comes out fits the contract', () => {
    const { stacks, services } = view([
      seenContainer('shop', 'web', { exitCode: 1, state: 'exited', healthOutput: 'x'.repeat(9000), error: 'no' }),
    ]);
    expect(() => liveState.parse({ engines: {}, stacks, services })).not.toThrow();
    expect(services['default/shop/web']?.containers[0]?.healthOutput).toHaveLength(2000);
  });
});

describe('patches', () => {
  const state = (containers: readonly SeenContainer[]): LiveState => ({ engines: {}, ...view(containers) });
  const follow = (before: LiveState, after: LiveState): LiveState => diffLive(before, after).reduce(applyPatch, before);

  it('nothing for the same', () => {
    expect(diffLive(state([seenContainer('shop', 'web')]), state([seenContainer('shop', 'web')]))).toEqual([]);
  });

  it('only what changed, and the result is the new state', () => {
    const before = state([seenContainer('shop', 'web'), seenContainer('shop', 'db'), seenContainer('blog', 'web')]);
    const after = state([
      seenContainer('shop', 'web'),
      seenContainer('shop', 'db', { health: 'starting' }),
      seenContainer('blog', 'web'),
    ]);
    expect(diffLive(before, after).map((patch) => (patch.op === 'drop' ? patch.id : patch.value.id))).toEqual([
      'default/shop/db',
      'default/shop',
    ]);
    const followed = follow(before, after);
    expect(followed).toEqual(after);
    expect(followed.services['default/shop/web'], 'identity is kept').toBe(before.services['default/shop/web']);
  });

  it('what is gone is dropped, the stack before its services', () => {
    const before = state([seenContainer('shop', 'web')]);
    expect(diffLive(before, emptyLiveState)).toEqual([
      { op: 'drop', kind: 'stacks', id: 'default/shop' },
      { op: 'drop', kind: 'services', id: 'default/shop/web' },
    ]);
    expect(follow(before, emptyLiveState)).toEqual(emptyLiveState);
  });

  it('a member that disappears is a change', () => {
    const before = state([seenContainer('shop', 'web', { startedAt: '2026-01-01T00:00:00Z' })]);
    const after = state([seenContainer('shop', 'web')]);
    expect(follow(before, after)).toEqual(after);
  });
});
