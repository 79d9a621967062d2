import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isShared } from '../../resources/images/devcontainer/init/team/actions.mjs';
import {
  forgetDelivery,
  headersFor,
  isInMemory,
  keepDelivery,
  parseDelivery,
  readDelivery,
} from '../../resources/images/devcontainer/init/team/delivery.mjs';
import { ca } from './team-ca.ts';

const token = `cet_${'a'.repeat(43)}`;
const delivery = { team: 'acme', addresses: ['10.77.0.1:8443', 'team.example:8443'], ca, token };
const text = (more: object = {}) => JSON.stringify({ ...delivery, ...more });

describe('what the app brings into the container', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'claude-env-memory-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read back as it came, the token for its reader alone, and forgotten', () => {
    keepDelivery(parseDelivery(text()), { folder, systemCa: 'SYSTEM' });
    expect(readDelivery(folder)).toEqual(delivery);
    expect(statSync(join(folder, 'token')).mode & 0o777).toBe(0o400);
    expect(readFileSync(join(folder, 'bundle.pem'), 'utf8')).toBe(`SYSTEM\n${ca}`);
    expect(readFileSync(join(folder, 'hosts'), 'utf8')).toBe('10.77.0.1,team.example');
    keepDelivery(parseDelivery(text({ token: `cet_${'b'.repeat(43)}` })), { folder });
    expect(readDelivery(folder).token).toMatch(/b$/);
    forgetDelivery(folder);
    expect(readdirSync(folder)).toEqual([]);
    expect(() => readDelivery(folder)).toThrow(/knows no team/);
  });

  it.each([
    ['no JSON', 'x'],
    ['team', text({ team: '' })],
    ['token', text({ token: 'c4nary' })],
    ['addresses', text({ addresses: [] })],
    ['addresses', text({ addresses: ['http://evil'] })],
    ['addresses', text({ addresses: ['user@host:1'] })],
    ['ca', text({ ca: 'nothing' })],
    ['ca', text({ ca: `${ca}${ca}` })],
  ])('without a proper part is refused by its name (%s), and its value is not said', (what, bad) => {
    expect(() => parseDelivery(bad)).toThrow(what);
    expect(() => parseDelivery(bad)).not.toThrow(/c4nary/);
  });

  it('sends the token to the team’s own addresses and nowhere else', () => {
    expect(headersFor(delivery, 'https://team.example:8443/mcp/context7')).toEqual({
      Authorization: `Bearer ${token}`,
    });
    for (const url of [
      undefined,
      '',
      'x',
      'http://10.77.0.1:8443/mcp/x',
      'https://evil.example/mcp/x',
      'https://10.77.0.1:8444/',
    ])
      expect(() => headersFor(delivery, url), url).toThrow(/own addresses/);
  });

  it('knows a place in memory, and a folder of the machine’s', () => {
    const mounts = [
      '1 2 0:30 / /run/claude-env-team rw,nosuid - tmpfs tmpfs rw',
      '3 2 8:1 /home/me/.claude /home/vscode/.claude rw - ext4 /dev/sda rw',
      `4 2 8:1 /var/lib/docker/volumes/x/_data ${tmpdir()} rw - ext4 /dev/sda rw`,
    ].join('\n');
    expect(isInMemory('/run/claude-env-team', mounts)).toBe(true);
    expect(isInMemory('/home/vscode/.claude', mounts)).toBe(false);
    expect(isInMemory('/run', mounts)).toBe(false);
    expect(isShared(tmpdir(), mounts)).toBe(false);
    expect(isShared('/home/vscode/.claude', mounts)).toBe(true);
  });
});
