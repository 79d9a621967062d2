import { expect, it } from 'vitest';
import type { EngineSignal } from '../../main/core/seen.ts';
import type { ObservedStack } from '../../main/core/swarm/observed.ts';
import { missingNodes } from '../../main/docker/swarm-logs.ts';
import { gapText } from '../../main/hosts/cli/commands/stack-look.ts';
import type { LogOptions, ServiceLogLine } from '../../main/services/ports.ts';
import { followServiceLogs } from '../../main/services/swarm-logs.ts';
import type { SwarmLogFrame } from '../../preload/contract/swarm-logs.ts';
import { node, observedService, observedStack, task } from '../support/builders-swarm.ts';
import { createFakeClock, settle } from '../support/fake-engine-world.ts';

const at = (second: number) => `2026-01-01T12:00:${String(second).padStart(2, '0')}.000000000Z`;
const changedAt = Date.UTC(2026, 0, 1, 12, 0, 40);

const service = observedService('shop_web', {});
const swarm = (state: string): ObservedStack =>
  observedStack('shop', {
    services: [service],
    nodes: [node('n1', { role: 'manager' }), node('n2', { state, changedAt })],
    tasks: [task(service.id, 1), task(service.id, 2, { node: 'id-n2' })],
  });

interface Reader {
  readonly options: LogOptions;
  readonly signal: AbortSignal;
  readonly line: (slot: number, at: string, text: string, task?: string) => void;
  readonly end: (missing?: readonly string[]) => void;
}

function setUp(follow: boolean, before = swarm('ready')) {
  let there = before;
  const clock = createFakeClock();
  const readers: Reader[] = [];
  const frames: Exclude<SwarmLogFrame, { kind: 'dropped' }>[] = [];
  const listeners = new Set<(signal: EngineSignal) => void>();
  const controller = new AbortController();
  let looks = 0;
  const swarmStacks = {
    observe: async () => {
      looks += 1;
      return there;
    },
    logs: (_service: string, options: LogOptions, onLine: (line: ServiceLogLine) => void, signal: AbortSignal) =>
      new Promise<{ missing: readonly string[] }>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        readers.push({
          options,
          signal,
          line: (slot, time, text, id = `task-${service.id}-${slot}`) =>
            onLine({ stream: 'stdout', at: time, text, task: id, node: `id-n${slot}` }),
          end: (missing = []) => resolve({ missing }),
        });
      }),
  };
  const reading = followServiceLogs({
    connection: {
      swarmStacks: swarmStacks as never,
      watch: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    clock,
    stack: 'shop',
    service: 'web',
    wanted: { follow, tail: 2 },
    onFrame: (frame) => {
      if (frame.kind !== 'dropped') frames.push(frame);
    },
    signal: controller.signal,
  });
  const told: EngineSignal = {
    kind: 'event',
    event: { type: 'node', action: 'update', id: 'id-n2', attributes: {}, timeNano: '0' },
  };
  return {
    clock,
    readers,
    frames,
    reading,
    controller,
    looks: () => looks,
    become: async (state: ObservedStack) => {
      there = state;
      for (const listener of listeners) listener(told);
      await settle();
    },
    shown: () =>
      frames.flatMap((frame) =>
        frame.kind === 'gap'
          ? gapText(frame.gap)
          : frame.lines.map(({ task: name, node: on, text }) => `${name}@${on} ${text}`),
      ),
    seqs: () => frames.flatMap((frame) => (frame.kind === 'gap' ? frame.gap.seq : frame.lines.map(({ seq }) => seq))),
  };
}

it('puts the tasks’ lines in the order of their times, and names a node whose lines are missing', async () => {
  const run = setUp(false);
  await settle();
  const [reader] = run.readers;
  expect(reader?.options).toEqual({ tail: 2, follow: false, timestamps: true });
  reader?.line(1, at(2), 'second');
  reader?.line(1, at(4), 'fourth');
  reader?.line(2, at(1), 'first');
  reader?.line(2, at(3), 'third');
  reader?.end(['id-n2']);
  await run.reading;
  expect(run.shown()).toEqual([
    'web.2@n2 first',
    'web.1@n1 second',
    'web.2@n2 third',
    'web.1@n1 fourth',
    expect.stringMatching(/^— no lines from web\.2 on n2 since \d\d:00: the node does not answer —$/),
  ]);
  expect(run.seqs()).toEqual([0, 1, 2, 3, 4]);
});

it('says nothing of a node that is gone where the service never was', async () => {
  const gone = swarm('down');
  const run = setUp(false, { ...gone, tasks: gone.tasks.slice(0, 1) });
  await settle();
  run.readers[0]?.end();
  await run.reading;
  expect(run.frames).toEqual([]);
});

it('marks the gap while it follows, and asks anew from there when the node is back, without repeating a line', async () => {
  const run = setUp(true);
  await settle();
  run.readers[0]?.line(1, at(1), 'one');
  run.readers[0]?.line(2, at(2), 'two');
  await run.become(swarm('down'));
  await run.become(swarm('down'));
  run.readers[0]?.line(1, at(9), 'nine');
  run.readers[0]?.line(2, at(2), 'two');
  await run.become(swarm('ready'));
  expect(run.readers.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  expect(run.readers[1]?.options).toEqual({ since: '1767268802.000000000', follow: true, timestamps: true });
  run.readers[1]?.line(2, at(2), 'two');
  run.readers[1]?.line(2, at(3), 'three');
  run.readers[1]?.line(1, at(9), 'nine');
  run.readers[1]?.line(1, at(10), 'ten');
  await run.clock.advance(50);
  expect(run.shown()).toEqual([
    'web.1@n1 one',
    'web.2@n2 two',
    expect.stringMatching(/^— no lines from web\.2 on n2 since/),
    'web.1@n1 nine',
    expect.stringMatching(/^— n2 answers again/),
    'web.2@n2 three',
    'web.1@n1 ten',
  ]);
  run.controller.abort();
  await run.reading;
});

it('looks up a task that was made meanwhile, once, and keeps the order', async () => {
  const run = setUp(true);
  await settle();
  const looks = run.looks();
  const later = swarm('ready');
  const fresh = task(service.id, 3, { id: 'fresh' });
  void run.become({ ...later, tasks: [...later.tasks, fresh] });
  run.readers[0]?.line(1, at(1), 'a', 'fresh');
  run.readers[0]?.line(1, at(2), 'b', 'fresh');
  run.readers[0]?.line(1, at(3), 'c');
  await settle();
  await run.clock.advance(50);
  expect(run.shown()).toEqual(['web.3@n1 a', 'web.3@n1 b', 'web.1@n1 c']);
  expect(run.looks() - looks).toBe(2);
  run.controller.abort();
  await run.reading;
});

it('shows lines whose task is still looked up when the log ends, and looks up a forgotten task once', async () => {
  const run = setUp(false);
  await settle();
  const [reader] = run.readers;
  const looks = run.looks();
  reader?.line(1, at(1), 'a', 'forgotten-by-all');
  await settle();
  reader?.line(1, at(2), 'b', 'forgotten-by-all');
  await settle();
  expect(run.looks() - looks).toBe(1);
  reader?.line(1, at(3), 'c', 'another');
  reader?.end();
  await run.reading;
  expect(run.shown()).toEqual(['forgotten-by@n1 a', 'forgotten-by@n1 b', 'another@n1 c']);
});

it('reads which nodes the engine’s own sentence calls missing', () => {
  const said =
    'Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. some logs could not be retrieved for the following reasons: node 113y79v9eg1te6u4uphywf664 is not available, task x1 has not been scheduled';
  expect(missingNodes(said)).toEqual(['113y79v9eg1te6u4uphywf664']);
  expect(missingNodes('Error grabbing logs: context canceled')).toBeUndefined();
});
