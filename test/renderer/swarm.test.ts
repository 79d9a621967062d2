import { describe, expect, test } from 'vitest';
import type { Frame } from '../../preload/contract/api.ts';
import { sizeText } from '../../preload/contract/size-text.ts';
import { unseenSwarm } from '../../preload/contract/swarm-state.ts';
import {
  nodeLook,
  portLook,
  roleWords,
  shortName,
  sortedNodes,
  stackGroups,
  swarmCommand,
  swarmPortText,
  swarmPortTitle,
  swarmSummary,
  taskLook,
  taskTitle,
  updateText,
} from '../../renderer/show/swarm.ts';
import { createSwarmStore } from '../../renderer/store/swarm.ts';
import { fullSwarm, lostSwarm, managerPart, node, service, task, workerSwarm } from '../support/scenarios-team.ts';
import { createFakeClient, createQueue } from './support.ts';

describe('words', () => {
  test('stacks in the order of their names, what belongs to none last', () => {
    expect(stackGroups(fullSwarm.services).map(({ stack, services }) => [stack, services.map(shortName)])).toEqual([
      ['docs', ['web']],
      ['team', ['agent', 'api', 'db', 'migrate']],
      [undefined, ['registry']],
    ]);
  });

  test('a port of the mesh is every node’s, another one says where', () => {
    const mesh = { published: 8080, target: 80, protocol: 'tcp' };
    expect([swarmPortText(mesh), swarmPortTitle(mesh)]).toEqual([':8080', '8080 → 80/tcp, on every node']);
    const texts = [[], ['n1'], ['n1', 'n2', 'n3']].map((nodes) => swarmPortText({ ...mesh, nodes }));
    expect(texts).toEqual([':8080 on no node', ':8080 on n1', ':8080 on 3 nodes']);
    expect(swarmPortTitle({ ...mesh, nodes: ['n1', 'n2'] })).toBe('8080 → 80/tcp, on nodes with a task: n1, n2');
  });

  test('a port that answers not, or not always, is no healthy one; what could not be tried is no failure', () => {
    const answers = ['yes', 'partly', 'refused', 'silent', 'unreachable', 'untried', undefined] as const;
    expect(answers.map((one) => [portLook(one).tone, portLook(one).label])).toEqual([
      ['ok', 'answers'],
      ['warn', 'answers now and then'],
      ['bad', 'refused'],
      ['bad', 'silent'],
      ['idle', 'node out of reach'],
      ['idle', 'not tried'],
      ['idle', 'no task runs'],
    ]);
  });

  test.each([
    [0, '0 kB'],
    [1, '1 kB'],
    [12_460_000, '12.5 MB'],
    [340_000_000, '340 MB'],
    [2_140_000_000, '2.1 GB'],
  ])('%i bytes of a file', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  test('managers before workers', () => {
    expect(sortedNodes(fullSwarm.nodes).map((one) => [one.hostname, roleWords(one)])).toEqual([
      ['falcon-1', 'manager, leader'],
      ['falcon-2', 'manager'],
      ['falcon-3', 'manager'],
      ['anna-laptop', 'worker'],
      ['bens-thinkpad', 'worker'],
    ]);
  });

  test('nothing is counted where it is not known', () => {
    expect(swarmSummary(fullSwarm)).toBe('5 nodes, 1 not ready · 2 stacks · 6 services');
    expect(swarmSummary({ ...unseenSwarm, part: managerPart })).toBe('0 stacks · 0 services');
    for (const state of [lostSwarm, { ...lostSwarm, services: {} }, workerSwarm, unseenSwarm])
      expect(swarmSummary(state)).not.toMatch(/\d+ (services|stacks)/);
    const short = { ...managerPart, quorum: { managers: 3, reachable: 2, needed: 2 } };
    expect(swarmSummary({ ...fullSwarm, part: short })).toContain('2 of 3 managers answer');
  });

  test('shapes: an end against the wish is red, one that was asked for is not', () => {
    const look = (state: string, failed = false, error?: string) =>
      taskLook({ ...task('t', 1), state, failed, ...(error === undefined ? {} : { error }) });
    expect([look('failed', true), look('rejected', true)].map(({ tone }) => tone)).toEqual(['bad', 'bad']);
    expect(look('shutdown').tone).toBe('idle');
    expect(look('preparing').tone).toBe('busy');
    expect(look('pending', false, 'no suitable node').tone).toBe('warn');
    expect(look('unknown').label).toBe('node is away');
    expect(nodeLook(node('n', '10.0.0.1', { state: 'down' })).tone).toBe('bad');
    expect(nodeLook(node('n', '10.0.0.1', { role: 'manager', reachable: false }))).toMatchObject({
      tone: 'warn',
      label: 'not reached',
    });
  });

  test('names and updates', () => {
    const web = service('shop', 'web', { update: { state: 'rollback_completed', message: '' } });
    expect([taskTitle(web, task('t', 2)), updateText(web)]).toEqual(['web.2', 'rolled back']);
    const { slot: _none, ...everywhere } = task('t', 1);
    expect(taskTitle(web, everywhere)).toBe('web');
    expect(updateText({ ...web, update: { state: 'completed', message: '' } })).toBe('');
  });

  test('the command for a terminal names the engine, where another one would be taken', () => {
    const words = 'stack scale -p shop web=3';
    expect(swarmCommand(words, undefined)).toBe('npx claude-env stack scale -p shop web=3');
    expect(swarmCommand(words, 'context:farm')).toBe('npx claude-env stack scale -p shop web=3 --engine context:farm');
    expect(swarmCommand('team leave', 'context:my farm')).toBe("npx claude-env team leave --engine 'context:my farm'");
  });
});

describe('the store', () => {
  const setUp = () => {
    const fake = createFakeClient();
    const later = createQueue();
    const store = createSwarmStore(fake.client, later.after);
    const sendFrame = (frame: Frame<'swarm'>) => fake.send({ t: 'frame', id: fake.opens().at(-1)?.id ?? -1, frame });
    return { ...fake, store, sendFrame };
  };
  const snapshot = { kind: 'snapshot', seq: 0, state: fullSwarm } as const;
  const looking = { kind: 'snapshot', seq: 0, state: unseenSwarm } as const;
  const id = 'id-team-api';
  const put = { op: 'put-part', value: managerPart } as const;

  test('follows the one engine, takes patches, and keeps the rest as it is', () => {
    const { store, opens, closes, sendFrame } = setUp();
    const stop = store.actions.follow('default');
    expect(opens().map(({ stream, input }) => [stream, input])).toEqual([['swarm', { engine: 'default' }]]);
    sendFrame(snapshot);
    const { nodes } = store.getState();
    sendFrame({ kind: 'patches', seq: 1, patches: [{ op: 'drop', kind: 'services', id }] });
    expect(store.getState().services).not.toHaveProperty(id);
    expect(store.getState().nodes).toBe(nodes);
    stop();
    expect(closes()).toHaveLength(1);
  });

  test('looked at anew, what is known stays until the engine has answered, and nothing of it after', () => {
    const { store, sendFrame } = setUp();
    store.actions.follow('default')();
    const stop = store.actions.follow('default');
    sendFrame(snapshot);
    stop();
    store.actions.follow('default');
    sendFrame(looking);
    expect(store.getState().services).toHaveProperty(id);
    sendFrame({ kind: 'patches', seq: 1, patches: [put] });
    expect(store.getState()).toMatchObject({ part: { kind: 'manager' }, services: {}, nodes: {} });
  });

  test('a hole in the numbers is mended by a fresh snapshot; another engine begins with nothing', () => {
    const { store, opens, sendFrame } = setUp();
    store.actions.follow('default');
    sendFrame(snapshot);
    sendFrame({ kind: 'patches', seq: 5, patches: [{ op: 'drop', kind: 'services', id }] });
    expect(opens()).toHaveLength(2);
    expect(store.getState().services).toHaveProperty(id);
    store.actions.follow('other');
    expect(store.getState()).toMatchObject({ engine: 'other', part: { kind: 'looking' }, services: {} });
  });
});
