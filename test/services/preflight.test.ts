import { describe, expect, it } from 'vitest';
import type { StackTarget } from '../../main/services/services.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { createWorld, type WorldOptions } from './support.ts';

const file = '/srv/web/compose.yaml';
const target: StackTarget = { files: [file] };
const text = `
services:
  web:
    image: web:1
    ports: ["8080:80"]
    volumes:
      - type: bind
        source: ./conf
        target: /conf
        bind: {create_host_path: false}
  other:
    image: other:1
  built:
    build: ./gone
`;
/** The engine's data root is a folder of this machine. */
const here: WorldOptions['prepare'] = (engine) => {
  engine.takenPorts.push({ hostIp: '', port: 8080, protocol: 'tcp', owner: 'process x (pid 1)', alternative: 8081 });
  engine.registry.set('other:1', { kind: 'not-found', message: 'manifest unknown' });
};

describe('before anything is changed', () => {
  it('everything that stands in the way is said at once, each at its key, and nothing runs', async () => {
    const { services, during, engine, files } = createWorld({ texts: { [file]: text }, prepare: here });
    files.folders.add('/var/lib/docker');
    const plan = await during(services.stacks.plan(target, 'up', {}));
    expect(plan.problems.map(({ rule, where }) => `${where?.line} ${rule}`)).toEqual([
      '8 bind-source-missing',
      '12 image-not-found',
      '14 build-context-missing',
    ]);
    expect(plan.conflicts).toMatchObject([{ alternative: 8081, where: { file, line: 5 } }]);
    expect(plan.steps.length).toBeGreaterThan(0);
    await expect(during(services.stacks.run(target, 'up', { fingerprint: plan.fingerprint }))).rejects.toMatchObject({
      error: { code: 'file.invalid', diagnostics: expect.objectContaining({ length: 4 }) },
    });
    expect(engine.calls.filter((call) => call.startsWith('execute'))).toEqual([]);
  });

  it('what cannot be seen from here is a warning', async () => {
    const { services, during } = createWorld({ texts: { [file]: text }, prepare: here });
    const plan = await during(services.stacks.plan(target, 'up', { services: ['web'] }));
    expect(plan.problems).toEqual([]);
    expect(plan.warnings.map(({ rule }) => rule)).toContain('bind-source-missing');
  });

  it('an engine on another machine is not asked about this one’s folders', async () => {
    const engine = createFakeEngine({ id: 'far' });
    engine.images.add('web:1');
    const far: typeof engine = {
      ...engine,
      engines: { ...engine.engines, list: () => engine.engines.list().map((one) => ({ ...one, local: false })) },
    };
    const { services, during, files } = createWorld({ texts: { [file]: text }, others: [far] });
    files.folders.add('/srv/web/conf');
    const plan = await during(services.stacks.plan({ ...target, engine: 'far' }, 'up', { services: ['web'] }));
    expect(plan.problems).toEqual([]);
    expect(plan.warnings.map(({ rule, where }) => `${where?.line} ${rule}`)).toContain('8 bind-on-other-machine');
  });

  it('a registry that says nothing is not waited for longer than four seconds', async () => {
    const { services, during, engine, clock } = createWorld({
      texts: { [file]: 'services: {web: {image: "far.example/web:1"}}' },
    });
    Object.assign(engine.connection, {
      askRegistry: (_image: string, signal: AbortSignal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    });
    const before = clock.now();
    const plan = await during(services.stacks.plan(target, 'up', {}));
    expect(plan.warnings.map(({ rule }) => rule)).toEqual(['image-not-known']);
    expect(clock.now() - before).toBeLessThan(10_500);
  });

  it('where nothing is to be done, nothing is asked', async () => {
    const { services, during, engine } = createWorld({ texts: { [file]: 'services: {web: {image: web:1}}' } });
    const { fingerprint } = await during(services.stacks.plan(target, 'up', {}));
    const { operation } = await during(services.stacks.run(target, 'up', { fingerprint }));
    await during(services.operations.finished(operation));
    Object.assign(engine.connection, { facts: () => Promise.reject(new Error('asked')) });
    expect((await during(services.stacks.plan(target, 'up', {}))).steps).toEqual([]);
  });
});
