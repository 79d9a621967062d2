import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { certificates } from '../../main/platform/certificates.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { forTests } from '../support/for-tests.ts';
import { hasSecretService, noKeychain, type SecretService, startSecretService } from '../support/secret-service.ts';
import { provideStandIn } from '../support/stand-ins.ts';
import { inOrder } from '../support/story.ts';
import { startSwarmLab } from '../support/swarm-lab.ts';
import { codeOf, type Desk, sitDownAt } from './team-support.ts';

/*
 * What `team up` promises besides: a registry that wants TLS and a login, images that nobody has, a locked keychain, a kill
 * at any time, a second operator, a certificate that ends, another authority. On two servers; a guest sits at the second.
 */

const run = promisify(execFile);
const minutes = 60_000;
const day = 86_400_000;
const base = 'claude-env/base';
const password = 'c4nary-registry';
const generatedKeys = ['db-password', 'first-operator', 'redis-password', 'service-key', 'tls-cert', 'tls-key'];

type Line = Readonly<Record<string, unknown>>;

/** The keychain's own program asks it, so that what is kept is seen as it is. */
async function inKeychain({ environment }: SecretService, account: string): Promise<string> {
  const script =
    "require('keytar').getPassword('claude-env', process.argv[1]).then((value) => process.stdout.write(value ?? ''))";
  const { stdout } = await run(process.execPath, ['-e', script, account], { env: { ...process.env, ...environment } });
  return stdout;
}

async function everythingBelow(path: string): Promise<string> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}

describe.skipIf(!hasSecretService || !hasDockerRegistry)('team up', () => {
  inOrder();
  const lab = forTests(
    () => startSwarmLab({ nodes: 2 }),
    (one) => one.down(),
  );
  const keyrings = forTests(
    () => Promise.all([0, 1, 2, 3].map(() => startSecretService())),
    (all) => Promise.all(all.map((one) => one.stop())),
  );
  const keyring = (index: number): SecretService => {
    const found = keyrings()[index];
    if (found === undefined) throw new Error(`There are ${keyrings().length} keyrings.`);
    return found;
  };
  const registry = forTests(
    async () => {
      const node = lab().node(1);
      const span = { from: Date.now(), until: Date.now() + day };
      const ca = await certificates.makeAuthority({ name: 'registry', hosts: ['registry.test'], ...span });
      const shown = await certificates.issue(ca, { hosts: [node.address], ...span });
      const at = { address: node.address, certificate: shown.certificate, key: shown.key };
      const started = await startDockerRegistry('ann', password, { netns: node.netns, at });
      return { ...started, ca: ca.certificate, place: `${started.host}/team` };
    },
    (one) => one.stop(),
  );
  /** The first operator, another one at the same engine, one with a locked keychain, one without; a guest elsewhere. */
  const desks = forTests(
    async () => {
      const [one, two] = [lab().node(1), lab().node(2)];
      const withKeys = [0, 1, 2].map((at) => sitDownAt(one, keyring(at).environment));
      const all = await Promise.all([...withKeys, sitDownAt(one, noKeychain), sitDownAt(two, keyring(3).environment)]);
      const ca = process.env.CLAUDE_ENV_TEST_CA;
      const build = { baseImage: base, ...(ca === undefined ? {} : { extraCaFile: ca }) };
      for (const { folder } of all) {
        await writeFile(join(folder, 'state', 'settings.json'), JSON.stringify({ theme: 'system', build }));
      }
      return all;
    },
    (all) => Promise.all(all.map((one) => one.remove())),
  );
  const desk = (index: number): Desk => {
    const found = desks()[index];
    if (found === undefined) throw new Error(`There are ${desks().length} desks.`);
    return found;
  };
  const [anna, bob, locked, keyless, gus] = [0, 1, 2, 3, 4].map((at) => () => desk(at)) as [
    ...(readonly [() => Desk, () => Desk, () => Desk, () => Desk, () => Desk]),
  ];
  const said: string[] = [];
  const well = async (at: Desk, ...args: readonly string[]): Promise<readonly Line[]> => {
    const answer = await at.say(...args, '--yes', '--json');
    said.push(answer.stdout, answer.stderr);
    expect(answer.code, `${args.join(' ')}\n${answer.stdout.slice(-4000)}\n${answer.stderr}`).toBe(0);
    return answer.lines;
  };
  const teamPlan = (lines: readonly Line[]) =>
    lines.find(({ type }) => type === 'team-plan') as unknown as {
      readonly steps: readonly { readonly kind: string; readonly cause: string }[];
      readonly notes: readonly string[];
      readonly builds: readonly unknown[];
    };
  const stackSteps = (lines: readonly Line[]) =>
    (lines.find(({ type }) => type === 'plan') as unknown as { readonly steps: readonly Line[] }).steps;
  const stackServices = () =>
    lab()
      .node(1)
      .docker.listServices({ filters: { label: ['com.docker.stack.namespace=claude-team'] } });
  /** Nothing of the team's stack; and no image but those that the test brought. */
  const untouched = async () => {
    const { docker } = lab().node(1);
    const [services, secrets, images] = await Promise.all([stackServices(), docker.listSecrets(), docker.listImages()]);
    expect(services.map(({ Spec }) => Spec?.Name)).toEqual([]);
    expect(secrets.map(({ Spec }) => Spec?.Name)).toEqual([]);
    const built = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith('localhost/'));
    expect(built).toEqual([]);
  };
  const secretKeys = async () =>
    (await lab().node(1).docker.listSecrets()).map(({ Spec }) => Spec?.Labels?.['io.claude-env.key'] ?? '').sort();
  const secretIds = async () => (await lab().node(1).docker.listSecrets()).map(({ ID }) => ID).sort();
  const running = async () => {
    const tasks = await lab()
      .node(1)
      .docker.listTasks({ filters: { 'desired-state': ['running'] } });
    return new Set(tasks.map(({ Status }) => Status?.State as string));
  };
  const invited = async () =>
    (await anna().get<{ invite: string }>('issued', 'team', 'person', 'invite', 'Gus')).invite;
  const logIn = async (at: Desk) => {
    const auth = Buffer.from(`ann:${password}`).toString('base64');
    await writeFile(
      join(at.folder, 'docker', 'config.json'),
      JSON.stringify({ auths: { [registry().host]: { auth } } }),
    );
  };
  const trust = async () => {
    for (const { dir } of lab().nodes) {
      const folder = join(dir, 'etc', 'certs.d', registry().host);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'ca.crt'), registry().ca);
    }
  };

  it(
    'says what is in the way before anything is made or built: keychain, images, the registry’s certificate and login',
    async () => {
      await well(anna(), 'team', 'create', 'Falcon');
      const { invite } = await anna().get<{ invite: string }>('issued', 'team', 'invite', '--machine', 'server');
      await well(gus(), 'team', 'join', invite, '--no-probe');
      for (const name of ['n1', 'n2']) await well(anna(), 'team', 'node', 'role', name, 'server');

      expect(await codeOf(anna(), 'team', 'up')).toBe('image.not-found');
      for (const which of ['postgres', 'redis'] as const) {
        await provideStandIn(lab().node(1).docker, which, { base, official: true });
      }
      const grafana = await anna().say('team', 'up', '--monitoring', '--yes');
      expect(grafana).toMatchObject({ code: 1, stderr: expect.stringContaining('--no-monitoring') });
      expect(grafana.stderr).toContain('grafana/grafana');

      await keyring(2).lock();
      expect(await codeOf(locked(), 'team', 'up')).toBe('keychain.locked');
      const asked = await keyless().say('team', 'up');
      expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('the Swarm alone has it') });

      const up = ['team', 'up', '--registry', registry().place] as const;
      const stranger = await anna().say(...up, '--yes');
      expect(stranger.stderr).toContain('certs.d');
      expect(stranger.code).not.toBe(0);
      await trust();
      expect(await codeOf(anna(), ...up)).toBe('registry.denied');
      await untouched();
      for (const at of [locked(), keyless()]) expect(await everythingBelow(at.folder)).not.toContain('PRIVATE KEY');
    },
    5 * minutes,
  );

  it(
    'goes on where it was killed: after its secrets, while it builds, while it deploys; nothing is there twice',
    async () => {
      await logIn(anna());
      const up = () => anna().start('team', 'up', '--registry', registry().place, '--yes');
      const first = up();
      // The first line of progress is a build's: everything of this machine's is made by then.
      await first.line(({ type }) => type === 'progress');
      await first.kill();
      const key = await inKeychain(keyring(0), 'team-value/Falcon/CLAUDE_ENV_TEAM_DB_PASSWORD');
      expect(key).not.toBe('');

      const second = up();
      const plan = (await second.line(({ type }) => type === 'team-plan')) as unknown as ReturnType<typeof teamPlan>;
      expect(plan.steps).toEqual([]);
      await second.line(({ type, step }) => type === 'progress' && String(step).startsWith('create-service'));
      await second.kill();

      const third = await well(anna(), 'team', 'up', '--registry', registry().place);
      expect(teamPlan(third)).toMatchObject({ steps: [], builds: [] });
      expect(await running()).toEqual(new Set(['running']));
      expect(await secretKeys()).toEqual(generatedKeys);
      expect(await inKeychain(keyring(0), 'team-value/Falcon/CLAUDE_ENV_TEAM_DB_PASSWORD')).toBe(key);
      const specs = (await stackServices()).map(({ Spec }) => JSON.stringify(Spec?.TaskTemplate));
      expect(specs.filter((spec) => !spec.includes(`"Image":"${registry().place}/`))).toEqual([]);
      const again = await well(anna(), 'team', 'up');
      expect([teamPlan(again).steps, stackSteps(again)]).toEqual([[], []]);
      for (const secret of [key, password]) expect(said.join('\n')).not.toContain(secret);
      expect(await everythingBelow(join(anna().folder, 'state'))).not.toContain(key);
    },
    20 * minutes,
  );

  it(
    'is nothing to do for another operator, who lacks only the login, and who makes nothing over what is there',
    async () => {
      const before = await secretIds();
      expect(await codeOf(bob(), 'team', 'up')).toBe('registry.denied');
      await logIn(bob());
      const lines = await well(bob(), 'team', 'up');
      expect(teamPlan(lines)).toMatchObject({ steps: [], builds: [] });
      expect(teamPlan(lines).notes).toEqual([expect.stringContaining('it stays what it is')]);
      expect(stackSteps(lines)).toEqual([]);
      await well(bob(), 'team', 'up', '--sync-interval', '600');
      const back = await well(anna(), 'team', 'up');
      expect([teamPlan(back).steps, stackSteps(back)]).toEqual([[], []]);
      expect(await secretIds()).toEqual(before);
    },
    5 * minutes,
  );

  it(
    'makes another certificate before one ends, which everybody is told of; nobody is kept out meanwhile',
    async () => {
      await well(gus(), 'team', 'join', await invited());
      const file = join(anna().folder, 'state', 'team-stack.json');
      const kept = JSON.parse(await readFile(file, 'utf8'));
      const [record] = kept['team-stack'];
      const key = await inKeychain(keyring(0), `team/${record.swarm}/authority-key`);
      const { hosts } = record.certificate;
      const until = Date.now() + 20.5 * day;
      const short = await certificates.issue(
        { certificate: record.authority.certificate, key },
        { hosts, from: Date.now(), until },
      );
      // As one that was made 345 days ago.
      for (const [name, value] of [
        ['CERT', short.certificate],
        ['KEY', short.key],
      ] as const) {
        await setInKeychain(keyring(0), `team-value/Falcon/CLAUDE_ENV_TEAM_TLS_${name}`, value);
      }
      await well(anna(), 'team', 'up');
      const status = async (at: Desk) => (await at.say('team', 'status')).stdout;
      expect(await status(gus())).toMatch(/ends in 20 days[\s\S]*Tell an operator/);
      expect(await status(anna())).toMatch(/ends in 20 days[\s\S]*`team up` makes another one/);

      await writeFile(file, JSON.stringify({ ...kept, 'team-stack': [{ ...record, certificate: { hosts, until } }] }));
      let over = false;
      const codes: number[] = [];
      const asking = (async () => {
        while (!over) codes.push((await gus().say('team', 'status', '--json')).code);
      })();
      const lines = await well(anna(), 'team', 'up');
      over = true;
      await asking;
      expect(teamPlan(lines).steps).toMatchObject([{ kind: 'issue-certificate', cause: 'it expires in 20 days' }]);
      expect(codes.length).toBeGreaterThan(10);
      expect(new Set(codes)).toEqual(
        new Set([
          await gus()
            .say('team', 'status', '--json')
            .then(({ code }) => code),
        ]),
      );
      expect(await status(gus())).toContain('as Gus (guest)');
      expect(await status(gus())).not.toContain('ends in');
      expect(await secretKeys()).toEqual(generatedKeys);
    },
    8 * minutes,
  );

  it(
    'makes another authority, by whom it may be: who believed the one before is told so, and gets in by another invite',
    async () => {
      const lines = await well(bob(), 'team', 'up', '--new-ca');
      expect(teamPlan(lines).notes).toEqual([expect.stringContaining('another invite')]);
      expect(teamPlan(lines).steps.map(({ kind }) => kind)).toEqual(['make-authority', 'issue-certificate']);
      const refused = await gus().say('team', 'status', '--json');
      expect(refused.stdout).toContain('team.other-certificate');
      expect(refused.stdout).toContain('ask for a new invite');

      // The first operator's machine has a certificate of the authority before: it is not deployed again.
      const back = await well(anna(), 'team', 'up');
      expect(teamPlan(back).steps.map(({ kind }) => kind)).toEqual(['forget-certificate']);
      expect(stackSteps(back)).toEqual([]);
      expect((await anna().say('team', 'status')).stdout).toContain('(operator)');
      expect(await secretKeys()).toEqual(generatedKeys);

      const joined = await gus().say('team', 'join', await invited(), '--yes');
      expect(joined.code, joined.stderr).toBe(0);
      expect(joined.stdout + joined.stderr).toContain('team person rm');
      expect((await gus().say('team', 'status')).stdout).toContain('as Gus (guest)');
    },
    8 * minutes,
  );
});

async function setInKeychain({ environment }: SecretService, account: string, value: string): Promise<void> {
  const script = "require('keytar').setPassword('claude-env', process.argv[1], process.env.CLAUDE_ENV_TEST_VALUE)";
  const env = { ...process.env, ...environment, CLAUDE_ENV_TEST_VALUE: value };
  await run(process.execPath, ['-e', script, account], { env });
}
