import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { LabNode } from '../support/swarm-lab.ts';
import type { StackPlace } from '../support/swarm-stand.ts';
import { standInSwarm } from './stand.ts';

/* What the linter says of data in a local volume, and what its advice is worth (must-show 6 of issue 5). */

const swarm = standInSwarm({ nodes: 3 });

const compose = (constraint: string): string => `
services:
  db:
    image: claude-env/base
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "if [ -f /data/there ]; then echo data found; else echo no data; fi; touch /data/there; exec sleep 1000"]
    volumes: ["data:/data"]
    deploy: {placement: {constraints: ["${constraint}"]}, restart_policy: {delay: 0s}, update_config: {monitor: 500ms}}
volumes: {data: {}}
`;

const saidBy = async (place: StackPlace): Promise<readonly string[]> => {
  const lines: string[] = [];
  const { signal } = new AbortController();
  const wanted = { follow: false, timestamps: false };
  const [task] = await swarm.stand.tasks(place.name);
  await swarm.stand.app.services.swarm.logs(
    { project: place.name },
    { service: 'db', wanted },
    (frame) => {
      if (frame.kind === 'lines')
        lines.push(...frame.lines.flatMap((one) => (one.taskId === task?.ID ? one.text : [])));
    },
    signal,
  );
  return lines;
};
/** undefined while its task has none. */
const machineOf = async (place: StackPlace): Promise<LabNode | undefined> => {
  const [task] = await swarm.stand.tasks(place.name);
  if (!task?.NodeID) return undefined;
  const node: unknown = await swarm.lab.node(1).docker.getNode(task.NodeID).inspect();
  const { Description } = node as { readonly Description: { readonly Hostname: string } };
  return swarm.lab.nodes.find(({ name }) => name === Description.Hostname);
};
const lintOf = async (place: StackPlace) => (await swarm.stand.plan(place)).warnings.map(({ rule }) => rule);

it('a local volume without a place is warned of, and is empty elsewhere; pinned, it is there when another machine is lost', async () => {
  const loose = await swarm.stand.put('loose', { 'compose.yaml': compose('node.role == worker') });
  expect(await lintOf(loose)).toContain('swarm-stateful');
  await swarm.stand.deploy(loose);
  const first = await machineOf(loose);
  if (first === undefined) throw new Error('its task has no node');
  await first.kill();
  // Swarm sends no events for tasks: its list is asked until it has noticed.
  while (((await machineOf(loose)) ?? first) === first) await pause(1000);
  await swarm.stand.deploy(loose);
  expect(await saidBy(loose)).toEqual(['no data']);
  await swarm.stand.run(loose, { kind: 'remove' });

  await first.start();
  const other = swarm.lab.nodes.find((node) => node !== first && node !== swarm.lab.node(1));
  if (other === undefined) throw new Error('the lab has three machines');
  const pinned = await swarm.stand.put('pinned', { 'compose.yaml': compose(`node.hostname == ${other.name}`) });
  expect(await lintOf(pinned)).not.toContain('swarm-stateful');
  await swarm.stand.deploy(pinned);
  await first.kill();
  expect((await swarm.stand.run(pinned, { kind: 'update', services: ['db'], force: true })).state).toBe('done');
  expect((await machineOf(pinned))?.name).toBe(other.name);
  expect(await saidBy(pinned)).toEqual(['data found']);
}, 300_000);
