import { describe, expect, it } from 'vitest';
import type { RegistryAnswer } from '../../../main/core/plan/preflight.ts';
import type { ObservedStack } from '../../../main/core/swarm/observed.ts';
import { type DeployOptions, planDeploy } from '../../../main/core/swarm/plan.ts';
import { nameInRegistry, withKnownDigest } from '../../../main/core/swarm/push-images.ts';
import { imageOf, withImage } from '../../../main/core/swarm/spec-image.ts';
import { project, service } from '../../support/builders.ts';
import { deployed, node, observedService, observedStack } from '../../support/builders-swarm.ts';

/* Images that no registry has, on a Swarm of two nodes of which the second cannot be looked at. */

const id = `sha256:${'ab'.repeat(32)}`;
const place = 'registry.example:5000/team';
const as = `${place}/shop/web:claude-env-abababababab`;
const digest = `sha256:${'cd'.repeat(32)}`;
const stack = project([service('web', { image: 'shop/web:dev' })], { name: 'shop' });
const nodes = [node('n1', { role: 'manager' }), node('n2')];

const here = { imageIds: { 'shop/web:dev': id }, localImages: ['shop/web:dev'] };
const nowhere = { imageIds: {}, localImages: [] };

interface World {
  readonly there?: Partial<ObservedStack>;
  readonly answer?: RegistryAnswer;
  readonly options?: DeployOptions;
}
function plan({ there = {}, answer, options = {} }: World) {
  const observed = observedStack('shop', { node: 'id-n1', nodes, ...here, ...there });
  const { steps, problems, warnings } = planDeploy({
    project: stack,
    observed,
    options,
    configData: new Map(),
    secretVerdicts: new Map(),
    ...(answer === undefined ? {} : { registry: { place, answers: new Map([[as, answer]]) } }),
  });
  const web = steps.find(({ kind }) => kind === 'create-service' || kind === 'update-service');
  return { steps, ids: steps.map((step) => step.id), web, problems, warnings };
}

describe('with a registry of the team', () => {
  it('pushes what no registry has under a tag of its id, before the service that asks for its digest then', () => {
    const { ids, web, warnings } = plan({ answer: { kind: 'not-found', message: 'manifest unknown' } });
    expect(ids).toEqual([
      `push-image ${as}`,
      'create-network shop_default',
      'create-service shop_web',
      'wait-converged shop_web',
    ]);
    expect(web).toMatchObject({ pushed: true, image: as, after: expect.arrayContaining([`push-image ${as}`]) });
    expect(warnings).toEqual([]);
  });

  it('pushes nothing that is there: the service gets the digest, and another deploy changes nothing', () => {
    const answer = { kind: 'found', digest, platforms: ['linux/amd64'] } as const;
    const first = plan({ answer });
    expect(first.ids).not.toContainEqual(expect.stringMatching(/^(push|check)-image/));
    if (first.web?.kind !== 'create-service') throw new Error('no service');
    expect(imageOf(first.web.body)).toBe(`${as}@${digest}`);
    const there = { ...deployed(stack), services: [observedService('shop_web', first.web.body)] };
    expect(plan({ answer, there: { services: there.services, networks: there.networks } }).web).toBeUndefined();
    // Somebody without the image and without --registry leaves it, too.
    const elsewhere = { services: there.services, networks: there.networks, ...nowhere };
    expect(plan({ there: elsewhere }).web).toBeUndefined();
  });

  it('says why what it does not take goes another way', () => {
    const refusal = { message: 'registry.example:5000 refused the login of ann.', hint: 'Log in again.' };
    const { warnings, ids } = plan({ answer: { kind: 'denied', message: 'denied', refusal } });
    expect(warnings[0]).toMatchObject({ rule: 'team-registry', hint: 'Log in again.' });
    expect(warnings[0]?.message).toContain('refused the login of ann');
    expect(ids[0]).toMatch(/^check-image/);
  });

  it('names an image of another registry without that, and one of its own as it is', () => {
    expect(nameInRegistry(place, 'ghcr.io/a/b:1', id)).toBe(`${place}/a/b:claude-env-abababababab`);
    expect(nameInRegistry(place, `${place}/b:1`, id)).toBe(`${place}/b:claude-env-abababababab`);
  });

  it('takes a record without a digest for what runs under the very same tag', () => {
    const spec = { TaskTemplate: { ContainerSpec: { Image: as } } };
    const running = observedService('shop_web', withImage(spec, `${as}@${digest}`));
    expect(imageOf(withKnownDigest(spec, running))).toBe(`${as}@${digest}`);
    const other = withImage(spec, `${place}/shop/web:claude-env-000000000000`);
    expect(withKnownDigest(other, running)).toBe(other);
  });
});

describe('without a way to a node', () => {
  it('the nodes themselves are asked before anything changes, unless that is not wanted', () => {
    const { steps, warnings } = plan({});
    const [check] = steps;
    expect(check).toMatchObject({ kind: 'check-image', nodes: [{ id: 'id-n2', hostname: 'n2' }] });
    expect(steps.filter(({ after }) => after.length === 0)).toEqual([check]);
    expect(warnings.map(({ rule }) => rule)).toEqual(['swarm-image']);
    expect(plan({ options: { resolveImage: 'never' } }).ids[0]).toBe('create-network shop_default');
  });

  it('also for an image that nobody here has, on this node as well', () => {
    const { steps } = plan({ there: nowhere });
    expect(steps[0]).toMatchObject({ kind: 'check-image', nodes: [{ id: 'id-n1' }, { id: 'id-n2' }] });
  });

  it('a registry that says that there is no such image is believed: nothing is tried', () => {
    const { problems } = plan({ there: { ...nowhere, absentImages: ['shop/web:dev'] } });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/its registry has no shop\/web:dev/),
    ]);
  });
});
