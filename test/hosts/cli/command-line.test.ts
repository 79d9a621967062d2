import { describe, expect, it } from 'vitest';
import { readSide } from '../../../main/hosts/cli/commands/copy.ts';
import { collectScale } from '../../../main/hosts/cli/container-commands.ts';
import { programName } from '../../../main/hosts/shared/program-name.ts';

describe('how the program is called in a hint', () => {
  it.each([
    ['/usr/local/bin/claude-env', {}, 'claude-env'],
    // npx runs the same file name from a folder of its own.
    ['/clone/node_modules/.bin/claude-env', { npm_command: 'exec' }, 'npx claude-env'],
    ['/clone/out/cli/index.cjs', { npm_command: 'run-script' }, 'npx claude-env'],
    ['/clone/out/cli/index.cjs', {}, 'npx claude-env'],
    [undefined, {}, 'npx claude-env'],
  ])('started as %s with %j: %s', (entry, environment, name) => {
    expect(programName(entry, environment)).toBe(name);
  });
});

describe('the two sides of cp', () => {
  it.each([
    ['web:/etc/hosts', 'web', '/etc/hosts'],
    ['web:etc', 'web', 'etc'],
    ['web:a:b', 'web', 'a:b'],
    ['/abs:olute', undefined, '/abs:olute'],
    ['./name:with-colon', undefined, './name:with-colon'],
    ['plain', undefined, 'plain'],
    ['-', undefined, '-'],
  ])('%s', (text, service, path) => {
    expect(readSide(text)).toEqual({ service, path });
  });
});

describe('SERVICE=NUMBER', () => {
  it('adds up, and the last one of a service counts', () => {
    expect(collectScale('web=2', collectScale('db=0', collectScale('web=1')))).toEqual({ web: 2, db: 0 });
  });
  it.each(['web', '=2', 'web=', 'web=x', 'web=1.5', 'web=-1', 'web=1001'])('refuses %s', (text) => {
    expect(() => collectScale(text)).toThrow(/SERVICE=NUMBER/);
  });
});
