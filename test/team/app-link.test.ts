import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { certificates } from '../../main/platform/certificates.ts';
import { createClock, createIds } from '../../main/platform/clock.ts';
import { createTeamLink } from '../../main/platform/team-link.ts';
import { createTeamServices } from '../../main/services/team-services/index.ts';
import { applyServicesPatch, type TeamServicesState, unseenServices } from '../../preload/contract/team-services.ts';
import { createWorkbench } from '../cli/support.ts';
import { refusal } from '../services/team-services-support.ts';
import { testEngine } from '../support/engine.ts';
import { createFakeKeychain, createFakeLog, createFakeState } from '../support/fake-engine-world.ts';
import { forTests } from '../support/for-tests.ts';
import { startGateway } from '../support/gateway-stand.ts';
import { freePorts } from '../support/ports.ts';
import { hasSecretService, noKeychain, startSecretService } from '../support/secret-service.ts';
import { inOrder } from '../support/story.ts';
import { startTeamDatabases } from '../support/team-databases.ts';
import { operatorToken, serviceKey, startController } from './controller-support.ts';

/* The app's link to a real controller through a real gateway: TLS, the token's life, and what is pushed. */

const day = 86_400_000;
const span = { from: Date.now() - day, until: Date.now() + day };
const name = 'team.claude-env.internal';
const unused = () => Promise.reject(new Error('not used'));

/** One user's machine; its keychain and its state folder are in memory. */
function createMachine(machine: string) {
  const { log, lines } = createFakeLog();
  const [keychain, state] = [createFakeKeychain(), createFakeState()];
  const services = createTeamServices({
    ...{ teamLink: createTeamLink(), state, keychain, clock: createClock(), ids: createIds(), log },
    program: 'claude-env',
    team: {
      ...{ adviseLeaving: unused, invite: unused, join: unused, leave: unused },
      ...{ removeNode: unused, rotate: unused },
      view: () => Promise.reject(new AppFailure({ code: 'swarm.not-member', message: 'There is no Swarm here.' })),
    },
    stacksOf: unused,
    environment: async () => ({ machine, state: 'running' }),
    onEnvironment: () => () => undefined,
  });
  let shown: TeamServicesState = unseenServices;
  const stop = new AbortController();
  void services.follow((frame) => {
    shown = frame.kind === 'snapshot' ? frame.state : frame.patches.reduce(applyServicesPatch, shown);
  }, stop.signal);
  return { services, shown: () => shown, stop: () => stop.abort(), kept: () => [lines, [...state.documents]] };
}

describe('the link to a team', () => {
  inOrder();
  const engine = testEngine();
  const databases = forTests(
    () => startTeamDatabases(engine),
    () => engine.cleanUp(),
  );
  const ports = forTests(
    async () => {
      const [http, ws, internal, dead] = await freePorts(4);
      return { http, ws, internal, dead };
    },
    async () => undefined,
  );
  const start = async () => {
    const { http, ws, internal } = ports();
    const started = await startController(databases(), {
      ...{ HTTP_PORT: String(http), WS_PORT: String(ws), INTERNAL_PORT: String(internal) },
    });
    await started.line(({ message }) => message === 'ready');
    return started;
  };
  const controller = forTests(
    async () => ({ now: await start() }),
    ({ now }) => now.stop(),
  );
  const authority = forTests(
    () => certificates.makeAuthority({ name: 'team', hosts: [name], ...span }),
    async () => undefined,
  );
  const gateway = forTests(
    async () => {
      const own = await certificates.issue(authority(), { hosts: [name], ...span });
      const { http, ws, internal } = ports();
      return startGateway(
        {
          GATEWAY_SERVERS: 'context7=127.0.0.1:9',
          GATEWAY_CONTROLLER_API: `127.0.0.1:${http}`,
          GATEWAY_CONTROLLER_LIVE: `127.0.0.1:${ws}`,
          GATEWAY_CONTROLLER_INTERNAL: `127.0.0.1:${internal}`,
        },
        {
          ...{ 'service-key': serviceKey, 'tls-cert': own.certificate, 'tls-key': own.key },
          // By GATEWAY_CA_FILE.
          'gateway-ca': authority().certificate,
        },
      );
    },
    (one) => one.stop(),
  );
  const olga = forTests(
    async () => createMachine('falcon-1'),
    async ({ stop }) => stop(),
  );
  const mia = forTests(
    async () => createMachine('laptop'),
    async ({ stop }) => stop(),
  );
  const link = (machine: ReturnType<typeof olga>) => machine.shown().link;

  it('is the first operator’s own without an invite, past an address that is dead', async () => {
    const ca = authority().certificate;
    const addresses = [`127.0.0.1:${ports().dead}`, `127.0.0.1:${gateway().ports.https}`];
    const made = { team: 'Rocket', ca, caDigest: certificates.fingerprint(ca), token: operatorToken };
    await olga().services.adopt({ ...made, addresses, person: { name: 'Olga' } });
    await expect.poll(() => link(olga())).toMatchObject({ kind: 'open', address: addresses[1], me: { name: 'Olga' } });
    await expect.poll(() => olga().shown().overview).toBeDefined();
  });

  it('of somebody invited begins with one word, and everybody sees them', async () => {
    const invite = await olga().services.invitePerson({ name: 'Mia', role: 'member', lasts: 3600 });
    await expect.poll(() => olga().shown().invites).toMatchObject([{ id: invite.id, state: 'open', by: 'Olga' }]);
    const { linked } = await mia().services.enter({ invite: invite.invite, probe: false });
    expect(linked).toMatchObject({ team: 'Rocket', person: { name: 'Mia', role: 'member' } });
    const person = () => Object.values(olga().shown().people ?? {}).find((one) => one.name === 'Mia');
    await expect
      .poll(person)
      .toMatchObject({ online: true, environments: [{ machine: 'laptop', state: 'running', behind: null }] });
    const again = createMachine('thief');
    expect(await refusal(again.services.enter({ invite: invite.invite, probe: false }))).toMatchObject({
      code: 'swarm.invite-refused',
    });
    again.stop();
    const token = await mia().services.token();
    expect(JSON.stringify([linked, mia().kept(), mia().shown()])).not.toContain(token.slice(4));
  });

  it('tells of an incident, and who is on it, as it happens', async () => {
    const { id } = await mia().services.openIncident({ title: 'The gateway is slow' });
    await expect.poll(() => olga().shown().incidents).toMatchObject([{ id, state: 'open', by: 'Mia' }]);
    await olga().services.changeIncident(id, { owner: 'me', note: 'Looking.' });
    await expect
      .poll(() => mia().shown().incidents)
      .toMatchObject([{ owner: { name: 'Olga' }, notes: [{ text: 'Looking.' }] }]);
    const error = await refusal(mia().services.changeIncident(id, { owner: 'me' }));
    expect(error).toMatchObject({ code: 'team.refused', message: expect.stringContaining('Olga') });
  });

  it.skipIf(!hasSecretService)('of a guest takes no Docker, and leaves no token in any file', async () => {
    const [keyring, bench] = await Promise.all([startSecretService(), createWorkbench()]);
    try {
      const noDocker = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
      const run = (args: readonly string[], more: Readonly<Record<string, string>> = keyring.environment) =>
        bench.run([...args, '--json'], { ...noDocker, ...more });
      const { invite } = await olga().services.invitePerson({ name: 'Gus', role: 'guest', lasts: 3600 });
      const without = await run(['team', 'join', invite, '--yes'], noKeychain);
      expect([without.code, without.stdout]).toEqual([1, expect.stringContaining('keychain.missing')]);
      // The code was not used for it.
      const joined = await run(['team', 'join', invite, '--yes']);
      expect([joined.code, joined.stderr], joined.stdout).toEqual([0, '']);
      const { stdout } = await run(['team', 'status']);
      expect(JSON.parse(stdout)).toMatchObject({ link: { kind: 'open', me: { name: 'Gus', role: 'guest' } } });
      const files = await readdir(bench.folder, { recursive: true, withFileTypes: true });
      const texts = files
        .filter((file) => file.isFile())
        .map((file) => readFile(join(file.parentPath, file.name), 'utf8'));
      const everything = [...(await Promise.all(texts)), joined.stdout, stdout].join('\n');
      expect(everything.includes('BEGIN CERTIFICATE')).toBe(true);
      expect(everything.match(/cet_[\w-]{43}|cei_[\w-]{32}/)).toBeNull();
      const left = await run(['team', 'leave', '--yes']);
      expect([left.code, left.stderr], left.stdout).toEqual([0, '']);
      expect((await run(['team', 'status'])).stdout).toContain('team.not-linked');
    } finally {
      await Promise.all([bench.remove(), keyring.stop()]);
    }
  });

  it('is back within ten seconds of the controller’s return', async () => {
    await controller().now.stop('SIGKILL');
    await expect.poll(() => link(mia()).kind).toBe('connecting');
    const names = Object.values(mia().shown().people ?? {}).map((person) => person.name);
    expect(names).toEqual(expect.arrayContaining(['Mia', 'Olga']));
    controller().now = await start();
    const began = Date.now();
    await expect.poll(() => link(mia()).kind).toBe('open');
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('goes on with a new token', async () => {
    const before = await mia().services.token();
    await mia().services.renewToken();
    expect(await mia().services.token()).not.toBe(before);
    expect((await mia().services.look(['incidents'])).errors).toEqual({});
  });

  it('shows a guest what is for guests, from the moment that they are one', async () => {
    await olga().services.setRole('Mia', 'guest');
    await expect.poll(() => link(mia())).toMatchObject({ me: { role: 'guest' } });
    await expect.poll(() => mia().shown().people).toBeUndefined();
    expect(await refusal(mia().services.openIncident({ title: 'x' }))).toMatchObject({ code: 'team.refused' });
  });

  it('ends within seconds of its person being taken out, and is not tried again', async () => {
    const who = await olga().services.findPerson('Mia');
    const removed = await olga().services.removePerson(who.id, {});
    expect(removed).toMatchObject({ name: 'Mia', rotated: [], notes: [expect.stringContaining('no Swarm here')] });
    // The one before the renewed one ends with it.
    expect(removed.revoked).toBeGreaterThanOrEqual(1);
    await expect.poll(() => link(mia())).toMatchObject({ kind: 'refused', error: { code: 'team.revoked' } });
    expect(await refusal(mia().services.look(['mcp']))).toMatchObject({ code: 'team.revoked' });
  });
});
