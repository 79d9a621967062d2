import { describe, expect, it } from 'vitest';
import type { Service } from '../../../main/core/compose/project.ts';
import { keptTag, type NodeEngine, planImages } from '../../../main/core/swarm/node-images.ts';
import type { ObservedStack } from '../../../main/core/swarm/observed.ts';
import type { DeployOptions } from '../../../main/core/swarm/plan.ts';
import { project, service } from '../../support/builders.ts';
import { node, observedService, observedStack, task } from '../../support/builders-swarm.ts';

const id = `sha256:${'ab'.repeat(32)}`;
const nodes = [node('n1', { role: 'manager' }), node('n2'), node('n3', { availability: 'drain' })];

function plan(
  web: Partial<Service>,
  members: Partial<ObservedStack> = {},
  engines: readonly NodeEngine[] = [],
  options: DeployOptions = {},
) {
  const observed = observedStack('shop', { node: 'id-n1', nodes, imageIds: { 'shop/web:dev': id }, ...members });
  const input = {
    project: project([service('web', web)]),
    observed,
    options,
    configData: new Map(),
    secretVerdicts: new Map(),
    engines,
  };
  const { images, steps, problems } = planImages(input);
  return {
    id: images.get('web')?.image,
    steps: steps.map((step) => step.id),
    problems: problems.map(({ message }) => message),
  };
}
const nothing = { id: undefined, steps: [], problems: [] };
const image = { image: 'shop/web:dev' };
const second = (images: readonly string[]): NodeEngine => ({ node: 'id-n2', engine: 'two', images });

describe('an image that no registry has', () => {
  it('is copied to a node that this machine is connected to, unless it has it', () => {
    expect(plan(image, {}, [second([])])).toEqual({ id, steps: [`send-image ${id} id-n2`], problems: [] });
    expect(plan(image, {}, [second([id])])).toEqual({ id, steps: [], problems: [] });
  });

  it('keeps its name where a node cannot be looked at, and that node is named; not one that takes no tasks', () => {
    const { problems, ...rest } = plan(image);
    expect(rest).toEqual({ id: undefined, steps: [] });
    expect(problems).toEqual([expect.stringMatching(/shop\/web:dev, and whether n2 has it cannot be seen from here/)]);
  });

  it('is left to its name where a registry has it, or no other node may run it', () => {
    expect(plan(image, { digests: { 'shop/web:dev': `sha256:${'0'.repeat(64)}` } })).toEqual(nothing);
    expect(plan(image, { nodes: nodes.slice(0, 1) })).toEqual(nothing);
    expect(plan({ ...image, deploy: { placement: { constraints: ['node.role == manager'] } } })).toEqual(nothing);
  });

  it('has its id where its tasks stay on this node as well, where that is asked for: built again is another image', () => {
    const here = { ...image, deploy: { placement: { constraints: ['node.role == manager'] } } };
    expect(plan(here, {}, [], { pinImages: true })).toEqual({ id, steps: [], problems: [] });
    const found = { digests: { 'shop/web:dev': `sha256:${'0'.repeat(64)}` } };
    expect(plan(here, found, [], { pinImages: true })).toEqual(nothing);
  });

  it('is left to its name where every other node runs it under that name, and not where it runs under an id', () => {
    const labels = { Labels: { 'com.docker.stack.image': 'shop/web:dev' } };
    const services = [observedService('shop_web', labels)];
    const runs = (name: string) => [task('id-shop_web', 1, { node: 'id-n2', image: name })];
    expect(plan(image, { services, tasks: runs('shop/web:dev') })).toEqual(nothing);
    expect(plan(image, { services, tasks: runs(id) }, [second([id])])).toEqual({ id, steps: [], problems: [] });
  });

  it('is kept under a tag of its own', () => {
    expect(keptTag('host:5000/a/b', id)).toBe('host:5000/a/b:claude-env-abababababab');
    expect(keptTag('a:dev', id)).toBe('a:claude-env-abababababab');
  });
});
