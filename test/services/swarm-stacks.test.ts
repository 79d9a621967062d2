import { expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { toMark } from '../../main/core/opaque.ts';
import type { Step } from '../../main/core/plan/plan.ts';
import { type Deployed, toRecorded } from '../../main/core/swarm/deployed.ts';
import type { ObservedStack } from '../../main/core/swarm/observed.ts';
import type { LeaseHolder, SwarmStacks, VolumeAccess } from '../../main/services/ports.ts';
import { node, observedService, observedStack, volumeBackup } from '../support/builders-swarm.ts';
import { createFakeBackups, createFakeSwarmValues } from '../support/fake-engine-world.ts';
import { createWorld } from './support.ts';

const file = `services:
  web:
    image: example/web:1
    secrets: [token]
    environment: {USAGE: say <new> or <now>}
secrets: {token: {environment: TOKEN}}
`;
const target = { files: ['/code/stack.yaml'], project: 'shop' };
const request = { kind: 'deploy', options: { resolveImage: 'never' } } as const;

function world(
  there: () => ObservedStack,
  environment: Readonly<Record<string, string>> = { TOKEN: 'one' },
  text = file,
  backups = createFakeBackups(),
  path = '/code/stack.yaml',
) {
  const leases: LeaseHolder[] = [];
  let held = 0;
  const executed: Step[] = [];
  const made = createWorld({
    texts: { [path]: text },
    environment,
    backups,
    prepare: (engine) => {
      const swarmStacks: SwarmStacks = {
        observe: async () => there(),
        list: async () => [],
        services: async () => [],
        tasks: async () => [],
        logs: async () => ({ missing: [] }),
        lease: async (_stack, who) => {
          leases.push(who);
          held += 1;
          return async () => {
            held -= 1;
          };
        },
      };
      Object.assign(engine.connection, { swarmStacks });
      engine.onExecute = async (step) => {
        executed.push(step);
      };
    },
  });
  return { ...made, leases, executed, held: () => held };
}

it('runs the plan that was shown, under a lease, with one suffix and one time in every step', async () => {
  const { services, executed, leases, held, during } = world(() => observedStack('shop'));
  const { swarm, operations } = services;
  const plan = await during(swarm.plan(target, request));
  expect(plan.command).toMatch(/ stack deploy --resolve-image never -f \/code\/stack\.yaml/);
  expect(plan.steps.map(({ id }) => id)).toEqual([
    'create-network shop_default',
    'create-secret shop_token-<new>',
    'create-service shop_web',
    'wait-converged shop_web',
    'create-config shop_deploy-<new>',
  ]);
  const { operation } = await during(swarm.run(target, request, { fingerprint: plan.fingerprint }));
  expect((await during(operations.finished(operation))).state).toBe('done');
  expect(leases.map(({ name }) => name)).toEqual(['anna@laptop']);
  expect(held()).toBe(0);
  const text = JSON.stringify(executed);
  // What the file itself calls <new> and <now> stays as it is written.
  expect(text).toContain('"USAGE=say <new> or <now>"');
  expect(text.match(/<new>|<now>|[\uFDD2\uFDD3]/g)).toEqual(['<new>', '<now>']);
  expect(new Set([...text.matchAll(/shop_token-(\w+)/g)].map(([, suffix]) => suffix)).size).toBe(1);
  // The value is looked up by the step; nothing that is planned or said has it.
  expect(JSON.stringify([plan, executed])).not.toContain('"one"');
});

it('shows a command that a shell takes as it is', async () => {
  const { services, during } = world(() => observedStack('shop'), {}, file, createFakeBackups(), '/code/my stack.yaml');
  const deploy = await during(
    services.swarm.plan(
      { files: ['/code/my stack.yaml'], project: 'shop' },
      { kind: 'deploy', options: { resolveImage: 'never', force: ['web; ls'] } },
    ),
  );
  expect(deploy.command).toBe(
    "claude-env stack deploy --force 'web; ls' --resolve-image never -f '/code/my stack.yaml' -p shop",
  );
});

it('refuses a plan that is no longer the one that was shown, and gives the lease back', async () => {
  let there = observedStack('shop');
  const { services, executed, held, during } = world(() => there);
  const plan = await during(services.swarm.plan(target, request));
  there = {
    ...there,
    networks: [{ id: 'n', name: 'shop_default', scope: 'swarm', labels: { 'com.docker.stack.namespace': 'shop' } }],
  };
  const failure = await during(services.swarm.run(target, request, { fingerprint: plan.fingerprint })).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(AppFailure);
  expect((failure as AppFailure).error.code).toBe('plan.changed');
  expect([executed.length, held()]).toEqual([0, 0]);
});

it('knows by the seal whether a secret changed, and says where one is missing', async () => {
  const labels = { 'com.docker.stack.namespace': 'shop', 'io.claude-env.key': 'token', 'io.claude-env.seal': 'eno' };
  const there = observedStack('shop', { secrets: [{ id: 's', name: 'shop_token-abc', labels, createdAt: 1 }] });
  const secretSteps = async (environment: Readonly<Record<string, string>>) => {
    const { services, during } = world(() => there, environment);
    const { steps, problems, missing } = await during(services.swarm.plan(target, request));
    return {
      missing,
      secrets: steps.filter(({ kind }) => kind.endsWith('-secret')).map(({ id, cause }) => `${id}: ${cause}`),
      problems,
    };
  };
  expect((await secretSteps({ TOKEN: 'one' })).secrets).toEqual([]);
  expect((await secretSteps({ TOKEN: 'two' })).secrets).toEqual([
    'create-secret shop_token-<new>: its value changed',
    'remove-secret shop_token-abc: an older version, no longer used',
  ]);
  // The page asks for it in the plan, and plans again with it.
  expect((await secretSteps({})).missing).toEqual([{ name: 'TOKEN', required: true }]);
  expect((await secretSteps({ TOKEN: 'two' })).missing).toBeUndefined();
  expect((await secretSteps({})).problems).toEqual([
    expect.objectContaining({
      rule: 'value-missing',
      message: 'secret token: needs TOKEN, which is neither set nor in the keychain.',
      where: expect.objectContaining({ file: '/code/stack.yaml', line: 6 }),
    }),
  ]);
});

it('goes back without the file, and gives a value of the keychain only when that was agreed to', async () => {
  const mark = toMark({ name: 'LOGIN', source: 'user', edition: 'theirs' });
  const deployed: Deployed = {
    format: 1,
    files: ['services: {}'],
    services: {
      web: { Name: 'shop_web', TaskTemplate: { ContainerSpec: { Env: [`LOGIN=${mark}`] } }, Mode: { Replicated: {} } },
    },
    networks: [],
    secrets: [],
    configs: [],
  };
  const labels = {
    'com.docker.stack.namespace': 'shop',
    'io.claude-env.deploy': '1',
    'io.claude-env.deploy.number': '4',
    'io.claude-env.deploy.who': 'ben@desk',
  };
  const data = await createFakeSwarmValues().gzip(JSON.stringify(toRecorded(deployed, [])));
  const there = observedStack('shop', { configs: [{ id: 'r', name: 'shop_deploy-x', labels, createdAt: 1, data }] });
  const { services, executed, during } = world(() => there);
  const back = { kind: 'go-back', to: '4', options: {} } as const;
  const stack = { project: 'shop' };

  const without = await during(services.swarm.plan(stack, back));
  expect(without.problems.map(({ hint }) => hint)).toEqual([
    'Keep it in the keychain: npx claude-env secret set LOGIN',
  ]);

  await during(services.credentials.set({ scope: 'user', name: 'LOGIN' }, 'mine'));
  const plan = await during(services.swarm.plan(stack, back));
  expect(plan.problems).toEqual([]);
  expect(plan.credentials).toEqual([{ name: 'LOGIN', source: 'user', services: ['web'], agreed: false }]);
  const refused = await during(services.swarm.run(stack, back, { fingerprint: plan.fingerprint })).catch(
    (error: unknown) => error,
  );
  expect((refused as AppFailure).error.message).toMatch(
    /shop asks for values of yours for the first time: LOGIN to web/,
  );
  expect(executed).toEqual([]);

  const run = { fingerprint: plan.fingerprint, agree: ['LOGIN'] };
  const { operation } = await during(services.swarm.run(stack, back, run));
  expect((await during(services.operations.finished(operation))).state).toBe('done');
  const recorded = executed.find(({ id }) => id.startsWith('create-config shop_deploy'));
  expect(JSON.stringify(recorded)).toContain('back to deploy 4 by ben@desk: create web');
});

it('deploys what is too large to be recorded, and says so', async () => {
  const { services, executed, during } = world(
    () => observedStack('shop'),
    undefined,
    `${file}# ${'x'.repeat(700_000)}\n`,
  );
  const plan = await during(services.swarm.plan(target, request));
  expect(plan.warnings.map(({ rule }) => rule)).toContain('record-too-large');
  const { operation } = await during(services.swarm.run(target, request, { fingerprint: plan.fingerprint }));
  expect((await during(services.operations.finished(operation))).state).toBe('done');
  expect(JSON.stringify(executed.find(({ id }) => id.startsWith('create-config shop_deploy'))).length).toBeLessThan(
    2000,
  );
});

it('puts a copy back as an operation of the stack that the copy is of, under its lease', async () => {
  const db = observedService('shop_db', { TaskTemplate: {} });
  const there = observedStack('shop', { node: 'id-n2', nodes: [node('n2')], services: [db] });
  const copy = volumeBackup();
  const { services, engine, leases, held, during } = world(() => there, {}, file, createFakeBackups(copy));
  const filled: string[] = [];
  const volumes: Partial<VolumeAccess> = {
    find: async () => undefined,
    users: async () => [],
    ended: async () => undefined,
    create: async ({ name }) => void filled.push(name),
    fill: async (name) => void filled.push(name),
  };
  Object.assign(engine.connection, { volumes });
  engine.onExecute = async (step, { restoreVolume, report, signal }) => {
    if (step.kind === 'restore-volume') await restoreVolume?.(step, (message) => report({ message }), signal);
  };
  const restore = { kind: 'restore-volume', from: copy.id } as const;
  const plan = await during(services.swarm.plan({}, restore));
  expect([plan.stack, plan.action, plan.command]).toEqual([
    `${engine.id}/shop`,
    'restore-volume',
    `claude-env stack restore-volume ${copy.id} -p shop`,
  ]);
  const { operation } = await during(services.swarm.run({}, restore, { fingerprint: plan.fingerprint }));
  expect((await during(services.operations.finished(operation))).state).toBe('done');
  expect(filled).toEqual(['shop_data', 'shop_data']);
  expect([leases.length, held()]).toEqual([1, 0]);
});

it('leaves a secret whose value is not here what the Swarm has, where that is asked for, and says so where it is not there', async () => {
  const labels = {
    'com.docker.stack.namespace': 'shop',
    'io.claude-env.key': 'token',
    'io.claude-env.seal': 'of anna',
  };
  const kept = { id: 's1', name: 'shop_token-1', labels, createdAt: 1 };
  const { services, during } = world(() => observedStack('shop', { secrets: [kept] }), {});
  const { swarm } = services;
  const wanting = await during(swarm.plan(target, request));
  expect(wanting.problems.map(({ rule }) => rule)).toEqual(['value-missing']);
  const keep = { ...request, options: { ...request.options, keepSecrets: true } };
  const plan = await during(swarm.plan(target, keep));
  expect(plan.problems).toEqual([]);
  expect(plan.command).toContain('--keep-secrets');
  expect(plan.steps.map(({ kind }) => kind)).not.toContain('create-secret');
  const rotated = { ...keep, options: { ...keep.options, rotate: ['token'] } };
  expect((await during(swarm.plan(target, rotated))).problems.map(({ rule }) => rule)).toEqual(['value-missing']);

  const empty = world(() => observedStack('shop'), {});
  const first = await empty.during(empty.services.swarm.plan(target, keep));
  expect(first.problems.map(({ rule }) => rule)).toEqual(['value-missing']);
});
