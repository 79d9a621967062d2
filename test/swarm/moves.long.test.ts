import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssuedNow } from '../../main/services/team/invites.ts';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { type Desk, sitDownAt, view } from './team-support.ts';

/* A laptop that wakes up on another network twenty times, and a worker that dies: what the team sees, and how soon. */

let lab: SwarmLab;
let anna: Desk;
let ben: Desk;
beforeAll(async () => {
  lab = await startSwarmLab({ nodes: 2 });
  [anna, ben] = await Promise.all([sitDownAt(lab.node(1)), sitDownAt(lab.node(2))]);
  await anna.get('created', 'team', 'create', 'Falcon');
  await ben.addContext('falcon', `unix://${lab.node(1).socket}`);
  const { invite } = await anna.get<IssuedNow>('issued', 'team', 'invite', '--see', 'context:falcon');
  await ben.get('joined', 'team', 'join', invite);
});
afterAll(async () => {
  await Promise.all([anna, ben].map((desk) => desk?.remove()));
  await lab?.down();
});

describe('a laptop', () => {
  it('is missed within 10 s when its engine dies, and back within 10 s', { timeout: 120_000 }, async () => {
    const seen = (state: string) =>
      expect
        .poll(async () => (await view(anna)).nodes.find(({ hostname }) => hostname === 'n2')?.state, {
          timeout: 10_000,
          interval: 300,
        })
        .toBe(state);
    await ben.node.kill();
    await seen('down');
    await ben.node.start();
    await seen('ready');
    await ben.node.cut();
    await seen('down');
    await ben.node.heal();
    await seen('ready');
  });

  it('is told of twenty changes of its address within 5 s each, and rejoins with its labels', {
    timeout: 900_000,
  }, async () => {
    await anna.get('node', 'team', 'node', 'label', 'n2', 'zone=lab');
    const watching = ben.start('team', 'nodes', '--watch');
    await watching.line((line) => 'says' in line);
    const seconds: number[] = [];
    for (let number = 0; number < 20; number += 1) {
      const address = `${lab.subnet}.${100 + number}`;
      const begun = performance.now();
      await ben.node.move(address);
      const notice = await watching.line((line) => line.moved !== undefined);
      seconds.push((performance.now() - begun) / 1000);
      expect(seconds.at(-1)).toBeLessThan(5);
      expect(notice.moved).toMatchObject({ now: [address] });
      const rejoined = await ben.get<{ labelsKept: boolean; overlay: { verdict: string } }>(
        'rejoined',
        'team',
        'rejoin',
      );
      expect(rejoined.labelsKept).toBe(true);
      expect(rejoined.overlay.verdict).toBe('both');
      const { nodes } = await view(anna);
      expect(nodes.map((node) => [node.hostname, node.address])).toContainEqual(['n2', address]);
      expect(nodes.find(({ hostname }) => hostname === 'n2')?.labels).toMatchObject({
        zone: 'lab',
        'io.claude-env.role': 'laptop',
      });
      expect(nodes).toHaveLength(2);
      await watching.line((line) => line.moved === undefined);
    }
    await watching.stop();
    console.log(`told after ${seconds.map((one) => one.toFixed(1)).join(', ')} s, promised 5 s`);
    expect(seconds).toHaveLength(20);
  });
});
