import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLoginAddress } from '../../main/hosts/cli/commands/claude-login.ts';
import { testEngine } from '../support/engine.ts';
import {
  describeLocalStack,
  digestFolder,
  killMcpServer,
  type LocalStack,
  writeSettings,
} from '../support/local-stack.ts';
import { hasSecretService, startSecretService } from '../support/secret-service.ts';
import { inOrder } from '../support/story.ts';
import { startTeamStub } from '../support/team-stub.ts';
import { createWorkbench, jsonLines, type Workbench } from './support.ts';

interface Server {
  readonly server: string;
  readonly url?: string;
  readonly state: string;
  readonly reason?: string;
  readonly tools: readonly { readonly name: string }[];
  readonly restarts: number;
}
interface Service {
  readonly name: string;
  readonly state: string;
  readonly health: string;
  readonly restarts: number;
  readonly mcp?: readonly Server[];
}
interface Status {
  readonly services: readonly Service[];
}

const minutes = 60_000;
const canary = 'sk-ant-oat01-c4nary~0922';
let bench: Workbench;
let local: LocalStack;
let hostClaude: string;
beforeAll(async () => {
  bench = await createWorkbench();
  await writeSettings(bench);
  local = await describeLocalStack(bench);
  const claude = join(bench.home, '.claude');
  await mkdir(join(claude, 'commands'), { recursive: true });
  await writeFile(join(claude, 'settings.json'), '{"hooks":{}}');
  await writeFile(join(claude, 'commands', 'mine.md'), 'mine');
  await writeFile(join(bench.home, '.claude.json'), '{"mcpServers":{}}');
  hostClaude = await digestFolder(bench.home);
});
afterAll(async () => {
  await bench.run([...local.args, 'down', '--volumes', '--yes']);
  await bench.remove();
}, 2 * minutes);

const status = () => bench.json<Status>([...local.args, 'status']);
const serviceOf = ({ services }: Status, name: string): Service => {
  const found = services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};
const inside = (...command: string[]) => bench.run([...local.args, 'exec', 'claude-env', ...command]);

describe('the local stack', () => {
  inOrder();
  it(
    'comes up healthy from nothing within 12 minutes, telling what it does all the way',
    async () => {
      const began = Date.now();
      const { code, stdout, stderr } = await bench.run([...local.up, '--json']);
      expect([code, stderr], stdout).toEqual([0, '']);
      expect(Date.now() - began).toBeLessThan(12 * minutes);
      const lines = jsonLines(stdout) as { type: string; services?: readonly Service[] }[];
      expect(lines.at(-1)).toMatchObject({ type: 'result', state: 'done' });
      expect(
        lines
          .at(-1)
          ?.services?.map(({ name, state, health }) => [name, state, health])
          .sort(),
      ).toEqual([
        ['claude-env', 'running', 'healthy'],
        ['mcp-bundle', 'running', 'healthy'],
      ]);
    },
    14 * minutes,
  );

  it('has nothing to do the second time, in seconds', async () => {
    const began = Date.now();
    const { code, stdout } = await bench.run([...local.args, 'up', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Nothing to do: 2 services are running and healthy\n$/);
    expect(Date.now() - began).toBeLessThan(15_000);
    expect(await bench.json<object>([...local.args, 'plan'])).toMatchObject({ steps: [] });
  });

  it('has left this machine’s own Claude configuration as it was', async () => {
    expect(await digestFolder(bench.home)).toBe(hostClaude);
  });

  it('says which MCP servers work, with their tools, and what the others lack', async () => {
    const servers = serviceOf(await status(), 'mcp-bundle').mcp ?? [];
    const byName = new Map(servers.map((server) => [server.server, server]));
    expect([...byName.keys()].sort()).toEqual(['context7', 'magic', 'playwright', 'sequential']);
    for (const name of ['context7', 'sequential']) {
      expect(byName.get(name)).toMatchObject({
        state: 'ready',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
      });
      expect(byName.get(name)?.tools.length).toBeGreaterThan(0);
    }
    expect(byName.get('magic')).toMatchObject({ state: 'needs-setup', reason: expect.stringContaining('API_KEY') });
  });

  it('shows a killed MCP server as that one change, and its recovery', async () => {
    const before = serviceOf(await status(), 'mcp-bundle');
    const restartsBefore = before.mcp?.find(({ server }) => server === 'sequential')?.restarts ?? 0;
    const watching = bench.start([...local.args, 'status', '--watch', '--json']);
    await watching.line((line) => line.startsWith('{"engine"'));
    expect(await bench.run([...local.args, ...killMcpServer('sequential')])).toMatchObject({ code: 0 });
    await watching.line((line) => {
      const change = JSON.parse(line) as { type?: string; mcp?: readonly Server[] };
      const server = change.mcp?.find(({ server }) => server === 'sequential');
      return change.type === 'service' && server?.state === 'ready' && server.restarts > restartsBefore;
    });
    watching.child.kill('SIGINT');
    const { code, stdout } = await watching.finished;
    expect(code).toBe(0);

    const changes = (jsonLines(stdout) as (Service & { type?: string })[]).filter(({ type }) => type !== undefined);
    expect(new Set(changes.map(({ type, name }) => `${type} ${name}`))).toEqual(new Set(['service mcp-bundle']));
    const of = (service: Service, name: string) => {
      const server = service.mcp?.find((candidate) => candidate.server === name);
      return { state: server?.state, restarts: server?.restarts, tools: server?.tools.length };
    };
    for (const change of changes) {
      expect(change).toMatchObject({ state: 'running', health: 'healthy', restarts: before.restarts });
      for (const other of ['context7', 'magic', 'playwright']) expect(of(change, other)).toEqual(of(before, other));
    }
    const states = changes.map((change) => of(change, 'sequential').state);
    expect(states.at(-1)).toBe('ready');
    expect(states.some((state) => state !== 'ready')).toBe(true);
  });

  it('holds Claude Code, set up once however often it is set up', async () => {
    expect(await inside('claude', '--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    const first = await inside('claude-env', 'init', '--mode=local');
    const second = await inside('claude-env', 'init', '--mode=local');
    expect(first).toMatchObject({ code: 0 });
    expect(second).toEqual(first);
    const { stdout } = await inside('claude', 'mcp', 'list');
    for (const name of ['context7', 'sequential']) expect(stdout).toMatch(new RegExp(`${name}: http.*Connected`));
  });

  it.runIf(hasSecretService)(
    'logs Claude in with a token of the keychain; what it has set up outlives its container',
    async () => {
      const keyring = await startSecretService();
      const here = (...args: string[]) => bench.run([...local.args, ...args], keyring.environment);
      const login = async () => {
        const { code, stdout } = await inside('claude', 'auth', 'status');
        return { code, ...(JSON.parse(stdout) as object) };
      };
      const servers = async () => {
        const { stdout } = await inside('sh', '-c', 'cat "$CLAUDE_CONFIG_DIR/.claude.json"');
        return JSON.parse(stdout) as { mcpServers: object; hasCompletedOnboarding?: boolean };
      };
      try {
        expect(await login()).toMatchObject({ code: 1, loggedIn: false });
        // Its own login in the browser; nobody is there to log in.
        const browser = bench.start([...local.args, 'claude-login']);
        const address = await browser.line((line) => findLoginAddress(`${line}\n`) !== undefined);
        expect(address).toMatch(/https:\/\/claude\.(com|ai)\//);
        browser.child.kill('SIGINT');
        expect((await browser.finished).code).toBe(5);
        const before = await servers();
        const setting = bench.start(['secret', 'set', 'CLAUDE_CODE_OAUTH_TOKEN'], keyring.environment);
        setting.child.stdin?.end(canary);
        expect((await setting.finished).code).toBe(0);
        const up = await here('up', '--yes');
        expect(up).toMatchObject({
          code: 0,
          stdout: expect.stringContaining('CLAUDE_CODE_OAUTH_TOKEN is in the keychain'),
        });
        expect(await login()).toMatchObject({ code: 0, loggedIn: true, authMethod: 'oauth_token' });
        // Its welcome asks for a login whatever token there is.
        expect(await servers()).toMatchObject({ mcpServers: before.mcpServers, hasCompletedOnboarding: true });
        expect(up.stdout + up.stderr).not.toContain(canary);
        expect((await here('secret', 'rm', 'CLAUDE_CODE_OAUTH_TOKEN')).code).toBe(0);
        const without = await here('up', '--yes');
        expect(without).toMatchObject({ code: 0, stdout: expect.stringContaining('Claude is not logged in yet') });
        expect(await servers()).toMatchObject({ mcpServers: before.mcpServers });
      } finally {
        await keyring.stop();
      }
    },
    5 * minutes,
  );

  it.runIf(testEngine().canInjectFaults)(
    'takes what a team gives: its servers beside its own, its configuration when somebody agrees, and gives it back',
    async () => {
      const { IPAM } = (await bench.engine.docker.getNetwork('bridge').inspect()) as {
        IPAM: { Config: { Gateway: string }[] };
      };
      const team = await startTeamStub(IPAM.Config[0]?.Gateway ?? '', { 'claude/commands/go.md': 'go' });
      const init = ['claude-env', 'init', '--mode=team'];
      const left = () =>
        inside('sh', '-c', 'cd $CLAUDE_CONFIG_DIR; ls commands /run/claude-env-team; grep -o team-own .claude.json');
      try {
        expect(await inside(...init)).toMatchObject({ code: 1, stderr: expect.stringContaining('knows no team') });
        const before = await left();
        const receiving = bench.start([...local.args, 'exec', '-T', 'claude-env', ...init, '--receive']);
        receiving.child.stdin?.end(JSON.stringify(team.delivery));
        expect(await receiving.finished).toMatchObject({ code: 0, stdout: expect.stringContaining(team.sha) });
        const { stdout } = await inside('claude', 'mcp', 'list');
        expect(stdout).toMatch(/^team-own: https.*Connected$/m);
        expect(stdout).toMatch(/^context7: http:.*Connected$/m);
        expect(await inside('claude-env', 'team', 'diff')).toMatchObject({
          stdout: expect.stringContaining('\n+go\n'),
        });
        expect(await inside('claude-env', 'team', 'apply', team.sha)).toMatchObject({ code: 0 });
        expect((await left()).stdout).toContain('go.md');
        expect(await inside('claude-env', 'team', 'leave')).toMatchObject({ code: 0 });
        expect((await left()).stdout).toBe(before.stdout);
        expect(serviceOf(await status(), 'claude-env')).toMatchObject({ health: 'healthy' });
      } finally {
        await team.close();
      }
    },
  );

  it('enters as the owner of the code, whose files stay theirs', async () => {
    const { uid } = await stat(local.workspace);
    expect(await inside('sh', '-c', 'touch /workspaces/made-inside && id -u')).toMatchObject({ stdout: `${uid}\n` });
    expect((await stat(join(local.workspace, 'made-inside'))).uid).toBe(uid);
  });
});
