import { describe, expect, it } from 'vitest';
import { checkAccess, parseList, toAccessRule, toHostName } from '../../resources/images/mcp/supervisor/access.mjs';

const rule = toAccessRule(
  {
    MCP_CONTAINER_NAME: 'mcp-servers-local',
    MCP_ALLOWED_HOSTS: 'Build.Example, ',
    MCP_ALLOWED_ORIGINS: 'http://localhost:6274',
  },
  'F00BA4',
);

describe('who may talk to an MCP server', () => {
  it.each([
    'mcp-bundle:3001',
    'mcp-bundle',
    'localhost:3001',
    '127.0.0.1:4001',
    '[::1]:3001',
    'f00ba4:3001',
    'mcp-servers-local:3001',
    'build.example:80',
    'LOCALHOST',
  ])('answers to %s', (host) => {
    expect(checkAccess(rule, { host })).toEqual({ allowed: true });
  });

  it.each([
    'evil.example',
    'evil.example:3001',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'mcp-bundle@evil.example',
    'evil.example/localhost',
    'localhost:3001:3001',
    '127.0.0.2',
    '',
  ])('refuses the host %j', (host) => {
    expect(checkAccess(rule, { host })).toMatchObject({ allowed: false });
  });

  it('refuses a request with no Host at all', () => {
    expect(checkAccess(rule, {})).toMatchObject({ allowed: false });
  });

  it.each(['http://evil.example', 'http://localhost:3000', 'null', ''])('refuses the origin %j', (origin) => {
    const answer = checkAccess(rule, { host: 'localhost:3001', origin });
    expect(answer).toMatchObject({ allowed: false, reason: expect.stringContaining('MCP_ALLOWED_ORIGINS') });
  });

  it('lets an origin pass that was allowed, and says which', () => {
    const origin = 'http://localhost:6274';
    expect(checkAccess(rule, { host: 'localhost:3001', origin })).toEqual({ allowed: true, origin });
  });

  it('checks the host even when the origin is allowed', () => {
    expect(checkAccess(rule, { host: 'evil.example', origin: 'http://localhost:6274' })).toMatchObject({
      allowed: false,
    });
  });

  it('allows no origin unless told', () => {
    expect(toAccessRule({}, 'x').origins.size).toBe(0);
  });
});

describe('settings', () => {
  it('splits lists and drops the empty parts', () => {
    expect(parseList(' a, B ,,')).toEqual(['a', 'b']);
    expect(parseList(undefined)).toEqual([]);
  });

  it('takes the name out of a Host header', () => {
    expect(toHostName('[::1]:3001')).toBe('::1');
    expect(toHostName('Name:1')).toBe('name');
    expect(toHostName('a b')).toBeUndefined();
  });
});
