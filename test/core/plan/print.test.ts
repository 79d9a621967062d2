import { describe, expect, it } from 'vitest';
import type { ServiceNetwork } from '../../../main/core/compose/project.ts';
import { planFor } from '../../../main/core/plan/actions.ts';
import type { CorePlan, Observed } from '../../../main/core/plan/plan.ts';
import { fingerprint } from '../../../main/core/plan/print.ts';
import type { ActionOptions } from '../../../preload/contract/api.ts';
import { image, observed, observedContainer, project, service, sha256 } from '../../support/builders.ts';

const file = project([service('web', { environment: new Map([['PASSWORD', 'hunter2']]) })]);
const images = { 'example/web': image('example/web') };
const up = (state: Observed, options: ActionOptions = {}, of = file): CorePlan =>
  planFor('up', { project: of, name: 'shop', observed: state, options, sha256 });
const stop = (state: Observed): CorePlan =>
  planFor('stop', { project: undefined, name: 'shop', observed: state, options: {}, sha256 });
const print = (plan: CorePlan): string => fingerprint(plan, sha256);

describe('the fingerprint', () => {
  it('is the same for the same plan, made twice', () => {
    expect(print(up(observed({ images })))).toBe(print(up(observed({ images }))));
  });
  it('changes with the id of an object it acts on', () => {
    const one = observed({ containers: [observedContainer('shop', 'web', { id: 'a'.repeat(64) })] });
    const two = observed({ containers: [observedContainer('shop', 'web', { id: 'b'.repeat(64) })] });
    expect(print(stop(one))).not.toBe(print(stop(two)));
  });
  it('changes with the body of a container', () => {
    const other = project([service('web', { environment: new Map([['PASSWORD', 'other']]) })]);
    expect(print(up(observed({ images })))).not.toBe(print(up(observed({ images }), {}, other)));
  });
  it('changes with a network that a container is connected to after it was made', () => {
    const joins = (address: string) => {
      const networks = new Map<string, ServiceNetwork>([
        ['front', { priority: 1 }],
        ['back', { ipv4_address: address }],
      ]);
      const named = (key: string) => [key, { key, name: key }] as const;
      return project([service('web', { networks })], { networks: new Map([named('front'), named('back')]) });
    };
    const one = up(observed({ images }), {}, joins('10.0.0.1'));
    expect(one.steps.some((step) => step.kind === 'create-container' && step.connect.length > 0)).toBe(true);
    expect(print(one)).not.toBe(print(up(observed({ images }), {}, joins('10.0.0.2'))));
  });
  it('changes with an argument of a build, which is in a Map', () => {
    const builds = (version: string) =>
      up(
        observed({}),
        {},
        project([service('web', { build: { context: '/src', args: new Map([['VERSION', version]]) } })]),
      );
    expect(builds('1').steps.map(({ kind }) => kind)).toContain('build-image');
    expect(print(builds('1'))).not.toBe(print(builds('2')));
    expect(print(builds('1'))).toBe(print(builds('1')));
  });
  it('changes with what stands in the way', () => {
    const busy = project([
      service('web', { ports: [{ mode: 'ingress', target: 80, published: '80', protocol: 'tcp' }] }),
    ]);
    const taken = { hostIp: '0.0.0.0', port: 80, protocol: 'tcp', owner: 'nginx' } as const;
    expect(print(up(observed({ images }), {}, busy))).not.toBe(
      print(up(observed({ images, takenPorts: [taken] }), {}, busy)),
    );
  });
  it('does not change with the words of a cause', () => {
    const plan = up(observed({ images }));
    const steps = plan.steps.map((step) => ({ ...step, cause: 'other words' }));
    expect(print({ ...plan, steps })).toBe(print(plan));
  });
  it('shows nothing of a secret', () => {
    expect(print(up(observed({ images })))).toMatch(/^[0-9a-f]{32}$/);
  });
});
