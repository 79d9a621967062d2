import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeInvite, encodeInvite } from '../../main/core/swarm/invite.ts';
import type { IssuedNow } from '../../main/services/team/invites.ts';
import type { Joined } from '../../main/services/team/join.ts';
import type { TeamView } from '../../main/services/team/view.ts';
import { inOrder } from '../support/story.ts';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { codeOf, type Desk, sitDownAt, view } from './team-support.ts';

/*
 * A team's life on three machines, as people have it: each at his own machine, with nothing in common but the invite.
 * One story in order; the tests of a file share the lab.
 */

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
let lab: SwarmLab;
let anna: Desk;
let ben: Desk;
let cleo: Desk;
let invite: IssuedNow;

beforeAll(async () => {
  lab = await startSwarmLab({ nodes: 3 });
  [anna, ben, cleo] = await Promise.all([sitDownAt(lab.node(1)), sitDownAt(lab.node(2)), sitDownAt(lab.node(3))]);
});
afterAll(async () => {
  await Promise.all([anna, ben, cleo].map((desk) => desk?.remove()));
  await lab?.down();
});

/** The same invite, as it would be had it been made for less time. */
const expired = (word: string): string => {
  const read = decodeInvite(word, { sha256, now: Date.now() });
  if ('error' in read) throw new Error(read.error.message);
  return encodeInvite({ ...read.invite, expires: Math.floor(Date.now() / 1000) - 60 }, sha256);
};
/** Lab engines answer at once, Swarms agree within seconds: asked again until it is so. */
const until = <T>(ask: () => Promise<T>, fits: (answer: T) => boolean) =>
  expect.poll(async () => fits(await ask()), { timeout: 30_000, interval: 300 }).toBe(true);

describe('a team', () => {
  inOrder();
  it('is made by one, whose machine is its first manager and a server', async () => {
    const made = await anna.get<{ address: string; encrypted: boolean }>('created', 'team', 'create', 'Falcon');
    expect(made.address).toBe(lab.node(1).address);
    const seen = await view(anna);
    expect(seen).toMatchObject({
      member: true,
      team: 'Falcon',
      source: 'manager',
      quorum: { state: 'ok', managers: 1 },
    });
    expect(seen.nodes).toMatchObject([{ hostname: 'n1', machine: 'server', here: true, state: 'ready' }]);
    expect(await codeOf(anna, 'team', 'create', 'Again')).toBe('swarm.already-member');
  });

  it('is entered by an invite alone, and overlay traffic flows both ways', async () => {
    invite = await anna.get<IssuedNow>('issued', 'team', 'invite');
    expect(invite.probe).toBe(true);
    const joined = await ben.get<Joined>('joined', 'team', 'join', invite.invite);
    expect(joined).toMatchObject({ team: 'Falcon', role: 'worker', address: lab.node(2).address });
    expect(joined.overlay.verdict).toBe('both');
    const [{ ID: id } = { ID: '' }] = (await lab.node(1).docker.listNodes()).filter(
      (node) => node.ID === joined.nodeId,
    );
    expect(id).toBe(joined.nodeId);
  });

  it('keeps the token out of everything but the invite', async () => {
    const { JoinTokens } = (await lab.node(1).docker.swarmInspect()) as unknown as {
      JoinTokens: Record<string, string>;
    };
    const secret = JoinTokens.Worker?.slice(-25) ?? '';
    for (const args of [['invites'], ['nodes'], ['nodes', '--json'], ['invites', '--json']]) {
      expect((await anna.say('team', ...args)).stdout).not.toContain(secret);
    }
    const { stdout } = await anna.node.exec(['grep', '-rl', secret, anna.folder, ben.folder]);
    expect(stdout).toBe('');
  });

  it('refuses invites that are altered, not whole, no invites at all, or expired, and changes nothing then', async () => {
    const word = invite.invite;
    const altered = `${word.slice(0, 60)}${word[60] === 'a' ? 'b' : 'a'}${word.slice(61)}`;
    expect(await codeOf(cleo, 'team', 'join', altered)).toBe('swarm.invite-invalid');
    expect(await codeOf(cleo, 'team', 'join', word.slice(0, -9))).toBe('swarm.invite-invalid');
    expect(await codeOf(cleo, 'team', 'join', 'SWMTKN-1-x-y')).toBe('swarm.invite-invalid');
    expect(await codeOf(cleo, 'team', 'join', expired(word))).toBe('swarm.invite-expired');
    expect((await cleo.node.docker.info()).Swarm?.LocalNodeState).toBe('inactive');
  });

  it('refuses an invite whose token was rotated, and names the invites that die with it', async () => {
    const rotated = await anna.get<{ died: { id: string }[] }>('rotated', 'team', 'rotate', 'worker');
    expect(rotated.died).toHaveLength(1);
    expect(await codeOf(cleo, 'team', 'join', invite.invite)).toBe('swarm.invite-refused');
    expect((await cleo.node.docker.info()).Swarm?.LocalNodeState).toBe('inactive');
    expect((await view(anna)).invites).toEqual([]);
  });

  it('shows a worker what its engine knows, and the whole team through the place that the invite names', async () => {
    await ben.get('left', 'team', 'leave');
    // Who has left stays on the list, until an operator takes it off.
    await until(
      () => view(anna),
      ({ nodes }) => nodes.some(({ hostname, state }) => hostname === 'n2' && state === 'down'),
    );
    await anna.get('removed', 'team', 'node', 'rm', 'n2');
    const again = await anna.get<IssuedNow>('issued', 'team', 'invite', '--see', 'context:falcon');
    await ben.get('joined', 'team', 'join', again.invite, '--no-probe');
    const blind = await view(ben);
    expect(blind).toMatchObject({ member: true, team: 'Falcon', source: 'self' });
    expect(blind.nodes.map(({ role, here }) => [role, here])).toEqual([
      ['worker', true],
      ['manager', false],
    ]);
    await ben.addContext('falcon', `unix://${lab.node(1).socket}`);
    const seen = await view(ben);
    expect(seen.source).toBe('endpoint');
    expect(seen.nodes.find(({ here }) => here)?.hostname).toBe('n2');
    expect(seen.nodes.find(({ hostname }) => hostname === 'n1')?.manager?.leader).toBe(true);
  });

  it('tells within 5 s that a machine has another address, and joins it again with its labels', async () => {
    const before = (await view(ben)).nodes.find(({ here }) => here);
    await anna.get('node', 'team', 'node', 'label', before?.id ?? '', 'zone=lab', 'disk=fast');
    await anna.get('node', 'team', 'node', 'role', before?.id ?? '', 'laptop');
    const watching = ben.start('team', 'nodes', '--watch');
    await watching.line((line) => 'says' in line);
    for (const host of ['77', '78']) {
      const address = `${lab.subnet}.${host}`;
      const begun = performance.now();
      await ben.node.move(address);
      const notice = await watching.line((line) => line.moved !== undefined);
      expect(performance.now() - begun).toBeLessThan(5000);
      expect(notice.moved).toMatchObject({ now: [address] });
      const rejoined = await ben.get<{ labelsKept: boolean; address: string }>(
        'rejoined',
        'team',
        'rejoin',
        '--no-probe',
      );
      expect(rejoined).toMatchObject({ labelsKept: true, address });
      const labels = (await view(anna)).nodes.find((node) => node.address === address)?.labels;
      expect(labels).toMatchObject({ zone: 'lab', disk: 'fast', 'io.claude-env.role': 'laptop' });
      expect((await view(anna)).nodes.filter(({ hostname }) => hostname === 'n2')).toHaveLength(1);
      await watching.line((line) => line.moved === undefined && 'says' in line);
    }
    await watching.stop();
  });

  it('says that too few managers answer, changes nothing then, and goes on with one by the guide', async () => {
    const door = await anna.get<IssuedNow>('issued', 'team', 'invite', '--role', 'manager', '--machine', 'server');
    await cleo.get('joined', 'team', 'join', door.invite, '--no-probe');
    await anna.get('node', 'team', 'node', 'promote', 'n2');
    await until(
      () => view(anna),
      ({ quorum }) => quorum?.managers === 3 && quorum.state === 'ok',
    );
    await Promise.all([ben.node.kill(), cleo.node.kill()]);
    const begun = performance.now();
    await until(
      () => view(anna),
      ({ problem }) => problem?.code === 'swarm.no-quorum',
    );
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect((await view(anna)).nodes).toHaveLength(3);
    expect(await codeOf(anna, 'team', 'node', 'drain', 'n2')).toBe('swarm.no-quorum');
    const recovered = await anna.get<TeamView>('recovered', 'team', 'recover');
    expect(recovered).toMatchObject({ team: 'Falcon', quorum: { managers: 1, state: 'ok' } });
    await anna.get('removed', 'team', 'node', 'rm', 'n3', '--force');
    expect((await view(anna)).nodes.map(({ hostname }) => hostname).sort()).toEqual(['n1', 'n2']);
  });

  it('is not ended by accident', async () => {
    expect(await codeOf(anna, 'team', 'leave')).toBe('swarm.refused');
    expect(await codeOf(anna, 'team', 'leave', '--backup', join(anna.folder, 'nothing'))).toBe('swarm.refused');
    expect((await anna.get<{ ended: boolean }>('left', 'team', 'leave', '--without-backup')).ended).toBe(true);
    expect((await view(anna)).member).toBe(false);
  });
});
