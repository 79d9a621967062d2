import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { debsOf } from '../../scripts/setup/peer-packages.mjs';
import { providePeers } from '../../scripts/setup/peers.mjs';
import { capture, findCommand } from '../../scripts/setup/run.mjs';

/* The programs that others are compared with: got once, into the cache and nowhere else, or missed in one line. */

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'peers-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const packagesWork = process.platform === 'linux' && findCommand('dpkg-deb') !== undefined;

/** A package that has this shell script as docker compose's plug-in. */
async function packageOf(script: string, file: string) {
  const root = mkdtempSync(join(cache, 'deb-'));
  const folder = join(root, 'usr/libexec/docker/cli-plugins');
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(root, 'DEBIAN'));
  writeFileSync(
    join(root, 'DEBIAN/control'),
    'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n',
  );
  writeFileSync(join(folder, 'docker-compose'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'docker-compose'), 0o755);
  const { code, output } = await capture('dpkg-deb', ['--build', root, file]);
  if (code !== 0) throw new Error(output);
}

const variable = 'CLAUDE_ENV_PEER_COMPOSE';

describe('peers of the tests', () => {
  it('takes the program that a variable names, and gets nothing then', async () => {
    const download = () => Promise.reject(new Error('nothing may be downloaded'));
    const env = { [variable]: '/opt/docker-compose' };
    expect(await providePeers({ cache, env, wanted: ['compose'], download })).toEqual({ env, missing: [] });
  });

  it.runIf(packagesWork)('unpacks a package into the cache once', async () => {
    const downloads: string[] = [];
    const options = {
      cache,
      env: {},
      wanted: ['compose'] as const,
      download: async ({ path }: { path: string }, file: string) => {
        downloads.push(path);
        await packageOf('echo 2.40.3', file);
      },
    };
    const first = await providePeers(options);
    expect(first.missing).toEqual([]);
    expect(first.env[variable]?.startsWith(`${cache}/peers/compose-`)).toBe(true);
    expect(existsSync(first.env[variable] ?? '')).toBe(true);
    expect(await providePeers(options)).toEqual(first);
    expect(downloads).toEqual([debsOf('compose', process.platform, process.arch)?.[0]?.path]);
  });

  it.runIf(packagesWork)('leaves nothing of one that does not run here, or runs and is another version', async () => {
    const download = (_: unknown, file: string) => packageOf('echo 2.41.0', file);
    const { env, missing } = await providePeers({ cache, env: {}, wanted: ['compose'], download });
    expect(env).toEqual({});
    expect(missing).toEqual([expect.stringMatching(/docker compose 2\.40\.3 could not be had: .*2\.41\.0/)]);
    expect(readdirSync(join(cache, 'peers'))).toEqual([]);
  });

  it.runIf(packagesWork)('says in one line what cannot be had, and why', async () => {
    const download = () => Promise.reject(new Error('no route to deb.debian.org'));
    expect(await providePeers({ cache, env: {}, wanted: ['compose'], download })).toEqual({
      env: {},
      missing: ['interop tests skipped: docker compose 2.40.3 could not be had: no route to deb.debian.org'],
    });
  });

  it('names one package a program and architecture, each with its hash', () => {
    for (const arch of ['x64', 'arm64']) {
      for (const name of ['compose', 'docker', 'buildx', 'compose1', 'prometheus'] as const) {
        const debs = debsOf(name, 'linux', arch) ?? [];
        expect(debs.length).toBeGreaterThan(0);
        for (const { path, sha256 } of debs) {
          expect(path).toMatch(/^pool\/main\/.*\.deb$/);
          expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        }
      }
    }
    expect(debsOf('compose', 'darwin', 'arm64')).toBeUndefined();
    expect(debsOf('compose', 'linux', 'riscv64')).toBeUndefined();
  });
});
