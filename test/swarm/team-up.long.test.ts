import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { forTests } from '../support/for-tests.ts';
import { hasSecretService, startSecretService } from '../support/secret-service.ts';
import { provideStandIn } from '../support/stand-ins.ts';
import { inOrder } from '../support/story.ts';
import { type LabNode, startSwarmLab } from '../support/swarm-lab.ts';
import { type Desk, sitDownAt } from './team-support.ts';

/*
 * A team's services from nothing by one command, on real engines: two servers, a member's machine that becomes a node, and a
 * guest's that does not. Images are built from this clone; redis and postgres are Debian's, under the names that the stack uses.
 */

const minutes = 60_000;
const base = 'claude-env/base';

/** `docker save | docker load`, for images that one machine has built and another one runs as well. */
async function copyImages(from: LabNode, to: LabNode, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const answer = await to.docker.loadImage(await from.docker.getImage(name).get());
    // It is loaded when the answer has ended.
    for await (const _line of answer);
  }
}

interface Planned {
  readonly steps: readonly { readonly kind: string; readonly target?: string }[];
}

describe.skipIf(!hasSecretService)('a team’s services', () => {
  inOrder();
  const lab = forTests(
    () => startSwarmLab({ nodes: 4 }),
    (one) => one.down(),
  );
  const keyrings = forTests(
    () => Promise.all([1, 2, 3].map(() => startSecretService())),
    (all) => Promise.all(all.map((one) => one.stop())),
  );
  const desks = forTests(
    async () => {
      const people = [lab().node(1), lab().node(3), lab().node(4)];
      return Promise.all(people.map((node, index) => sitDownAt(node, keyrings()[index]?.environment)));
    },
    (all) => Promise.all(all.map((one) => one.remove())),
  );
  const desk = (index: number): Desk => {
    const found = desks()[index];
    if (found === undefined) throw new Error(`There are ${desks().length} desks.`);
    return found;
  };
  const operator = () => desk(0);
  /** Runs it, and shows what it said where it fails. */
  const well = async (at: Desk, ...args: readonly string[]) => {
    const answer = await at.say(...args, '--yes', '--json');
    expect(answer.code, `${args.join(' ')}\n${answer.stdout.slice(-4000)}\n${answer.stderr}`).toBe(0);
    return answer.lines;
  };
  const planOf = (lines: readonly Readonly<Record<string, unknown>>[], type: string) =>
    lines.find((line) => line.type === type) as (Planned & Readonly<Record<string, unknown>>) | undefined;
  const tasks = async () => {
    const all = await lab()
      .node(1)
      .docker.listTasks({ filters: { 'desired-state': ['running'] } });
    return all.map(({ Status }) => Status?.State as string);
  };
  const secretNames = async () =>
    (await lab().node(1).docker.listSecrets()).map(({ Spec }) => Spec?.Name?.replace(/-[^-]*$/, '')).sort();
  /** The team's MCP servers that Claude Code in this desk's dev container is connected to. */
  const connected = async (at: Desk) => {
    const { stdout } = await at.say('exec', '--no-tty', 'claude-env', 'claude', 'mcp', 'list');
    return [...stdout.matchAll(/^team-(\S+): .*✔ Connected$/gm)].map(([, name]) => name).sort();
  };

  it(
    'come up by one command: images, certificate, secrets, all healthy',
    async () => {
      const [one, two] = [lab().node(1), lab().node(2)];
      const ca = process.env.CLAUDE_ENV_TEST_CA;
      const build = { baseImage: base, ...(ca === undefined ? {} : { extraCaFile: ca }) };
      for (const at of desks()) {
        await writeFile(join(at.folder, 'state', 'settings.json'), JSON.stringify({ theme: 'system', build }));
      }
      for (const which of ['postgres', 'redis'] as const)
        await provideStandIn(one.docker, which, { base, official: true });
      await well(operator(), 'team', 'create', 'Falcon');
      const { invite } = await operator().get<{ invite: string }>('issued', 'team', 'invite', '--machine', 'server');
      const second = await sitDownAt(two);
      try {
        await well(second, 'team', 'join', invite, '--no-probe');
      } finally {
        await second.remove();
      }
      await operator().addContext('two', `unix://${two.socket}`);
      await well(operator(), 'team', 'node', 'role', 'n2', 'server');

      const lines = await well(operator(), 'team', 'up');
      expect(planOf(lines, 'team-plan')?.steps.map(({ kind }) => kind)).toEqual([
        'make-authority',
        'issue-certificate',
        'make-value',
        'make-value',
        'make-value',
        'make-value',
        'mark-node',
      ]);
      expect(planOf(lines, 'plan')).toMatchObject({ problems: [], warnings: [] });
      const states = await tasks();
      expect(new Set(states)).toEqual(new Set(['running']));
      // Two gateways, two controllers, config-sync, engine-view, seven MCP servers, redis, postgres.
      expect(states.length).toBeGreaterThanOrEqual(15);
      expect(await secretNames()).toEqual(
        ['db-password', 'first-operator', 'redis-password', 'service-key', 'tls-cert', 'tls-key'].map(
          (name) => `claude-team_${name}`,
        ),
      );
    },
    20 * minutes,
  );

  it(
    'are left alone by the same command again, and change by what is said besides, which stays said',
    async () => {
      const lines = await well(operator(), 'team', 'up');
      expect(planOf(lines, 'team-plan')).toMatchObject({ steps: [], builds: [] });
      expect(planOf(lines, 'plan')?.steps).toEqual([]);
      const changed = await well(operator(), 'team', 'up', '--sync-interval', '600');
      expect(planOf(changed, 'plan')?.steps.filter(({ kind }) => kind === 'update-service')).toMatchObject([
        { service: 'config-sync' },
      ]);
      expect(planOf(await well(operator(), 'team', 'up'), 'plan')?.steps).toEqual([]);
    },
    6 * minutes,
  );

  it(
    'are what a member’s and a guest’s Claude is connected to within 90 s of the invite, on a node and on none',
    async () => {
      const [member, guest] = [desk(1), desk(2)];
      // Their own dev containers, which they had before.
      await mkdir(join(operator().folder, 'code'));
      await well(operator(), 'up', '--workspace', join(operator().folder, 'code'));
      const images = ['localhost/claude-env/devcontainer:0.1.0', 'localhost/claude-env/mcp-bundle:0.1.0'];
      for (const at of [member, guest]) {
        await copyImages(lab().node(1), at.node, images);
        await mkdir(join(at.folder, 'code'));
        await well(at, 'up', '--workspace', join(at.folder, 'code'));
      }
      const invited = async (name: string, ...more: readonly string[]) =>
        (await operator().get<{ invite: string }>('issued', 'team', 'person', 'invite', name, ...more)).invite;
      const words = [
        { at: member, word: await invited('Mia', '--role', 'member', '--machine', 'laptop') },
        { at: guest, word: await invited('Gus') },
      ];
      for (const { at, word } of words) {
        const began = Date.now();
        await well(at, 'team', 'join', word);
        expect(await connected(at)).toEqual(expect.arrayContaining(['context7', 'sequential']));
        expect(Date.now() - began).toBeLessThan(90_000);
      }
      const nodes = await lab().node(1).docker.listNodes();
      expect(nodes.map(({ Description }) => Description?.Hostname).sort()).toEqual(['n1', 'n2', 'n3']);
    },
    20 * minutes,
  );

  it(
    'end and come back with the same people, from the data and the keychain',
    async () => {
      await well(operator(), 'team', 'down');
      const left = await lab()
        .node(1)
        .docker.listServices({ filters: { label: ['com.docker.stack.namespace=claude-team'] } });
      expect(left.map(({ Spec }) => Spec?.Name)).toEqual([]);
      expect(await secretNames()).toEqual([]);
      const lines = await well(operator(), 'team', 'up');
      expect(planOf(lines, 'team-plan')?.steps).toEqual([]);
      const answer = await operator().say('team', 'people');
      expect(answer.stdout).toMatch(/Mia[\s\S]*Gus|Gus[\s\S]*Mia/);
      expect(await connected(desk(2))).toEqual(expect.arrayContaining(['context7', 'sequential']));
    },
    10 * minutes,
  );
});
