import { describe, expect, it } from 'vitest';
import { createLive } from '../../main/services/live.ts';
import type { KnownForEngine } from '../../main/services/live-view.ts';
import {
  createLineSplitter,
  reduceWatchLine,
  toMcpServer,
  type WatchedServer,
} from '../../main/services/mcp-protocol.ts';
import type { Frame } from '../../preload/contract/api.ts';
import { composeLabels, createFakeEngine } from '../support/fake-engine.ts';
import { createFakeClock, createFakeFiles, createFakeLog } from '../support/fake-engine-world.ts';

const server = (name: string, state = 'ready'): Record<string, unknown> => ({
  server: name,
  port: 3001,
  path: '/mcp',
  state,
  reason: null,
  tools: [{ name: 'look', description: 'looks' }],
  pid: 12,
  restarts: 0,
  since: '2026-01-01T00:00:00Z',
});
const snapshot = (...servers: Record<string, unknown>[]) => `${JSON.stringify({ type: 'snapshot', servers })}\n`;
const change = (one: Record<string, unknown>) => `${JSON.stringify({ type: 'change', server: one })}\n`;

const local: KnownForEngine = {
  stacks: [{ project: 'claude-env-local', title: 'Local', kind: 'local', files: [], services: ['mcp-bundle'] }],
};

async function setUp(known: KnownForEngine = local, project = 'claude-env-local') {
  const engine = createFakeEngine();
  const clock = createFakeClock();
  const { log } = createFakeLog();
  const live = createLive({
    engines: engine.engines,
    files: createFakeFiles(),
    clock,
    log,
    scope: 'all',
    known: async () => known,
  });
  engine.put({
    name: 'mcp-servers-local',
    labels: composeLabels(project, 'mcp-bundle', { 'io.claude-env.mcp': 'true' }),
    ports: [{ container: 3001, protocol: 'tcp', host: 4001, hostIp: '127.0.0.1' }],
  });
  const frames: Frame<'live'>[] = [];
  live.subscribe((frame) => frames.push(frame));
  await clock.advance(100);
  const mcp = () => live.state().services[`fake/${project}/mcp-bundle`]?.mcp;
  return { engine, clock, live, frames, mcp };
}

describe('mcp servers in the live state', () => {
  it('follows one exec a container and puts every change into the service', async () => {
    const { engine, clock, mcp, live } = await setUp();
    expect(engine.execs).toHaveLength(1);
    expect(engine.execs[0]?.options.command).toEqual(['mcp-supervisor', 'watch']);
    // Its standard input is what ends it when we are gone.
    expect(engine.execs[0]?.options.input).toBeDefined();
    engine.execs[0]?.write(snapshot(server('context7'), server('magic', 'needs-setup')));
    expect(mcp()).toMatchObject([
      { server: 'context7', state: 'ready', url: 'http://127.0.0.1:4001/mcp', tools: [{ name: 'look' }] },
      { server: 'magic', state: 'needs-setup' },
    ]);
    engine.execs[0]?.write(change(server('context7', 'starting')));
    expect(mcp()).toMatchObject([{ state: 'starting' }, { state: 'needs-setup' }]);
    await clock.advance(1000);
    expect(engine.execs).toHaveLength(1);
    live.close();
  });

  it('starts the exec again, with growing pauses, while the container runs', async () => {
    const { engine, clock, mcp, live } = await setUp();
    engine.execs[0]?.write(snapshot(server('context7')));
    engine.execs[0]?.end(137);
    await clock.advance(0);
    expect(mcp()).toMatchObject([{ state: 'unknown', reason: expect.any(String) }]);
    await clock.advance(250);
    expect(engine.execs).toHaveLength(2);
    engine.execs[1]?.end(1);
    await clock.advance(250);
    expect(engine.execs).toHaveLength(2);
    await clock.advance(250);
    expect(engine.execs).toHaveLength(3);
    engine.execs[2]?.write(snapshot(server('context7')));
    expect(mcp()).toMatchObject([{ state: 'ready' }]);
    live.close();
  });

  it('stops with the container and begins anew with its next life', async () => {
    const { engine, clock, mcp, live } = await setUp();
    engine.execs[0]?.write(snapshot(server('context7')));
    engine.put({ name: 'mcp-servers-local', state: 'exited', exitCode: 137 }, 'die');
    await clock.advance(100);
    expect(engine.execs[0]?.options.signal?.aborted).toBe(true);
    expect(mcp()).toBeUndefined();
    await clock.advance(60_000);
    expect(engine.execs).toHaveLength(1);
    engine.put({ name: 'mcp-servers-local', state: 'running', startedAt: '2026-01-01T01:00:00Z' });
    await clock.advance(100);
    expect(engine.execs).toHaveLength(2);
    live.close();
  });

  it('starts nothing in a container that is not of the stack we ship, whatever its label says', async () => {
    const { engine, live } = await setUp({ stacks: [] }, 'stranger');
    expect(engine.execs).toEqual([]);
    live.close();
  });

  it('counts a container as ours when it was made from the file that we ship', async () => {
    const { engine, live } = await setUp({ stacks: [], localFile: '/srv/own/compose.yaml' }, 'own');
    expect(engine.execs).toHaveLength(1);
    live.close();
  });
});

describe('what a container may say', () => {
  const known = reduceWatchLine([], snapshot(server('a')));

  it.each([
    ['no JSON', 'hello'],
    ['another type', '{"type":"bye"}'],
    ['a port that is none', change({ ...server('a'), port: 70_000 })],
    ['a name with markup', change({ ...server('a'), server: '<img>' })],
    ['too many servers', snapshot(...Array.from({ length: 65 }, (_, index) => server(`s${index}`)))],
    ['too many tools', change({ ...server('a'), tools: Array.from({ length: 501 }, () => ({ name: 't' })) })],
    ['an array', '[]'],
  ])('%s is left out', (_name, line) => {
    expect(reduceWatchLine(known ?? [], line)).toBeUndefined();
  });

  it('unknown states and odd paths become harmless, long texts short', () => {
    const [one] =
      reduceWatchLine(
        [],
        snapshot({ ...server('a', 'on-fire'), path: '//evil.example/', reason: 'x'.repeat(9_000) }),
      ) ?? [];
    expect(one).toMatchObject({ state: 'unknown', path: '/mcp' });
    expect(one?.reason).toHaveLength(2_000);
  });

  it('a server more than 64 by changes is refused', () => {
    let servers: readonly WatchedServer[] = [];
    for (let index = 0; index < 64; index += 1) servers = reduceWatchLine(servers, change(server(`s${index}`))) ?? [];
    expect(servers).toHaveLength(64);
    expect(reduceWatchLine(servers, change(server('one-more')))).toBeUndefined();
  });

  it('has an address only where its port is published on this machine', () => {
    const [one] = known ?? [];
    if (one === undefined) throw new Error('no server');
    const published = { container: 3001, protocol: 'tcp', host: 4001, hostIp: '127.0.0.1' } as const;
    expect(toMcpServer(one, [published], true).url).toBe('http://127.0.0.1:4001/mcp');
    expect(toMcpServer(one, [published], false).url).toBeUndefined();
    expect(toMcpServer(one, [{ container: 3001, protocol: 'tcp' }], true).url).toBeUndefined();
    expect(toMcpServer(one, [{ ...published, hostIp: '192.168.1.5' }], true).url).toBeUndefined();
  });

  it('cuts lines wherever chunks end, also inside a character, and drops a line past 256 KiB whole', () => {
    const lines: string[] = [];
    let tooLong = 0;
    const split = createLineSplitter(
      (line) => lines.push(line),
      () => {
        tooLong += 1;
      },
    );
    const bytes = new TextEncoder().encode('{"a":"é"}\n{"b":1}\n');
    for (const byte of bytes) split(Uint8Array.of(byte));
    const long = new TextEncoder().encode('x'.repeat(100_000));
    for (let part = 0; part < 50; part += 1) split(long);
    split(new TextEncoder().encode('tail\nafter\n'));
    expect(lines).toEqual(['{"a":"é"}', '{"b":1}', 'after']);
    expect(tooLong).toBe(1);
  });
});
