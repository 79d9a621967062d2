import { describe, expect, test } from 'vitest';
import type { AskHelper } from '../../../main/docker/credential-helper.ts';
import { createDockerLogins, registryHeader, toRegistryConfig } from '../../../main/docker/registry-auth.ts';

const host = (config: object) => ({
  env: {},
  home: '/home/ann',
  readText: async (path: string) => (path === '/home/ann/.docker/config.json' ? JSON.stringify(config) : undefined),
});
const helpers = (known: Readonly<Record<string, Readonly<Record<string, readonly [string, string]>>>>) => {
  const asked: string[] = [];
  const of = (helper: string) => {
    const entries = known[helper];
    if (entries === undefined) throw new Error(`docker-credential-${helper} is not installed`);
    return entries;
  };
  const ask: AskHelper = {
    get: async (helper, registry) => {
      asked.push(`${helper} ${registry}`);
      const [user, secret] = of(helper)[registry] ?? [];
      return user === undefined || secret === undefined ? undefined : { user, secret };
    },
    list: async (helper) => Object.fromEntries(Object.entries(of(helper)).map(([key, [user]]) => [key, user])),
  };
  return { ask, asked };
};
const basic = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
const hubKey = 'https://index.docker.io/v1/';

describe('docker’s logins', () => {
  test('from the file, only for its registry, whatever form the key has', async () => {
    const config = { auths: { 'https://ghcr.io/v2/': basic('ann:a:b'), 'docker.io': basic('bob:c') } };
    const logins = createDockerLogins(host(config), helpers({}).ask);
    expect(await logins.ofImage('ghcr.io/x/y')).toEqual({
      registry: 'ghcr.io',
      login: {
        auth: { username: 'ann', password: 'a:b', serveraddress: 'ghcr.io' },
        source: { kind: 'docker-config', file: '~/.docker/config.json' },
      },
      problems: [],
    });
    expect((await logins.ofImage('redis')).login?.auth).toEqual({
      username: 'bob',
      password: 'c',
      serveraddress: hubKey,
    });
    expect((await logins.ofImage('quay.io/x')).login).toBeUndefined();
  });

  test('from a helper, whose token is one; the store is asked for everything else, and the file is what is left', async () => {
    const { ask, asked } = helpers({ gh: { 'ghcr.io': ['<token>', 't'] }, desktop: {} });
    const config = { credsStore: 'desktop', credHelpers: { 'ghcr.io': 'gh' }, auths: { 'quay.io': basic('eve:e') } };
    const logins = createDockerLogins(host(config), ask);
    expect((await logins.ofImage('ghcr.io/x')).login).toEqual({
      auth: { identitytoken: 't', serveraddress: 'ghcr.io' },
      source: { kind: 'helper', helper: 'gh' },
    });
    expect((await logins.ofImage('redis')).login).toBeUndefined();
    expect((await logins.ofImage('quay.io/x')).login?.auth.username).toBe('eve');
    expect(asked).toEqual(['gh ghcr.io', `desktop ${hubKey}`, 'desktop quay.io']);
  });

  test('a helper that fails is named, one with a path as its name is never run', async () => {
    const { ask, asked } = helpers({});
    const failing = createDockerLogins(host({ credsStore: 'gone' }), ask);
    expect(await failing.ofImage('redis')).toMatchObject({ problems: ['docker-credential-gone is not installed'] });
    const evil = createDockerLogins(host({ credsStore: '../evil' }), ask);
    expect((await evil.ofImage('redis')).problems[0]).toMatch(/“\.\.\/evil”/);
    expect((await evil.list()).problems).toHaveLength(1);
    expect(asked).toEqual([`gone ${hubKey}`]);
  });

  test('are listed with users and sources, and no value', async () => {
    const { ask } = helpers({ gh: { 'https://ghcr.io': ['gina', 'x'] }, desktop: { [hubKey]: ['dora', 'y'] } });
    const config = { credsStore: 'desktop', credHelpers: { 'ghcr.io': 'gh' }, auths: { 'quay.io': basic('eve:e') } };
    const listed = await createDockerLogins(host(config), ask).list();
    expect(listed.logins).toEqual([
      { registry: 'quay.io', user: 'eve', source: { kind: 'docker-config', file: '~/.docker/config.json' } },
      { registry: hubKey, user: 'dora', source: { kind: 'helper', helper: 'desktop' } },
      { registry: 'ghcr.io', user: 'gina', source: { kind: 'helper', helper: 'gh' } },
    ]);
  });

  test('go into the headers: by registry, each asked for once', async () => {
    const { ask, asked } = helpers({ store: { 'ghcr.io': ['ann', 'ü~?>'] } });
    const logins = createDockerLogins(host({ credsStore: 'store' }), ask);
    const config = await toRegistryConfig(logins, ['ghcr.io/a', 'ghcr.io/b:1', 'scratch']);
    expect(config).toEqual({ 'ghcr.io': { username: 'ann', password: 'ü~?>', serveraddress: 'ghcr.io' } });
    expect(asked).toEqual(['store ghcr.io', `store ${hubKey}`]);
    const header = registryHeader({ username: 'ann', password: 'ü~?>', serveraddress: 'ghcr.io' });
    expect(header).toMatch(/^[\w-]+={0,2}$/);
    expect(header.length % 4).toBe(0);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))).toMatchObject({ password: 'ü~?>' });
  });
});
