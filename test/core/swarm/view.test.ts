import { describe, expect, it } from 'vitest';
import { asLastSeen, swarmChanges, toSwarmServices } from '../../../main/core/swarm/view.ts';
import { type SwarmService, type SwarmState, swarmState } from '../../../preload/contract/swarm.ts';
import { applySwarmPatch, unseenSwarm } from '../../../preload/contract/swarm-state.ts';
import { node, now, observedService, task } from '../../support/builders-swarm.ts';
import { fullSwarm, lostSwarm, workerSwarm } from '../../support/scenarios-team.ts';

const TaskTemplate = { ContainerSpec: { Image: `example/web:2@sha256:${'a'.repeat(64)}` } };
const web = observedService('shop_web', {
  Name: 'shop_web',
  Labels: { 'com.docker.stack.namespace': 'shop' },
  Mode: { Replicated: { Replicas: 2 } },
  TaskTemplate,
  EndpointSpec: { Ports: [{ PublishedPort: 8080, TargetPort: 80, Protocol: 'tcp' }, { TargetPort: 81 }] },
});
const current = { spec: TaskTemplate };
const look = (
  tasks: Parameters<typeof toSwarmServices>[0]['tasks'],
  nodes = [node('n1'), node('n2')],
  service = web,
): SwarmService => {
  const found = toSwarmServices({
    services: [service],
    tasks,
    nodes,
    now,
    redact: (text) => text.replaceAll('hunter2', '***'),
  })[service.id];
  if (found === undefined) throw new Error('the service is not there');
  return found;
};
const running = [task(web.id, 1, current), task(web.id, 2, { ...current, node: 'id-n2' })];

describe('a service', () => {
  it('says what it is, by names', () => {
    expect(look(running)).toMatchObject({
      name: 'shop_web',
      stack: 'shop',
      mode: 'replicated',
      running: 2,
      desired: 2,
      image: 'example/web:2',
      digest: `sha256:${'a'.repeat(64)}`,
      aggregate: 'healthy',
      ports: [{ published: 8080, target: 80, protocol: 'tcp' }],
      tasks: [
        { slot: 1, node: 'n1', state: 'running', failed: false },
        { slot: 2, node: 'n2' },
      ],
    });
    expect(look(running)).not.toHaveProperty('reason');
  });

  it('names the nodes of a port that is of nodes with a task alone', () => {
    const EndpointSpec = { Ports: [{ PublishedPort: 8443, TargetPort: 443, Protocol: 'tcp', PublishMode: 'host' }] };
    const host = { ...web, spec: { ...web.spec, EndpointSpec } };
    const [port] = look(
      [...running, task(web.id, 3, { ...current, node: 'id-n3', state: 'failed' })],
      undefined,
      host,
    ).ports;
    expect(port).toEqual({ published: 8443, target: 443, protocol: 'tcp', nodes: ['n1', 'n2'] });
  });

  it('whose tasks end and are replaced is not well between two ends, until a minute has passed', () => {
    const end = (at: number) =>
      task(web.id, 2, {
        ...current,
        state: 'failed',
        desired: 'shutdown',
        at,
        error: 'task: non-zero exit (3)',
        exitCode: 3,
      });
    expect(look([...running, end(now - 5000)]).aggregate).toBe('healthy');
    expect(look([...running, end(now - 5000), end(now - 20_000)])).toMatchObject({
      aggregate: 'degraded',
      reason: 'its tasks keep ending: it ended with exit code 3',
    });
    expect(look([...running, end(now - 5000), end(now - 70_000)]).aggregate).toBe('healthy');
  });

  it('does not count a task whose node went away, which Swarm still calls running', () => {
    const seen = look(running, [node('n1'), node('n2', { state: 'down' })]);
    expect(seen).toMatchObject({ running: 1, desired: 2, aggregate: 'degraded', reason: '1 of 2 tasks run' });
    expect(seen.tasks.map(({ state, failed }) => [state, failed])).toEqual([
      ['running', false],
      ['unknown', false],
    ]);
  });

  it('goes on where a leader that was just chosen has not heard of its nodes yet', () => {
    const seen = look(running, [node('n1', { state: 'unknown' }), node('n2', { state: 'unknown' })]);
    expect(seen).toMatchObject({ running: 2, aggregate: 'healthy' });
  });

  it('that crashes again and again is failed, with the errors of its tasks behind those that are wanted', () => {
    const ended = [1, 2, 3].map((minute) => ({
      ...task(web.id, 1, {
        ...current,
        state: 'failed',
        desired: 'shutdown',
        createdAt: now - minute * 60_000,
        error: 'task: non-zero exit (3): hunter2',
        exitCode: 3,
      }),
      id: `ended-${minute}`,
    }));
    const starting = [1, 2].map((slot) => task(web.id, slot, { ...current, state: 'starting' }));
    const seen = look([...ended, ...starting]);
    expect(seen).toMatchObject({ aggregate: 'failed', running: 0, reason: expect.stringContaining('exit code 3') });
    expect(seen.tasks.map(({ id }) => id)).toEqual([
      'task-id-shop_web-1',
      'task-id-shop_web-2',
      'ended-1',
      'ended-2',
      'ended-3',
    ]);
    expect(seen.tasks[2]).toMatchObject({ failed: true, exitCode: 3, error: 'it ended with exit code 3' });
  });

  it('waits for a node without being called failed, and says nothing of values in use', () => {
    const pending = task(web.id, 2, {
      state: 'pending',
      createdAt: now - 1000,
      error: 'no suitable node (hunter2)',
      ...current,
    });
    const { node: _none, ...unplaced } = pending;
    const seen = look([...running.slice(0, 1), unplaced]);
    expect(seen).toMatchObject({ aggregate: 'working', running: 1 });
    expect(seen.tasks[1]).toMatchObject({ state: 'pending', error: 'no suitable node (***)' });
    expect(seen.tasks[1]).not.toHaveProperty('node');
    expect(JSON.stringify(seen)).not.toContain('hunter2');
  });

  it('of no replicas is stopped; one on every node has as many as there are', () => {
    const none = { ...web, spec: { ...web.spec, Mode: { Replicated: { Replicas: 0 } } } };
    expect(look([], [], none).aggregate).toBe('stopped');
    const everywhere = { ...web, spec: { ...web.spec, Mode: { Global: {} } } };
    expect(look(running, undefined, everywhere)).toMatchObject({ mode: 'global', running: 2, desired: 2 });
  });
});

describe('patches', () => {
  it.each([fullSwarm, lostSwarm, workerSwarm])('make one state of another, whatever came before', (after) => {
    expect(swarmState.parse(after)).toEqual(after);
    for (const before of [unseenSwarm, fullSwarm]) {
      const made = swarmChanges(before, after).reduce(applySwarmPatch, before);
      expect(made).toEqual(after);
    }
  });

  it('are none where nothing changed, and leave alone what did not', () => {
    expect(swarmChanges(fullSwarm, structuredClone(fullSwarm))).toEqual([]);
    const [first, second] = Object.values(fullSwarm.services);
    if (first === undefined || second === undefined) throw new Error('too few services');
    const after: SwarmState = {
      ...fullSwarm,
      services: { ...fullSwarm.services, [first.id]: { ...first, running: 9 } },
    };
    const changes = swarmChanges(fullSwarm, after);
    expect(changes).toEqual([{ op: 'put-service', value: { ...first, running: 9 } }]);
    expect(changes.reduce(applySwarmPatch, fullSwarm).services[second.id]).toBe(second);
  });
});

it('keeps what was seen last, as unknown, where nobody can be asked', () => {
  const { nodes, services } = asLastSeen(fullSwarm, { nodes: {} });
  expect(Object.keys(services)).toEqual(Object.keys(fullSwarm.services));
  expect(new Set(Object.values(services).map(({ aggregate }) => aggregate))).toEqual(new Set(['unknown']));
  expect(Object.values(nodes).map(({ state, leader }) => [state, leader])).toEqual([
    ['ready', false],
    ...Array.from({ length: 4 }, () => ['unknown', false]),
  ]);
  expect(asLastSeen(unseenSwarm, { nodes: workerSwarm.nodes }).nodes).toHaveProperty('10.77.0.2');
});
