import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { decodeInvite } from '../../main/core/swarm/invite.ts';
import { code, prepare } from '../services/team-services-support.ts';
import { status } from '../support/fake-team-link.ts';
import { inOrder } from '../support/story.ts';
import { standInSwarm } from './stand.ts';

/* What letting a person in and taking one out does to a real Swarm of two machines. The team's services are in memory. */

const swarm = standInSwarm({ nodes: 2 });
inOrder();

const service = (node: string, secret: string) => `
  on-${node}:
    image: claude-env/base
    init: true
    stop_grace_period: 1s
    command: ["sleep", "1000"]
    secrets: [${secret}]
    deploy: {placement: {constraints: [node.hostname == ${node}]}, update_config: {monitor: 1s}}`;
const file = `
services:${service('n1', 'kept')}${service('n2', 'seen')}
secrets: {kept: {file: ./kept.txt}, seen: {file: ./seen.txt}}
`;

async function operator() {
  const { services } = swarm.stand.app;
  const engine = services.engines.preferred() ?? '';
  const world = prepare({ team: services.team, stacks: services.engines.get(engine).swarmStacks });
  await world.link();
  return { ...world, engine };
}
const tokens = async () =>
  ((await swarm.lab.node(1).docker.swarmInspect()) as unknown as { JoinTokens: Record<'Worker' | 'Manager', string> })
    .JoinTokens;

it('one word lets a person into the services and a machine into the Swarm', async () => {
  const { linked, services, engine } = await operator();
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  services.answers.set('POST invites', status(201, { code, id: 'i7', expires, state: 'open' }));
  const made = await linked.invitePerson({
    ...{ name: 'Olga', role: 'member', lasts: 3600 },
    swarm: { engine, role: 'worker', machine: 'laptop' },
  });
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  expect(decodeInvite(made.invite, { sha256, now: Date.now() })).toMatchObject({
    invite: { services: { code }, swarm: { token: (await tokens()).Worker, role: 'worker', machine: 'laptop' } },
  });
});

it('taking a person out rotates the joins, removes their node, and names the secrets of the tasks there', async () => {
  const place = await swarm.stand.put('shop', { 'compose.yaml': file, 'kept.txt': 'k', 'seen.txt': 's' });
  await swarm.stand.deploy(place, { resolveImage: 'never' });
  const { linked, services } = await operator();
  services.answers.set('GET presence', {
    known: true,
    people: [{ id: 'p2', online: true, environments: [{ machine: 'n2', state: 'running', node: 'n2' }] }],
  });
  services.answers.set('DELETE people/p2', { revoked: 1, nodes: ['n2'], invitesEnded: 0 });
  const before = await tokens();
  const removed = await linked.removePerson('Olga', {});
  expect(removed.notes).toEqual([expect.stringContaining('may go on'), expect.stringContaining('last five tasks')]);
  expect(removed).toMatchObject({ rotated: ['worker', 'manager'], nodes: ['n2'] });
  expect(removed.secrets).toEqual([{ name: 'seen', stack: 'shop', why: 'shop_on-n2 on n2' }]);
  const after = await tokens();
  expect(after.Worker).not.toBe(before.Worker);
  expect(after.Manager).not.toBe(before.Manager);
  const nodes = await swarm.lab.node(1).docker.listNodes();
  expect(nodes.map(({ Description }) => Description?.Hostname)).toEqual(['n1']);
});
