import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  parseConfig,
  reconcileServers,
  type ServerStatus,
  skipWelcome,
  toLine,
} from '../../resources/images/devcontainer/init/config.mjs';
import { updateConfigFile } from '../../resources/images/devcontainer/init/config-file.mjs';

const server = (name: string, port: number, state = 'ready', reason: string | null = null): ServerStatus => ({
  server: name,
  port,
  path: '/mcp',
  state,
  reason,
});
const context7 = server('context7', 3001);
const magic = server('magic', 3003, 'needs-setup', 'KEY is not set');
const entry = (port: number) => ({ type: 'http', url: `http://mcp-bundle:${port}/mcp` });
const reconcile = (config: Record<string, unknown>, registered: Record<string, string>, ...servers: ServerStatus[]) =>
  reconcileServers({ config, registered, servers, host: 'mcp-bundle' });

describe('Claude Code’s welcome', () => {
  it.each([
    [{}, {}, {}],
    [{}, { ANTHROPIC_API_KEY: '' }, {}],
    [{ theme: 'dark' }, { CLAUDE_CODE_OAUTH_TOKEN: 'tok' }, { theme: 'dark', hasCompletedOnboarding: true }],
    [{}, { ANTHROPIC_API_KEY: 'key' }, { hasCompletedOnboarding: true }],
    [{ hasCompletedOnboarding: false }, { ANTHROPIC_API_KEY: 'key' }, { hasCompletedOnboarding: false }],
  ])('of %o with %o is left at %o', (config, env, expected) => expect(skipWelcome(config, env)).toEqual(expected));
});

describe('what init changes in Claude Code’s configuration', () => {
  it('registers the servers that run and leaves the rest of the file alone', () => {
    const config = { theme: 'dark', mcpServers: { mine: { command: 'x' } }, projects: { '/a': {} } };
    const result = reconcile(config, {}, context7, magic);
    expect(result.config).toEqual({ ...config, mcpServers: { mine: { command: 'x' }, context7: entry(3001) } });
    expect(Object.keys(result.config)).toEqual(Object.keys(config));
    expect(result.registered).toEqual({ context7: entry(3001).url });
    expect(result.reports.map(toLine)).toEqual([
      'context7: registered: http://mcp-bundle:3001/mcp',
      'magic: not registered: needs setup: KEY is not set',
    ]);
  });

  it('changes nothing the second time, and says so', () => {
    const first = reconcile({}, {}, context7);
    const second = reconcile(first.config, first.registered, context7);
    expect(second).toMatchObject({ changed: false, registered: first.registered });
    expect(second.config).toBe(first.config);
    expect(second.reports.map(toLine)).toEqual(['context7: already registered: http://mcp-bundle:3001/mcp']);
  });

  it('follows a server to its new address and takes away one that runs no more', () => {
    const first = reconcile({}, {}, context7, server('playwright', 3004));
    const moved = reconcile(first.config, first.registered, server('context7', 4001));
    expect(moved.config).toEqual({ mcpServers: { context7: entry(4001) } });
    expect(moved.registered).toEqual({ context7: entry(4001).url });
    expect(moved.reports.map(({ outcome }) => outcome)).toEqual(['updated', 'removed']);
  });

  it('takes away one that lost its key', () => {
    const first = reconcile({}, {}, server('magic', 3003));
    expect(reconcile(first.config, first.registered, magic)).toMatchObject({
      config: { mcpServers: {} },
      registered: {},
      changed: true,
    });
  });

  it('keeps one that is restarting or whose service is away', () => {
    const first = reconcile({}, {}, context7);
    for (const state of ['starting', 'unreachable', 'failed']) {
      expect(reconcile(first.config, first.registered, server('context7', 3001, state)).changed).toBe(false);
    }
  });

  it('never touches an entry of the same name that the user made or changed', () => {
    const own = { context7: { type: 'http', url: 'https://mcp.context7.com/mcp' } };
    expect(reconcile({ mcpServers: own }, {}, context7)).toMatchObject({ changed: false, registered: {} });
    const withHeader = { context7: { ...entry(3001), headers: { a: 'b' } } };
    const memory = { context7: entry(3001).url };
    expect(reconcile({ mcpServers: withHeader }, memory, context7).changed).toBe(false);
    expect(reconcile({ mcpServers: withHeader }, memory).changed).toBe(false);
    expect(reconcile({ mcpServers: own }, memory, magic).changed).toBe(false);
  });

  it('does not claim an equal entry that the user made', () => {
    const config = { mcpServers: { context7: entry(3001) } };
    const result = reconcile(config, {}, context7);
    expect(result).toMatchObject({ changed: false, registered: {} });
    expect(reconcile(config, result.registered).changed).toBe(false);
  });

  it.each(['{', '[]', 'null', '"x"'])('refuses the file %j', (text) => {
    expect(() => parseConfig(text)).toThrow(/nothing was changed/);
  });

  it('refuses a list of servers that is none', () => {
    expect(() => reconcile({ mcpServers: [] }, {}, context7)).toThrow(/nothing was changed/);
  });
});

describe('the file', () => {
  let folder: string;
  const file = () => join(folder, '.claude.json');
  it('spares the welcome where a login is given, writes nothing of it, and keeps a copy of what was', async () => {
    writeFileSync(join(folder, '.claude.json'), '{"theme": "dark"}');
    const { backup } = await updateConfigFile({
      folder,
      servers: [],
      host: 'mcp-bundle',
      env: { CLAUDE_CODE_OAUTH_TOKEN: 'c4nary' },
    });
    const text = readFileSync(join(folder, '.claude.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({ theme: 'dark', hasCompletedOnboarding: true });
    expect(text).not.toContain('c4nary');
    expect(backup).not.toBeNull();
  });

  const update = (...servers: ServerStatus[]) => updateConfigFile({ folder, servers, host: 'mcp-bundle' });
  const backups = () => readdirSync(join(folder, 'claude-env')).filter((name) => name.startsWith('claude.json.'));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'claude-env-init-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made where there is none, and only its reader may read it', async () => {
    expect((await update(context7)).backup).toBeNull();
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ mcpServers: { context7: entry(3001) } });
    expect(existsSync(`${file()}.lock`)).toBe(false);
  });

  it('is saved as it was before each change, and not written without one', async () => {
    const before = '{"theme":"dark"}';
    writeFileSync(file(), before);
    const { backup } = await update(context7);
    expect(readFileSync(backup ?? '', 'utf8')).toBe(before);
    const written = readFileSync(file(), 'utf8');
    expect(await update(context7)).toMatchObject({ backup: null, reports: [{ outcome: 'already' }] });
    expect(readFileSync(file(), 'utf8')).toBe(written);
    expect(backups()).toHaveLength(1);
  });

  it('keeps the last five backups', async () => {
    writeFileSync(file(), '{}');
    for (let port = 5001; port < 5009; port += 1) await update(server('context7', port));
    expect(backups()).toHaveLength(5);
  });

  it('stays as it is when it cannot be read, and unlocked', async () => {
    writeFileSync(file(), '{ broken');
    await expect(update(context7)).rejects.toThrow(/not valid JSON/);
    expect(readFileSync(file(), 'utf8')).toBe('{ broken');
    expect(existsSync(`${file()}.lock`)).toBe(false);
  });

  it('waits for Claude Code’s lock', async () => {
    mkdirSync(`${file()}.lock`);
    let done = false;
    const updating = update(context7).then(() => {
      done = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    rmSync(`${file()}.lock`, { recursive: true });
    await updating;
    expect(existsSync(file())).toBe(true);
  });

  it('takes over a lock that was left behind', async () => {
    mkdirSync(`${file()}.lock`);
    const old = new Date(Date.now() - 60_000);
    utimesSync(`${file()}.lock`, old, old);
    await update(context7);
    expect(existsSync(file())).toBe(true);
  });
});
