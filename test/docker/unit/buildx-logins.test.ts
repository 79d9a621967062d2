import { execFileSync } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { toAuth } from '../../../main/core/registries/login.ts';
import { hub, registryOf } from '../../../main/core/registries/names.ts';
import { lendLogins } from '../../../main/docker/buildx-logins.ts';
import { nodeHost } from '../../../main/docker/host.ts';
import type { RegistryLogins } from '../../../main/services/ports.ts';
import { folder } from '../support.ts';

const canary = `c4nary'"$(id)\\n`;
const basic = Buffer.from('bob:plain-text').toString('base64');
const dockerConfig = {
  auths: { 'quay.io': { auth: basic }, 'other.example': { auth: basic } },
  credHelpers: { 'gcr.io': 'gcloud' },
  proxies: { default: { httpProxy: 'http://p' } },
};

const logins = (own: Readonly<Record<string, readonly [string, string]>>): RegistryLogins => {
  const known: Readonly<Record<string, readonly [string, string]>> = { ...own, 'quay.io': ['bob', 'plain-text'] };
  const ofRegistry: RegistryLogins['ofRegistry'] = async (registry) => {
    const [user, secret] = known[registry] ?? [];
    if (user === undefined || secret === undefined) return { registry, problems: [] };
    return { registry, login: { auth: toAuth(registry, user, secret), source: { kind: 'keychain' } }, problems: [] };
  };
  return { ofRegistry, ofImage: (image) => ofRegistry(registryOf(image)), own: async () => Object.keys(own) };
};

let config: Awaited<ReturnType<typeof folder>> | undefined;
afterEach(() => config?.remove());
async function lend(own: Parameters<typeof logins>[0], text: string | undefined) {
  config = await folder({ 'config.json': JSON.stringify(dockerConfig), 'contexts/meta/x': '', 'buildx/current': '' });
  const host = { ...nodeHost(), env: { DOCKER_CONFIG: config.path, PATH: process.env.PATH } };
  return lendLogins({ host, logins: logins(own), text, report: () => undefined });
}

describe.skipIf(process.platform === 'win32')('logins for buildx', () => {
  test('are behind a helper of the build’s own; no file has a value, and everything else is where it was', async () => {
    const lent = await lend(
      { 'ghcr.io': ['ann', canary], 'unused.example': ['x', 'y'] },
      'FROM ghcr.io/a\nFROM quay.io/b',
    );
    const place = lent.environment.DOCKER_CONFIG ?? '';
    expect((await readdir(place)).sort()).toEqual([
      'buildx',
      'config.json',
      'contexts',
      'docker-credential-claude-env',
    ]);
    expect(await readlink(join(place, 'contexts'))).toBe(join(config?.path ?? '', 'contexts'));
    expect(JSON.parse(await readFile(join(place, 'config.json'), 'utf8'))).toEqual({
      credHelpers: { 'gcr.io': 'gcloud', 'ghcr.io': 'claude-env', 'quay.io': 'claude-env' },
      proxies: dockerConfig.proxies,
    });
    const script = await readFile(join(place, 'docker-credential-claude-env'), 'utf8');
    for (const value of [canary, 'plain-text', basic]) expect(script).not.toContain(value);
    expect((await stat(place)).mode & 0o777).toBe(0o700);

    const ask = (registry: string): unknown => {
      const env = { ...lent.environment };
      const said = execFileSync('docker-credential-claude-env', ['get'], { env, input: registry, encoding: 'utf8' });
      return JSON.parse(said);
    };
    expect(ask('ghcr.io\n')).toEqual({ ServerURL: 'ghcr.io', Username: 'ann', Secret: canary });
    expect(ask('quay.io')).toMatchObject({ Username: 'bob', Secret: 'plain-text' });
    expect(() => ask('unused.example')).toThrow(/Command failed/);
    await lent.takeBack();
    await expect(readdir(place)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('are none where the build names no registry of ours; all where its Dockerfile is not known, and Docker Hub always', async () => {
    expect((await lend({ 'ghcr.io': ['ann', 'x'] }, 'FROM quay.io/b')).environment).toEqual({});
    const unknown = await lend({ 'ghcr.io': ['ann', 'x'] }, undefined);
    expect(unknown.environment).toHaveProperty('DOCKER_CONFIG');
    await unknown.takeBack();
    const always = await lend({ [hub]: ['<token>', 'identity'] }, 'FROM debian');
    expect(Object.values(always.environment)).toContainEqual(
      JSON.stringify({ ServerURL: hub, Username: '<token>', Secret: 'identity' }),
    );
    await always.takeBack();
  });
});
