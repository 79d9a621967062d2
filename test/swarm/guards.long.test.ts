import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssuedNow } from '../../main/services/team/invites.ts';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { codeOf, type Desk, sitDownAt, view } from './team-support.ts';

/* Who answers at a manager's address, and what a Swarm's only manager leaves behind. */

let lab: SwarmLab;
let anna: Desk;
let ben: Desk;
beforeAll(async () => {
  lab = await startSwarmLab({ nodes: 2, image: false });
  [anna, ben] = await Promise.all([sitDownAt(lab.node(1)), sitDownAt(lab.node(2))]);
  await anna.get('created', 'team', 'create', 'Falcon');
});
afterAll(async () => {
  await Promise.all([anna, ben].map((desk) => desk?.remove()));
  await lab?.down();
});

describe('a team', () => {
  it('comes back from a backup of its only manager, who cannot leave without one', async () => {
    const [root, file] = [join(anna.node.dir, 'data'), join(anna.folder, 'backup.tar.gz')];
    expect(await codeOf(anna, 'team', 'backup', '--root', root, '--to', file)).toBe('swarm.refused');
    await anna.node.stop();
    await anna.get('backup', 'team', 'backup', '--root', root, '--to', file);
    await anna.node.start();
    expect(await codeOf(anna, 'team', 'leave', '--backup', join(anna.node.dir, 'docker.pid'))).toBe('swarm.refused');
    const left = await anna.get<{ ended: boolean }>('left', 'team', 'leave', '--backup', file);
    expect(left.ended).toBe(true);
    expect((await view(anna)).member).toBe(false);

    await anna.node.stop();
    await anna.get('restored', 'team', 'restore', '--root', root, '--from', file);
    await anna.node.start();
    await expect.poll(async () => (await view(anna)).quorum?.state, { timeout: 30_000, interval: 300 }).toBe('ok');
    expect((await view(anna)).team).toBe('Falcon');
  });

  it('is not joined where another Swarm answers at its manager’s address', async () => {
    const { invite } = await anna.get<IssuedNow>('issued', 'team', 'invite');
    await anna.get('left', 'team', 'leave', '--without-backup');
    await anna.get('created', 'team', 'create', 'Falcon');
    expect(await codeOf(ben, 'team', 'join', invite)).toBe('swarm.other-certificate');
    expect((await ben.node.docker.info()).Swarm?.LocalNodeState).toBe('inactive');
  });
});
