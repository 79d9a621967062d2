import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type OpaqueValue, toMark } from '../../../main/core/opaque.ts';
import { printPlan } from '../../../main/core/plan/print.ts';
import {
  type Deployed,
  imagesByName,
  namesOfDeployed,
  parseDeployed,
  toRecorded,
} from '../../../main/core/swarm/deployed.ts';
import { findDeploy, planGoBack } from '../../../main/core/swarm/go-back.ts';
import { withVersion } from '../../../main/core/swarm/names.ts';
import type { ObservedFile, ObservedStack } from '../../../main/core/swarm/observed.ts';
import { planDeploy } from '../../../main/core/swarm/plan.ts';
import { deploysOf, newRecord, withRecord } from '../../../main/core/swarm/record.ts';
import { loadProject } from '../../support/builders.ts';
import { deployed, now, observedStack } from '../../support/builders-swarm.ts';

/* Deploy 1 is made from back/then.yaml, what runs now from back/now.yaml. `UPDATE_PLANS=1` writes the plan. */

const folder = join(import.meta.dirname, 'back');
const theirs: OpaqueValue = { name: 'FROM_KEYCHAIN', source: 'user', edition: 'anna1' };
const password = 'pässword-of-env';
const settings = { first: btoa('host a.example'), now: btoa('host b.example') };

const environment = {
  COMPOSE_PROJECT_NAME: 'shop',
  HOST: 'a.example',
  DB_PASSWORD: password,
  FROM_KEYCHAIN: toMark(theirs),
};
const text = readFileSync(join(folder, 'then.yaml'), 'utf8');

async function record(): Promise<{
  readonly config: ObservedFile;
  readonly kept: string;
  readonly deployed: Deployed;
}> {
  const observed = observedStack('shop');
  const plan = planDeploy({
    project: await loadProject(join(folder, 'then.yaml'), environment),
    observed,
    options: {},
    configData: new Map([['settings', settings.first]]),
    secretVerdicts: new Map(),
  });
  const kept = JSON.stringify(toRecorded(plan.deployed, [text], [password]));
  const made = withRecord(
    plan,
    { who: 'anna@laptop', hash: 'abc', names: namesOfDeployed(plan.deployed), data: kept },
    observed,
  );
  const step = withVersion(made.steps, 'v1', '2026-01-01T10:00:00Z').find(({ target }) =>
    target.startsWith('shop_deploy'),
  );
  if (step?.kind !== 'create-config') throw new Error('no record');
  const { Labels, Data } = step.body as { readonly Labels: Record<string, string>; readonly Data: string };
  const config = { id: 'r1', name: step.name, labels: Labels, createdAt: now - 1, data: Data };
  const read = parseDeployed(Data, step.name);
  if (read === undefined) throw new Error('unreadable');
  return { config, kept, deployed: read };
}

/** The Swarm after deploy 1 and what came after it: the secret was rotated, the config has two versions. */
async function world(change: (stack: ObservedStack) => Partial<ObservedStack> = () => ({})) {
  const one = await record();
  const there = deployed(await loadProject(join(folder, 'now.yaml'), { COMPOSE_PROJECT_NAME: 'shop' }), {
    configs: { settings: settings.now },
  });
  const labels = { 'com.docker.stack.namespace': 'shop' };
  const observed: ObservedStack = {
    ...there,
    secrets: [{ id: 's2', name: 'shop_token-v2', labels: { ...labels, 'io.claude-env.key': 'token' }, createdAt: now }],
    configs: [
      ...there.configs,
      {
        id: 'c1',
        name: 'shop_settings-v1',
        labels: { ...labels, 'io.claude-env.key': 'settings' },
        createdAt: now,
        data: settings.first,
      },
      one.config,
    ],
    services: there.services.map((service) => ({
      ...service,
      spec: {
        ...service.spec,
        Labels: { ...(service.spec.Labels as object), 'io.claude-env.keychain': 'FROM_KEYCHAIN=anna2' },
      },
    })),
  };
  return { ...one, observed: { ...observed, ...change(observed) } };
}

describe('what is recorded', () => {
  it('has variables that are no secrets, and not one secret: of the file, of variables, of the keychain', async () => {
    const { kept, deployed: read } = await record();
    const everything = kept + JSON.stringify(read);
    for (const secret of [password, 'literal-token', 'another-literal']) expect(everything).not.toContain(secret);
    expect(everything).toContain('HOST=a.example');
    expect(read.files[0]).toMatch(/LOGIN: "\$\{DB_PASSWORD\}"/);
    expect(read.files[0]).toContain('API_TOKEN: ••••••');
    expect(read.secrets).toEqual([{ key: 'token', file: 'shop_token', name: 'shop_token' }]);
    expect(read.configs).toEqual([{ key: 'settings', file: 'shop_settings', name: 'shop_settings-v1' }]);
  });

  it('names the images that were asked for by name alone', async () => {
    const { deployed: read } = await record();
    const { web } = read.services;
    expect([...imagesByName(read)].sort()).toEqual(['example/mailer:1', 'example/web:1']);
    const digest = { ...web, TaskTemplate: { ContainerSpec: { Image: 'example/web:1@sha256:ab' } } };
    expect(imagesByName({ ...read, services: { web: digest } })).toEqual([]);
  });

  it('is nothing to a program that cannot read it', () => {
    for (const other of ['services: {}', '{"format":2}']) expect(parseDeployed(other, 'shop_deploy-x')).toBeUndefined();
  });
});

describe('back to a deploy', () => {
  const mine = new Map<string, OpaqueValue>();

  it('is a plan: what was then, secrets as they are now', async () => {
    const { observed, deployed: then } = await world();
    const plan = planGoBack({ observed, deployed: then, options: { prune: true }, opaque: mine });
    const printed = printPlan(plan);
    if (process.env.UPDATE_PLANS === '1') writeFileSync(join(folder, 'plan.txt'), printed);
    expect(printed).toBe(readFileSync(join(folder, 'plan.txt'), 'utf8'));
    const update = plan.steps.find(({ id }) => id === 'update-service shop_web');
    expect(JSON.stringify(update)).toContain(
      '"Env":["API_TOKEN=rotated-token","HOST=a.example","KEPT=a-value-of-the-keychain","LOGIN=rotated-password"]',
    );
    // Which edition of the keychain's value that is stays known.
    expect(JSON.stringify(update)).toContain('"io.claude-env.keychain":"FROM_KEYCHAIN=anna2"');
    expect(JSON.stringify(update)).toContain('"SecretName":"shop_token-v2"');
  });

  it('takes a value that the Swarm does not have any more from the keychain of who goes back, and names it before', async () => {
    const { observed, deployed: then } = await world(() => ({ services: [] }));
    const own = (name: string): [string, OpaqueValue] => [name, { name, source: 'project', edition: 'ben' }];
    const opaque = new Map([own('FROM_KEYCHAIN'), own('LOGIN'), own('API_TOKEN')]);
    const plan = planGoBack({ observed, deployed: then, options: {}, opaque });
    expect(printPlan(plan)).toContain('gives: FROM_KEYCHAIN (from the keychain, project) to web');
    expect(JSON.stringify(plan.steps)).not.toContain('anna1');
    expect(plan.problems.map(({ message }) => message)).toEqual([
      'service mailer: command may be secret and is not recorded, and the Swarm does not have it any more',
    ]);
    const none = planGoBack({ observed, deployed: then, options: {}, opaque: mine });
    expect(none.problems.map(({ hint }) => hint)).toContain(
      'Keep it in the keychain: npx claude-env secret set FROM_KEYCHAIN',
    );
    expect(JSON.stringify(none.steps)).not.toMatch(/[\uFDD0\uFDD1]/);
  });

  it('names a secret or config that is gone', async () => {
    const { observed, deployed: then } = await world(({ configs }) => ({
      secrets: [],
      configs: configs.filter(({ name }) => name !== 'shop_settings-v1'),
    }));
    const { problems } = planGoBack({ observed, deployed: then, options: {}, opaque: mine });
    expect(problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'secret token: the version that was deployed (shop_token) is no longer in the Swarm',
        'config settings: the version that was deployed (shop_settings-v1) is no longer in the Swarm',
      ]),
    );
  });

  it('takes a number or a name, and says which there are', async () => {
    const { observed, config } = await world();
    expect([findDeploy(observed, '1').id, findDeploy(observed, config.name).number]).toEqual([config.name, 1]);
    expect(() => findDeploy(observed, '7')).toThrow('The Swarm has no record of a deploy 7 of shop.');
    expect(() => findDeploy(observed, '0')).toThrow();
  });
});

describe('records', () => {
  const recorded = (count: number): ObservedStack =>
    observedStack('shop', {
      configs: Array.from({ length: count }, (_, index) => ({
        id: `r${index}`,
        name: `shop_deploy-${index + 1}`,
        labels: {
          'com.docker.stack.namespace': 'shop',
          'io.claude-env.deploy': '1',
          'io.claude-env.deploy.number': String(index + 1),
          'io.claude-env.deploy.names': `shop_settings-${index + 1}`,
        },
        createdAt: index,
        data: 'x',
      })),
    });
  const change = async (observed: ObservedStack) =>
    planDeploy({
      project: await loadProject(join(folder, 'now.yaml'), { COMPOSE_PROJECT_NAME: 'shop' }),
      observed,
      options: { prune: true },
      configData: new Map(),
      secretVerdicts: new Map(),
    });

  it('count on, the last five are kept, and versions of configs that those have as well', async () => {
    const five = recorded(5);
    const versions = five.configs.map(
      ({ name, createdAt }): ObservedFile => ({
        id: name,
        name: name.replace('deploy', 'settings'),
        labels: { 'com.docker.stack.namespace': 'shop', 'io.claude-env.key': 'settings' },
        createdAt,
        data: 'other',
      }),
    );
    const observed = { ...five, configs: [...five.configs, ...versions] };
    const plan = withRecord(await change(observed), { who: 'ben', hash: '', names: ['a', 'b'], data: 'y' }, observed);
    expect(plan.steps.flatMap(({ id, kind }) => (kind === 'remove-config' ? id : []))).toEqual([
      'remove-config shop_settings-1',
      'remove-config shop_deploy-1',
    ]);
    const made = plan.steps.find(({ id }) => id === `create-config ${newRecord('shop')}`);
    expect(made).toMatchObject({
      body: { Labels: { 'io.claude-env.deploy.number': '6', 'io.claude-env.deploy.names': 'a b' } },
    });
  });

  it('without what was deployed where that is too large: said, and nothing to go back to', async () => {
    const plan = withRecord(await change(recorded(0)), { who: 'ben', hash: '', names: [] }, recorded(0));
    expect(plan.warnings.map(({ rule }) => rule)).toContain('record-too-large');
    const step = plan.steps.find(({ id }) => id === `create-config ${newRecord('shop')}`);
    if (step?.kind !== 'create-config') throw new Error('no record');
    const { Labels, Data } = step.body as { readonly Labels: Record<string, string>; readonly Data: string };
    const observed = observedStack('shop', {
      configs: [{ id: 'r', name: 'shop_deploy-1', labels: Labels, createdAt: 1, data: Data }],
    });
    expect(deploysOf(observed)).toMatchObject([{ number: 1, who: 'ben' }]);
    expect(() => findDeploy(observed, '1')).toThrow(/too large/);
  });
});
