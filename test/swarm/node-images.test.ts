import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabNode, type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { createSwarmStand, type SwarmStand } from '../support/swarm-stand.ts';

/*
 * An image that was built on one machine of two and is in no registry. What runs where is read at the machines' engines.
 */

let lab: SwarmLab;
let stand: SwarmStand | undefined;

beforeAll(async () => {
  lab = await startSwarmLab({ nodes: 2 });
  await lab.form();
});
afterAll(async () => {
  await stand?.close();
  await lab.down();
});

const image = 'shop/web:dev';
const asked = { resolveImage: 'always' } as const;
const stack = `
services:
  web:
    image: ${image}
    init: true
    stop_grace_period: 1s
    command: [sleep, infinity]
    deploy: {replicas: 2, placement: {max_replicas_per_node: 1}, update_config: {monitor: 1s, parallelism: 2}}
  here:
    image: ${image}
    init: true
    stop_grace_period: 1s
    command: [sleep, infinity]
    deploy: {placement: {constraints: [node.role == manager]}, update_config: {monitor: 1s}}
`;

/** Another image under the same name each time. */
async function build(node: LabNode, version: string): Promise<string> {
  const container = await node.docker.createContainer({ Image: 'claude-env/base', Cmd: ['true'] });
  const [repo, tag] = image.split(':');
  await container.commit({ repo, tag, changes: `LABEL version=${version}` });
  await container.remove();
  return (await node.docker.getImage(image).inspect()).Id;
}
/** Ids of the images of the service's running containers on that machine. */
const running = async (node: LabNode, service: string): Promise<readonly string[]> =>
  (await node.docker.listContainers({ filters: { label: [`com.docker.swarm.service.name=${service}`] } })).map(
    ({ ImageID }) => ImageID,
  );

it('comes to each node that may run it, again when it was built again, or is looked for before anything changes', async () => {
  const [one, two] = [lab.node(1), lab.node(2)];
  const first = await build(one, '1');

  stand = await createSwarmStand(one);
  const alone = await stand.plan(await stand.put('img', { 'compose.yaml': stack }), asked);
  expect(alone.warnings.map(({ message }) => message)).toEqual([
    expect.stringContaining(`no registry has ${image}, and whether n2 has it cannot be seen from here`),
  ]);
  const unseen = await stand.put('blind', { 'compose.yaml': stack });
  const refused = await stand.run(unseen, { kind: 'deploy', options: asked });
  expect(refused.error).toMatchObject({
    code: 'image.not-found',
    message: `n2 can neither find nor pull ${image}. No service was changed.`,
  });
  expect(await one.docker.listServices()).toEqual([]);
  expect((await one.docker.listNetworks()).map(({ Name }) => Name)).not.toContain('blind_default');
  // It has come there some way that is not ours to know.
  await two.docker.getImage('claude-env/base').tag({ repo: 'shop/web', tag: 'dev' });
  await stand.deploy(unseen, asked);
  expect((await stand.tasks('blind')).map(({ Status }) => Status.State)).toEqual(['running', 'running', 'running']);
  await stand.run(unseen, { kind: 'remove' });
  await two.docker.getImage(image).remove();
  await stand.close();

  stand = await createSwarmStand(one, [two]);
  const place = await stand.put('img', { 'compose.yaml': stack });
  const plan = await stand.plan(place, asked);
  expect(plan.problems).toEqual([]);
  expect(plan.steps.filter(({ kind }) => kind === 'send-image').map(({ cause }) => cause)).toEqual([
    'no registry has it, and n2 does not either',
  ]);
  await stand.deploy(place, asked);
  expect(await running(one, 'img_web')).toEqual([first]);
  expect(await running(two, 'img_web')).toEqual([first]);
  expect((await stand.plan(place, asked)).steps).toEqual([]);

  const second = await build(one, '2');
  await stand.deploy(place, asked);
  expect(await running(one, 'img_web')).toEqual([second]);
  expect(await running(one, 'img_here')).toEqual([second]);
  expect(await running(two, 'img_web')).toEqual([second]);
  // Both are kept there under tags of their own: what ran before can come back, and no prune takes either.
  const kept = (await two.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []).sort();
  const tags = [first, second].map((id) => `shop/web:claude-env-${id.slice(7, 19)}`);
  expect(kept).toEqual(expect.arrayContaining(tags));
  expect(kept).not.toContain(image);
  expect((await stand.tasks('img')).every(({ Status }) => Status.State === 'running')).toBe(true);

  await stand.run(place, { kind: 'remove' });
});
