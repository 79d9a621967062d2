import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startSwarmLab } from '../support/swarm-lab.ts';

/** The lab itself: what it makes is a Swarm's machines, and what it takes away is everything. */

const run = promisify(execFile);
const lines = async (command: string, ...args: readonly string[]) => (await run(command, args)).stdout;

describe('a lab', () => {
  it('is machines that know nothing of each other, whose cables and addresses can be changed, and leaves nothing', async () => {
    const lab = await startSwarmLab({ nodes: 2, image: false });
    const one = lab.node(1);
    const two = lab.node(2);
    try {
      const [first, second] = await Promise.all([one.docker.info(), two.docker.info()]);
      expect([first.Name, second.Name]).toEqual(['n1', 'n2']);
      expect(first.ID).not.toBe(second.ID);

      await lab.form();
      expect((await one.docker.listNodes()).length).toBe(2);

      const open = ['bash', '-c', `exec 3<>/dev/tcp/${one.address}/2377`];
      const reachable = async () => (await two.exec(open)).code === 0;
      expect(await reachable()).toBe(true);
      await one.move(`${lab.subnet}.77`);
      expect(await reachable()).toBe(false);
      await one.move(one.address);
      expect(await reachable()).toBe(true);

      await two.kill();
      await expect(two.docker.ping()).rejects.toThrow();
      await two.start();
      expect((await two.docker.info()).Swarm?.LocalNodeState).not.toBe('inactive');
    } finally {
      await lab.down();
    }
    expect(await lines('ip', 'netns', 'list')).not.toMatch(new RegExp(`^${one.netns.replace('-n1', '')}\\b`, 'm'));
    expect(await lines('ip', 'route')).not.toContain(`${lab.subnet}.0/24`);
    expect(await lines('cat', '/proc/self/mounts')).not.toContain(one.dir);
    expect(existsSync(one.dir)).toBe(false);
  });
});
