import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabNode, type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { createSwarmStand, type StackPlace, type SwarmStand } from '../support/swarm-stand.ts';

/* What the linter says of data in a local volume, and what its advice is worth (must-show 6 of issue 5). */

let lab: SwarmLab;
let stand: SwarmStand;

beforeAll(async () => {
  lab = await startSwarmLab({ nodes: 3 });
  await lab.form();
  stand = await createSwarmStand(lab.node(1));
});
afterAll(async () => {
  await stand?.close();
  await lab?.down();
});

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
  const [task] = await stand.tasks(place.name);
  await stand.app.services.swarm.logs(
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
const machineOf = async (place: StackPlace): Promise<LabNode> => {
  const [task] = await stand.tasks(place.name);
  const node: unknown = await lab
    .node(1)
    .docker.getNode(task?.NodeID ?? '')
    .inspect();
  const { Description } = node as { readonly Description: { readonly Hostname: string } };
  const found = lab.nodes.find(({ name }) => name === Description.Hostname);
  if (found === undefined) throw new Error(`no machine ${Description.Hostname}`);
  return found;
};
const lintOf = async (place: StackPlace) => (await stand.plan(place)).warnings.map(({ rule }) => rule);

it('a local volume without a place is warned of, and is empty elsewhere; pinned, it is there when another machine is lost', async () => {
  const loose = await stand.put('loose', { 'compose.yaml': compose('node.role == worker') });
  expect(await lintOf(loose)).toContain('swarm-stateful');
  await stand.deploy(loose);
  const first = await machineOf(loose);
  await first.kill();
  // Swarm sends no events for tasks: its list is asked until it has noticed.
  while ((await machineOf(loose)) === first) await pause(1000);
  await stand.deploy(loose);
  expect(await saidBy(loose)).toEqual(['no data']);
  await stand.run(loose, { kind: 'remove' });

  await first.start();
  const other = lab.nodes.find((node) => node !== first && node !== lab.node(1));
  if (other === undefined) throw new Error('the lab has three machines');
  const pinned = await stand.put('pinned', { 'compose.yaml': compose(`node.hostname == ${other.name}`) });
  expect(await lintOf(pinned)).not.toContain('swarm-stateful');
  await stand.deploy(pinned);
  await first.kill();
  expect((await stand.run(pinned, { kind: 'update', services: ['db'], force: true })).state).toBe('done');
  expect((await machineOf(pinned)).name).toBe(other.name);
  expect(await saidBy(pinned)).toEqual(['data found']);
}, 300_000);
