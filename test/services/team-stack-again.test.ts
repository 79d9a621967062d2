import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { ObservedStack } from '../../main/core/swarm/observed.ts';
import { certificates } from '../../main/platform/certificates.ts';
import type { TeamStackPlan } from '../../main/services/team-stack/index.ts';
import { observedService } from '../support/builders-swarm.ts';
import { kinds, stackLabels, teamStackWorld } from './team-stack-support.ts';

/* `team up` once more: after it was interrupted, after somebody else's, and where something is missing that it needs. */

type World = ReturnType<typeof teamStackWorld>;
const choices = {};
const planned = ({ during, teamStack }: World, more: { readonly newAuthority?: boolean } = {}) =>
  during(teamStack.plan({ choices, ...more }));
const made = async (world: World): Promise<TeamStackPlan> => {
  const plan = await planned(world);
  await world.during(world.teamStack.prepare(plan));
  return plan;
};
const certificateOf = (plan: TeamStackPlan): string => plan.record.authority?.certificate ?? '';
const config = (key: string, text: string, createdAt = 1) => ({
  id: `${key}-${createdAt}`,
  name: `claude-team_${key}-${createdAt}`,
  labels: stackLabels(key),
  createdAt,
  data: btoa(text),
});
const secret = (key: string) => ({ id: key, name: `claude-team_${key}-1`, labels: stackLabels(key), createdAt: 1 });

describe('a new authority', () => {
  /** Ended, as by a kill, before anything of the certificate is kept. */
  async function interrupted(world: World) {
    const { keychain, during, teamStack } = world;
    const { set } = keychain;
    const plan = await planned(world, { newAuthority: true });
    Object.assign(keychain, {
      set: async (account: string, value: string) => {
        if (account.endsWith('TLS_CERT')) throw new Error('killed');
        await set(account, value);
      },
    });
    await expect(during(teamStack.prepare(plan))).rejects.toThrow('killed');
    Object.assign(keychain, { set });
  }

  it('that was interrupted gets its certificate by the next run, and the operator’s link follows', async () => {
    const world = teamStackWorld();
    await made(world);
    const before = certificateOf(await planned(world));
    const link = await world.services.teamServices.link();
    await interrupted(world);
    const again = await planned(world);
    expect(kinds(again.steps)).toEqual(['issue-certificate']);
    expect(certificateOf(again)).not.toBe(before);
    await world.during(world.teamStack.prepare(again));
    expect(await world.services.teamServices.link()).toMatchObject({
      caDigest: certificates.fingerprint(certificateOf(again)),
    });
    expect((await world.services.teamServices.link())?.caDigest).not.toBe(link?.caDigest);
    await expect(world.services.teamServices.token()).resolves.toMatch(/^cet_/);
    expect((await planned(world)).steps).toEqual([]);
  });

  it('that did not get as far as the Swarm is still the one that is meant', async () => {
    const options: { observed?: Partial<ObservedStack> } = {};
    const world = teamStackWorld(options);
    await made(world);
    options.observed = { configs: [config('ca-cert', certificateOf(await planned(world)))] };
    await interrupted(world);
    expect(kinds((await planned(world)).steps)).toEqual(['issue-certificate']);
  });

  it('says whom it locks out', async () => {
    const world = teamStackWorld();
    expect((await planned(world)).notes).toEqual([]);
    await made(world);
    const plan = await planned(world, { newAuthority: true });
    expect(plan.notes).toEqual([expect.stringContaining('another invite')]);
  });

  it('of somebody else ends what this machine has of the one before, which would take it back', async () => {
    const options: { observed?: Partial<ObservedStack> } = {};
    const world = teamStackWorld(options);
    const { keychain, services } = world;
    await made(world);
    const own = certificateOf(await planned(world));
    const theirs = await certificates.makeAuthority({ name: 'theirs', hosts: [], from: 0, until: 4e12 });
    options.observed = {
      configs: [config('ca-cert', own), config('ca-cert', theirs.certificate, 2)],
      secrets: ['service-key', 'db-password', 'redis-password', 'first-operator', 'tls-cert', 'tls-key'].map(secret),
    };
    const plan = await planned(world);
    expect(kinds(plan.steps)).toEqual(['forget-certificate']);
    expect(plan.notes).toEqual([expect.stringContaining('it stays what it is')]);
    expect(plan.target.variables?.CLAUDE_ENV_TEAM_CA).toBe(theirs.certificate);
    await world.during(world.teamStack.prepare(plan));
    expect([...keychain.values.keys()].filter((account) => /TLS_|authority-key/.test(account))).toEqual([]);
    expect((await services.teamServices.link())?.caDigest).toBe(certificates.fingerprint(theirs.certificate));
    expect((await planned(world)).steps).toEqual([]);
  });
});

it('makes a first operator for a new Swarm of the same name: the value of the one before is of a token that is gone', async () => {
  const options: { swarm?: string } = {};
  const world = teamStackWorld(options);
  const { services, keychain } = world;
  await made(world);
  const account = 'team-value/Falcon/CLAUDE_ENV_TEAM_FIRST_OPERATOR';
  const before = keychain.values.get(account);
  await world.during(services.teamServices.leave());
  options.swarm = 'swarm2';
  const plan = await planned(world);
  expect(kinds(plan.steps)).toEqual(['make-authority', 'issue-certificate', 'make-value']);
  await world.during(world.teamStack.prepare(plan));
  expect(keychain.values.get(account)).not.toBe(before);
  await expect(services.teamServices.token()).resolves.toMatch(/^cet_/);
  expect((await planned(world)).steps).toEqual([]);
});

describe('another operator', () => {
  it('means what was chosen before, and adds to it', async () => {
    const world = teamStackWorld();
    const first = await world.during(
      world.teamStack.plan({
        choices: { port: 9443, configRepo: 'https://git.example/c', monitoring: true, allowedSigners: 'alicé …' },
      }),
    );
    const label = first.target.variables?.CLAUDE_ENV_TEAM_CHOICES ?? '';
    const Labels = { 'io.claude-env.team-choices': label };
    const other = teamStackWorld({
      observed: {
        services: [observedService('claude-team_config-sync', { Labels, TaskTemplate: {} })],
        configs: [
          { ...config('allowed-signers', ''), data: btoa(String.fromCharCode(...new TextEncoder().encode('alicé …'))) },
        ],
      },
    });
    const plan = await other.during(other.teamStack.plan({ choices: { syncInterval: 60 } }));
    expect(plan.record.choices).toEqual({ ...first.record.choices, syncInterval: 60 });
    expect((await other.during(other.teamStack.there(undefined))).choices).toEqual(first.record.choices);
  });

  it('keeps an optional value that was given elsewhere; who gave it takes it back', async () => {
    const observed = { secrets: [secret('context7-key')] };
    const file = '/app/stacks/team/compose.context7-key.yaml';
    const elsewhere = teamStackWorld({ observed });
    expect((await planned(elsewhere)).target.files).toContain(file);

    const giver = teamStackWorld({ observed });
    const key = { scope: 'team', team: 'Falcon', name: 'CONTEXT7_API_KEY' } as const;
    await giver.during(giver.services.credentials.set(key, 'k'));
    await giver.during(giver.teamStack.keep(await planned(giver)));
    await giver.during(giver.services.credentials.remove(key));
    expect((await planned(giver)).target.files).not.toContain(file);
  });
});

describe('what is missing', () => {
  const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => (error instanceof AppFailure ? error.error : error),
    );

  it('is said of a locked keychain, which has what would be made once more', async () => {
    const world = teamStackWorld();
    await made(world);
    const locked = new AppFailure({ code: 'keychain.locked', message: 'It is locked.' });
    Object.assign(world.keychain, { set: () => Promise.reject(locked) });
    expect(await codeOf(planned(world))).toMatchObject({ code: 'keychain.locked' });
  });

  it('is said of a registry before anything is made', async () => {
    const answers = [
      [{ kind: 'unknown', message: 'x509: certificate signed by unknown authority' }, 'registry.failed', 'certs.d'],
      [{ kind: 'unknown', message: 'http: server gave HTTP response to HTTPS client' }, 'registry.failed', 'no TLS'],
      [{ kind: 'denied', message: '', refusal: { message: 'no login', hint: 'log in' } }, 'registry.denied', 'log in'],
      [{ kind: 'not-found', message: '' }, undefined, ''],
    ] as const;
    for (const [answer, code, hint] of answers) {
      const asked: string[] = [];
      const askRegistry = async (image: string) => {
        asked.push(image);
        return answer;
      };
      const world = teamStackWorld({ connection: { askRegistry } });
      const found = await codeOf(world.during(world.teamStack.plan({ choices: { registry: 'r.example:5000/team' } })));
      expect(asked).toEqual(['r.example:5000/team/claude-env/gateway:0.1.0']);
      if (code === undefined) expect(found).toBeUndefined();
      else expect(found).toMatchObject({ code, hint: expect.stringContaining(hint) });
    }
    const world = teamStackWorld();
    const nowhere = await codeOf(world.during(world.teamStack.plan({ choices: { registry: 'no place' } })));
    expect(nowhere).toMatchObject({ code: 'usage' });
  });

  it('is said of images that only a registry has: what the only server cannot have stands in the way', async () => {
    const connection = {
      image: async () => undefined,
      askRegistry: async () => ({ kind: 'unknown', message: 'no such host' }) as const,
    };
    const world = teamStackWorld({ connection });
    const found = await codeOf(world.during(world.teamStack.plan({ choices: { monitoring: true } })));
    expect(found).toMatchObject({
      code: 'image.not-found',
      message: expect.stringMatching(/redis:7-alpine, postgres:15-alpine, prom\/prometheus\S+, grafana\/grafana/),
      hint: expect.stringContaining('--no-monitoring'),
    });
    const [one] = world.nodes;
    if (one !== undefined) world.nodes.push({ ...one, id: 'n2', hostname: 'n2', address: '10.0.0.2' });
    expect(await codeOf(planned(world))).toMatchObject({
      message: expect.stringContaining('no postgres:15-alpine, and'),
    });
    world.nodes.forEach((node, at) => {
      const labels = { ...node.labels, ...(node.id === 'n2' ? { 'io.claude-env.data': 'team' } : {}) };
      world.nodes[at] = { ...node, labels };
    });
    expect((await planned(world)).notes).toEqual([expect.stringContaining('redis:7-alpine, postgres')]);
  });
});
