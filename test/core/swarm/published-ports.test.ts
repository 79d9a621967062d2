import { describe, expect, it } from 'vitest';
import {
  type PortAnswer,
  portFindings,
  portPlaces,
  publishedPorts,
  type TriedPort,
} from '../../../main/core/swarm/published-ports.ts';
import { node, observedService, observedStack, task } from '../../support/builders-swarm.ts';

const web = observedService('shop_web', {});
const swarm = observedStack('shop', {
  services: [web],
  nodes: [
    node('n3', { state: 'down' }),
    node('n2', { address: '10.0.0.2' }),
    node('n1', { role: 'manager', address: '10.0.0.1' }),
  ],
  ports: [
    { port: 8080, target: 80, protocol: 'tcp', mode: 'ingress', service: 'shop_web' },
    { port: 9000, target: 90, protocol: 'tcp', mode: 'ingress', service: 'other' },
  ],
  tasks: [
    task(web.id, 1, { node: 'id-n2', ports: [{ published: 8443, target: 443, protocol: 'tcp' }] }),
    task(web.id, 2, { node: 'id-n1', state: 'shutdown', ports: [{ published: 8443, target: 443, protocol: 'tcp' }] }),
  ],
});

describe('publishedPorts', () => {
  it('has a port of the mesh on every node that answers, one of mode host where a task runs', () => {
    const shown = publishedPorts(swarm).map((port) => [port.published, port.mode, port.nodes.map((one) => one.node)]);
    expect(shown).toEqual([
      [8080, 'ingress', ['n1', 'n2']],
      [8443, 'host', ['n2']],
    ]);
    expect(publishedPorts(swarm).map(portPlaces)).toEqual(['on every node', 'on n2']);
  });

  it('expects no answer while no task runs', () => {
    const [port] = publishedPorts({ ...swarm, tasks: [] });
    expect(port).toMatchObject({ nodes: [], tasks: 0 });
    expect(port && portPlaces(port)).toBe('nowhere: no task runs');
  });
});

describe('portFindings', () => {
  const tried = (mode: 'ingress' | 'host', ...answers: readonly PortAnswer[]): TriedPort => ({
    service: 'web',
    published: 8080,
    target: 80,
    protocol: 'tcp',
    mode,
    tasks: 2,
    nodes: answers.map((answer, at) => ({ id: `id-n${at + 1}`, node: `n${at + 1}`, address: '', answer })),
  });
  const messages = (
    ports: readonly TriedPort[],
    ...kernels: readonly (readonly [string, 'yes' | 'no' | 'unknown'])[]
  ) => portFindings(ports, new Map(kernels)).map(({ message }) => message);

  it('says nothing where all answer, or where this machine reaches nothing', () => {
    expect(messages([tried('ingress', 'yes', 'yes'), tried('host', 'yes'), tried('ingress', 'unreachable')])).toEqual(
      [],
    );
  });

  it('names the kernel where that is known, once', () => {
    const ports = [
      tried('ingress', 'refused', 'refused'),
      { ...tried('ingress', 'refused', 'refused'), published: 81 },
    ];
    expect(messages(ports, ['id-n1', 'no'], ['id-n2', 'no'])).toEqual([
      'the mesh does not answer on n1, n2: the kernel there has no IPVS, so 8080, 81 and the virtual IPs of services lead nowhere',
    ]);
  });

  it('tells a mesh that fails between nodes from a service that does not listen', () => {
    expect(messages([tried('ingress', 'yes', 'silent')])).toEqual([
      'service web: the mesh does not answer at 8080 on n2, and does on n1',
    ]);
    expect(messages([tried('ingress', 'partly', 'partly')], ['id-n1', 'yes'])).toEqual([
      'service web: the mesh answers only now and then at 8080 on n1, n2',
    ]);
    expect(messages([tried('ingress', 'refused', 'refused')], ['id-n1', 'yes'])).toEqual([
      'service web: port 8080 does not answer on any node (n1, n2), though 2 of its tasks run',
    ]);
    expect(messages([tried('host', 'yes', 'refused')])).toEqual([
      'service web: port 8080 does not answer on n2, where a task runs',
    ]);
  });

  it('groups the nodes of a port by what came of it', () => {
    expect(portPlaces(tried('ingress', 'yes', 'refused', 'yes'))).toBe('answers on n1, n3; refused on n2');
  });
});
