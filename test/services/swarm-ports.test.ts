import { expect, it } from 'vitest';
import type { ObservedStack } from '../../main/core/swarm/observed.ts';
import { withEncryptionWarning } from '../../main/services/swarm-encryption.ts';
import { tryPorts } from '../../main/services/swarm-ports.ts';
import { node, observedService, observedStack, task } from '../support/builders-swarm.ts';
import { createFakeEngine } from '../support/fake-engine.ts';

const web = observedService('shop_web', { TaskTemplate: { ContainerSpec: { Image: 'web' } } });
const swarm = (members: Partial<ObservedStack> = {}): ObservedStack =>
  observedStack('shop', {
    node: 'id-n1',
    services: [web],
    nodes: [node('n1', { role: 'manager', address: '10.0.0.1' })],
    ports: [{ port: 8080, target: 80, protocol: 'tcp', mode: 'ingress', service: 'shop_web' }],
    tasks: [task(web.id, 1), task(web.id, 2)],
    ...members,
  });

type Answer = 'open' | 'refused' | 'silent';

/** @param answers by `address:port`, one a try, the last of them again and again; what is not named is silent */
async function run(
  answers: Readonly<Record<string, readonly Answer[]>>,
  observed = swarm(),
  kernel: 'yes' | 'no' | 'unknown' = 'unknown',
) {
  const engine = createFakeEngine();
  const asked: string[] = [];
  const membership = {
    ...engine.connection.membership,
    localImage: async () => 'debian:bookworm',
    routes: async (image: string) => {
      asked.push(`routes ${image}`);
      return kernel;
    },
    encrypts: async () => kernel,
  };
  Object.assign(engine.connection, { membership });
  const left = new Map(Object.entries(answers).map(([place, all]) => [place, [...all]]));
  const report = await tryPorts({
    engines: engine.engines,
    network: {
      tcp: async (host, port) => {
        asked.push(`${host}:${port}`);
        const all = left.get(`${host}:${port}`) ?? ['silent'];
        return (all.length > 1 ? all.shift() : all[0]) ?? 'silent';
      },
    },
    settings: { get: async () => ({ theme: 'system', build: {} }) },
    connection: engine.connection,
    observed,
  });
  const answered = report.ports.map(({ nodes }) => nodes.map((one) => one.answer));
  return { answered, asked, rules: report.findings.map(({ rule }) => rule), connection: engine.connection };
}

it('tries as often as tasks take turns, and asks no kernel where the mesh answers', async () => {
  const { answered, asked, rules } = await run({ '10.0.0.1:8080': ['open'] });
  expect([answered, rules]).toEqual([[['yes']], []]);
  expect(asked).toEqual(['10.0.0.1:8080', '10.0.0.1:8080']);
  const sometimes = await run({ '10.0.0.1:8080': ['open', 'silent'] });
  expect([sometimes.answered, sometimes.rules]).toEqual([[['partly']], ['swarm-mesh']]);
});

it('asks the kernel where the mesh does not answer', async () => {
  const { answered, asked, rules } = await run({ '10.0.0.1:8080': ['refused'] }, swarm(), 'no');
  expect([answered, rules]).toEqual([[['refused']], ['swarm-mesh']]);
  expect(asked.at(-1)).toBe('routes debian:bookworm');
});

it('calls silent only what is within reach, and looks at this machine where its own address leads nowhere', async () => {
  expect((await run({ '10.0.0.1:7946': ['open'] })).answered).toEqual([['silent']]);
  const { answered, asked, rules } = await run({});
  expect([answered, rules]).toEqual([[['unreachable']], []]);
  expect(asked).toContain('127.0.0.1:8080');
  // Docker Desktop: the node's address is one of its virtual machine.
  expect((await run({ '127.0.0.1:8080': ['open'] })).answered).toEqual([['yes']]);
  // Another machine's loopback is not this one's.
  const other = swarm({ nodes: [node('n2', { address: '127.0.0.1' })], tasks: [task(web.id, 1, { node: 'id-n2' })] });
  expect((await run({ '127.0.0.1:8080': ['open'] }, other)).answered).toEqual([['untried']]);
});

it('does not try what is not TCP', async () => {
  const udp = swarm({ ports: [{ port: 53, target: 53, protocol: 'udp', mode: 'ingress', service: 'shop_web' }] });
  const { answered, asked } = await run({}, udp);
  expect([answered, asked]).toEqual([[['untried']], []]);
});

it('warns of an encrypted network that a plan makes, where the kernel cannot carry it', async () => {
  const { connection } = await run({}, swarm(), 'no');
  const settings = { get: async () => ({ theme: 'system' as const, build: {} }) };
  const step = { id: 'n', target: 'n', cause: '', destructive: false, after: [], kind: 'create-network' } as const;
  const plan = (Options?: Readonly<Record<string, string>>) => ({
    project: 'shop',
    action: 'deploy' as const,
    steps: [{ ...step, name: 'shop_net', body: { Driver: 'overlay', ...(Options === undefined ? {} : { Options }) } }],
    losses: [],
    conflicts: [],
    problems: [],
    warnings: [],
  });
  const warned = async (Options?: Readonly<Record<string, string>>) =>
    (await withEncryptionWarning(plan(Options), { connection, settings, observed: swarm() })).warnings;
  expect(await warned()).toEqual([]);
  expect(await warned({ encrypted: '' })).toMatchObject([
    { rule: 'swarm-encryption', message: expect.stringContaining('network shop_net: encrypted, and the kernel of n1') },
  ]);
});
