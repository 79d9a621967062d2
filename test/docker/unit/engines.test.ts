import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEngines } from '../../../main/docker/engines.ts';
import { type Host, nodeHost } from '../../../main/docker/host.ts';
import type { Engines } from '../../../main/services/ports.ts';
import type { Engine } from '../../../preload/contract/model.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import { createFakeEngine, type FakeEngine } from './fake-engine.ts';

let home: string;
let clock: ManualClock;
let first: FakeEngine;
let second: FakeEngine;
let engines: Engines | undefined;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'claude-env-home-'));
  clock = createManualClock();
  first = await createFakeEngine();
  second = await createFakeEngine();
});
afterEach(async () => {
  await engines?.close();
  await first.remove();
  await second.remove();
  await rm(home, { recursive: true, force: true });
});

/** A machine whose docker contexts `a` and `b` are the two engines; nothing is at the usual places. */
function host(contexts: readonly string[] = ['a', 'b'], env: Readonly<Record<string, string>> = {}): Host {
  const paths: Readonly<Record<string, string>> = { a: first.path, b: second.path };
  const meta = `${home}/.docker/contexts/meta`;
  const nothing = '/var/run/docker.sock';
  const real = nodeHost();
  return {
    ...real,
    platform: 'linux',
    home,
    uid: undefined,
    env: { COLIMA_HOME: join(home, 'colima'), ...env },
    list: async (path) => (path === meta ? contexts : []),
    exists: async (path) => path !== nothing && path !== '/run/podman/podman.sock' && (await real.exists(path)),
    readText: async (path) => {
      const name = contexts.find((context) => path === `${meta}/${context}/meta.json`);
      if (name === undefined) return undefined;
      return JSON.stringify({ Name: name, Endpoints: { docker: { Host: `unix://${paths[name]}` } } });
    },
  };
}

const until = (fits: (engine: Engine) => boolean): Promise<Engine> =>
  new Promise((resolve) => {
    const look = (engine: Engine) => fits(engine) && resolve(engine);
    engines?.onChange(look);
    for (const engine of engines?.list() ?? []) look(engine);
  });
const connected = (id: string) => until((engine) => engine.id === id && engine.state.kind === 'connected');
const unreachable = (id: string) => until((engine) => engine.id === id && engine.state.kind === 'unreachable');

describe('several at once', () => {
  test('both connect; the first in order is preferred, whichever answered sooner', async () => {
    await Promise.all([first.listen(), second.listen()]);
    engines = await createEngines({ clock, host: host() });
    await Promise.all([connected('context:a'), connected('context:b')]);
    expect(engines.list().map(({ id, preferred, local }) => [id, preferred, local])).toEqual([
      ['context:a', true, true],
      ['context:b', false, true],
    ]);
  });

  test('with no choice made, the one that answers is preferred, and stays so when the other comes', async () => {
    await second.listen();
    engines = await createEngines({ clock, host: host() });
    await unreachable('context:a');
    await connected('context:b');
    expect(engines.preferred()).toBe('context:b');
    await first.listen();
    engines.retry('context:a');
    await connected('context:a');
    expect(engines.preferred()).toBe('context:b');
  });

  test('a choice stays a choice while it does not answer', async () => {
    await second.listen();
    engines = await createEngines({ clock, host: host(['a', 'b'], { DOCKER_CONTEXT: 'a' }) });
    await connected('context:b');
    await unreachable('context:a');
    expect(engines.preferred()).toBe('context:a');
    await engines.close();
    engines = await createEngines({ clock, host: host(['a', 'b'], { DOCKER_CONTEXT: 'a' }), preferred: 'context:b' });
    expect(engines.preferred()).toBe('context:b');
  });

  test('another choice counts at once and is told of both', async () => {
    await Promise.all([first.listen(), second.listen()]);
    engines = await createEngines({ clock, host: host() });
    await Promise.all([connected('context:a'), connected('context:b')]);
    const told: [string, boolean][] = [];
    engines.onChange(({ id, preferred }) => told.push([id, preferred]));
    await engines.prefer('context:b');
    expect(engines.preferred()).toBe('context:b');
    expect(told).toEqual([
      ['context:a', false],
      ['context:b', true],
    ]);
  });

  test('on use: nobody is asked before somebody wants them', async () => {
    await Promise.all([first.listen(), second.listen()]);
    engines = await createEngines({ clock, host: host(), connect: 'on-use' });
    expect(await engines.get('context:b').listContainers()).toEqual([]);
    expect(first.requests).toEqual([]);
    expect(second.requests).toContain('/_ping');
  });

  test('an engine nobody knows', async () => {
    engines = await createEngines({ clock, host: host() });
    expect(() => engines?.get('context:c')).toThrow(/no engine “context:c”/);
  });
});

test.skipIf(process.platform === 'win32')('a product that is started later is noticed', async () => {
  await second.listen();
  engines = await createEngines({ clock, host: host(['a']) });
  await unreachable('context:a');
  await clock.waiting(2000);
  await mkdir(join(home, 'colima/default'), { recursive: true });
  await symlink(second.path, join(home, 'colima/default/docker.sock'));
  clock.advance(2000);
  const found = await connected('socket:colima');
  expect(found).toMatchObject({ title: 'Colima', source: 'socket of Colima', preferred: true });
});
