import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withKeyFiles } from '../../resources/images/mcp/supervisor/key-files.mjs';
import { createLastWords } from '../../resources/images/mcp/supervisor/last-words.mjs';
import { toProbeFailure } from '../../resources/images/mcp/supervisor/probe-failure.mjs';
import { toRelatedRequest } from '../../resources/images/mcp/supervisor/routing.mjs';
import {
  type ServerDefinition,
  selectServers,
  serverDefinitions,
  toMissingKey,
  toServerEnvironment,
} from '../../resources/images/mcp/supervisor/servers.mjs';

const find = (name: string): ServerDefinition => {
  const found = serverDefinitions.find((server) => server.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe('the servers of the bundle', () => {
  it('runs all of them unless told which', () => {
    expect(selectServers(undefined).map(({ name, port }) => `${name}:${port}`)).toEqual([
      'context7:3001',
      'sequential:3002',
      'magic:3003',
      'playwright:3004',
    ]);
    expect(selectServers(' playwright,context7 ').map(({ name }) => name)).toEqual(['context7', 'playwright']);
  });

  it('names what it does not know', () => {
    expect(() => selectServers('context7,magik')).toThrow(/magik.*context7, sequential, magic, playwright/);
  });

  it('gives each its own user and port', () => {
    expect(new Set(serverDefinitions.map(({ uid }) => uid)).size).toBe(serverDefinitions.length);
    expect(new Set(serverDefinitions.map(({ port }) => port)).size).toBe(serverDefinitions.length);
  });

  it('hands a server its own key and no other', () => {
    const env = { PATH: '/bin', CONTEXT7_API_KEY: 'c7', TWENTY_FIRST_API_KEY: '21', SECRET: 'x', HTTPS_PROXY: '' };
    expect(toServerEnvironment(find('context7'), env)).toEqual({
      PATH: '/bin',
      CONTEXT7_API_KEY: 'c7',
      HOME: '/var/lib/mcp/context7',
      TMPDIR: '/var/lib/mcp/context7/tmp',
      NODE_COMPILE_CACHE: '/var/lib/mcp/context7/tmp/node',
    });
    expect(toServerEnvironment(find('magic'), env)).toMatchObject({ TWENTY_FIRST_API_KEY: '21' });
    for (const name of ['sequential', 'playwright']) {
      expect(JSON.stringify(toServerEnvironment(find(name), env))).not.toMatch(/c7|21|SECRET/);
    }
  });

  it('misses a key only where one is required', () => {
    expect(toMissingKey(find('magic'), {})).toMatch(/^TWENTY_FIRST_API_KEY is not set/);
    expect(toMissingKey(find('magic'), { TWENTY_FIRST_API_KEY: ' ' })).not.toBeNull();
    expect(toMissingKey(find('magic'), { TWENTY_FIRST_API_KEY: 'k' })).toBeNull();
    expect(toMissingKey(find('context7'), {})).toBeNull();
  });

  it('reads a key from a file, as a Swarm gives it, where the variable has none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'claude-env-keys-'));
    const file = join(folder, 'key');
    writeFileSync(file, 'from the file\n');
    try {
      const env = { TWENTY_FIRST_API_KEY_FILE: file, CONTEXT7_API_KEY_FILE: file, CONTEXT7_API_KEY: 'own' };
      const read = withKeyFiles(env, serverDefinitions);
      expect(toServerEnvironment(find('magic'), read)).toMatchObject({ TWENTY_FIRST_API_KEY: 'from the file' });
      expect(toServerEnvironment(find('context7'), read)).toMatchObject({ CONTEXT7_API_KEY: 'own' });
      expect(() => withKeyFiles({ CONTEXT7_API_KEY_FILE: join(folder, 'none') }, serverDefinitions)).toThrow(/none/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what a failed initialize means', () => {
  const failure = (message: string, name = 'magic') => toProbeFailure({ message }, find(name));

  it('tells a service that is away, a key that is refused, and a process that died', () => {
    expect(failure('MCP error -32000: 21st MCP endpoint unreachable (https://x): fetch failed')).toEqual({
      type: 'unreachable',
      reason: '21st MCP endpoint unreachable (https://x): fetch failed',
    });
    expect(failure('MCP error -32001: Not authenticated - your API key is missing')).toMatchObject({
      type: 'needs-setup',
      reason: expect.stringContaining('TWENTY_FIRST_API_KEY'),
    });
    expect(failure('MCP error -32000: magic ended with code 1: Error: connect ECONNREFUSED')).toEqual({
      type: 'ended',
      reason: 'ended with code 1: Error: connect ECONNREFUSED',
    });
    expect(failure('MCP error -32001: Request timed out', 'sequential')).toEqual({
      type: 'ended',
      reason: 'did not initialize: Request timed out',
    });
  });

  it('takes no key for refused where there is none', () => {
    expect(failure('Unauthorized', 'sequential')).toMatchObject({ type: 'ended' });
  });
});

describe('the last words of a process', () => {
  it('names the error of a Node crash rather than the version below it', () => {
    const words = createLastWords();
    words.push('node:internal\n  throw err;\n\nError: Cannot find ');
    words.push("module 'x'\n    at here\n\nNode.js v24.21.0\n");
    expect(words.line()).toBe("Error: Cannot find module 'x'");
  });

  it('takes the last line of what names no error', () => {
    const words = createLastWords();
    words.push('one\ntwo\n\n');
    expect(words.line()).toBe('two');
    expect(createLastWords().line()).toBe('');
  });
});

describe('the stream of a message that a server sends by itself', () => {
  const pending = new Map<string | number, unknown>([
    [1, undefined],
    ['b', 'token'],
  ]);

  it('is that of the request whose progress it tells', () => {
    expect(toRelatedRequest({ method: 'notifications/progress', params: { progressToken: 'token' } }, pending)).toBe(
      'b',
    );
    expect(
      toRelatedRequest({ method: 'notifications/progress', params: { progressToken: 'old' } }, pending),
    ).toBeUndefined();
  });

  it('is that of the only request under way, else the listening one', () => {
    const log = { method: 'notifications/message' };
    expect(toRelatedRequest(log, new Map([[4, undefined]]))).toBe(4);
    expect(toRelatedRequest(log, pending)).toBeUndefined();
    expect(toRelatedRequest(log, new Map())).toBeUndefined();
  });

  it('is not looked for when the message is an answer', () => {
    expect(toRelatedRequest({}, new Map([[4, undefined]]))).toBeUndefined();
  });
});
