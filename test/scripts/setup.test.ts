import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decideBase, defaultBases, ownBase } from '../../scripts/setup/base-image.mjs';
import { digestSources } from '../../scripts/setup/build-stamp.mjs';
import { agrees } from '../../scripts/setup/dependencies.mjs';
import { checkNode } from '../../scripts/setup/index.mjs';
import { installHint, neededFor, providePackages, requirements } from '../../scripts/setup/packages.mjs';
import { cacheDir, stateDir } from '../../scripts/setup/paths.mjs';
import { parseDistribution } from '../../scripts/setup/platform.mjs';
import { isSameProcess, parseStartTime, processStartTime } from '../../scripts/setup/process-info.mjs';
import { aptSources, parseMirror } from '../../scripts/setup/rootfs.mjs';
import { addBuildSettings, extraCaFile, readBuildSettings } from '../../scripts/setup/settings.mjs';
import { mayWe, SetupError } from '../../scripts/setup/terminal.mjs';

const debianRoot = {
  os: 'linux',
  arch: 'x64',
  distribution: 'debian',
  root: true,
  terminal: false,
  systemd: false,
  display: false,
  canInstall: true,
} as const;
const user = { ...debianRoot, root: false, canInstall: false };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('asking before anything is installed', () => {
  const never = () => Promise.reject(new Error('nobody may be asked'));

  it('takes root without a terminal for yes, and a user without one for no', async () => {
    expect(await mayWe('Install', { yes: false, root: true, terminal: false, ask: never })).toBe(true);
    expect(await mayWe('Install', { yes: false, root: false, terminal: false, ask: never })).toBe(false);
  });

  it('asks on a terminal, root or not, unless told --yes', async () => {
    const answer = (text: string) => () => Promise.resolve(text);
    for (const root of [true, false]) {
      expect(await mayWe('Install', { yes: false, root, terminal: true, ask: answer('n') })).toBe(false);
      expect(await mayWe('Install', { yes: false, root, terminal: true, ask: answer('') })).toBe(true);
      expect(await mayWe('Install', { yes: true, root, terminal: true, ask: never })).toBe(true);
    }
  });

  it('installs what is missing in one go on Debian as root', async () => {
    const installed: (readonly string[])[] = [];
    const missing = [
      { what: 'A', apt: 'a', present: () => false },
      { what: 'B', apt: 'b', present: () => true },
      { what: 'C', apt: 'c', present: () => false },
    ];
    const install = async (packages: readonly string[]) => {
      installed.push(packages);
    };
    await providePackages(missing, debianRoot, { yes: false, install });
    expect(installed).toEqual([['a', 'c']]);
  });

  it('touches nothing for an ordinary user and names the command', async () => {
    const missing = [{ what: 'Docker engine', apt: 'docker.io', present: () => false }];
    const failing = providePackages(missing, user, { yes: true, install: never });
    await expect(failing).rejects.toThrow(SetupError);
    await expect(failing).rejects.toMatchObject({
      exitCode: 1,
      hint: expect.stringContaining('apt-get install -y --no-install-recommends docker.io'),
    });
  });

  it('goes on without what is optional', async () => {
    const keyring = { what: 'keyring library', apt: 'libsecret-1-0', present: () => false };
    await providePackages([keyring], user, { yes: false, optional: [keyring], install: never });
  });
});

describe('what a purpose needs', () => {
  const packages = (...given: Parameters<typeof neededFor>) => neededFor(...given).map(({ apt }) => apt);

  it('is nothing of the system on macOS and Windows', () => {
    expect(packages('test', { ...user, os: 'darwin' }, { needsEngine: true, needsBase: true })).toEqual([]);
  });

  it('is no engine where one answers', () => {
    expect(packages('start', debianRoot, { needsEngine: false, needsBase: false })).toEqual(['libsecret-1-0']);
  });

  it('is everything on a bare Debian', () => {
    expect(packages('test', debianRoot, { needsEngine: true, needsBase: true })).toEqual([
      'docker.io',
      'iptables',
      'iproute2',
      'ca-certificates',
      'debootstrap',
      'debian-archive-keyring',
      'libsecret-1-0',
      'chromium',
      'dbus',
      'gnome-keyring',
      'busybox-static',
      'docker-registry',
    ]);
  });

  it('names the usual way on each system', () => {
    const engine = [requirements.engine];
    expect(installHint({ ...user, os: 'darwin' }, engine)).toContain('brew install --cask docker');
    expect(installHint({ ...user, os: 'win32' }, engine)).toContain('winget install --id Docker.DockerDesktop');
    expect(installHint({ ...user, distribution: 'fedora' }, engine)).toContain('dnf install');
    expect(installHint({ ...user, distribution: 'ubuntu' }, engine)).toContain('sudo sh -c');
  });

  it('refuses a Node that is too old', () => {
    expect(() => checkNode('18.20.0')).toThrow(SetupError);
    expect(() => checkNode('20.0.0')).not.toThrow();
  });
});

describe('the base image', () => {
  const decide = (facts: { setting?: string; own?: boolean; defaults?: boolean; hub?: boolean }) =>
    decideBase({
      setting: facts.setting,
      hasOwnBase: async () => facts.own ?? false,
      hasDefaults: async () => facts.defaults ?? false,
      canPull: async () => facts.hub ?? false,
    });

  it('is the official one where it can be had', async () => {
    expect(await decide({ hub: true })).toBe('default');
    expect(await decide({ defaults: true })).toBe('default');
  });

  it('is made where Docker Hub cannot be reached, once', async () => {
    expect(await decide({})).toBe('make-own');
    expect(await decide({ own: true })).toBe('own');
  });

  it('is made again on another engine, as the settings name it', async () => {
    expect(await decide({ setting: ownBase, hub: true })).toBe('make-own');
    expect(await decide({ setting: ownBase, own: true })).toBe('own');
  });

  it('is never ours where the user chose one', async () => {
    expect(await decide({ setting: 'registry.corp/debian:12' })).toBe('theirs');
  });

  it('is what every Dockerfile of ours starts from', () => {
    expect(defaultBases()).toHaveLength(1);
    expect(defaultBases()[0]).toMatch(/^debian:/);
  });

  it('comes from the mirror that the machine uses', () => {
    expect(parseMirror(['deb [signed-by=/k] http://mirror.corp/debian bookworm main\n'])).toBe(
      'http://mirror.corp/debian',
    );
    const deb822 =
      'Types: deb\nURIs: http://sec/debian-security\nSuites: bookworm-security\n\nTypes: deb\nURIs: http://m/debian/\nSuites: bookworm bookworm-updates\n';
    expect(parseMirror(['# nothing\n', deb822])).toBe('http://m/debian');
    expect(parseMirror(['deb http://packages.cloud.google.com/apt cloud-sdk-bookworm main\n'])).toBeUndefined();
    expect(aptSources('http://deb.debian.org/debian')).toContain('debian-security bookworm-security main');
    expect(aptSources('http://mirror.corp/debian').trim().split('\n')).toHaveLength(1);
  });
});

describe('settings that this machine needs', () => {
  it('are added, readable by the owner only, and leave the user’s alone', () => {
    const path = join(folder, 'settings.json');
    addBuildSettings(folder, { baseImage: ownBase });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ theme: 'system', build: { baseImage: ownBase } });
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);

    writeFileSync(path, JSON.stringify({ theme: 'dark', engine: 'env', build: { baseImage: 'mine', noProxy: 'x' } }));
    addBuildSettings(folder, { baseImage: ownBase, extraCaFile: '/ca.pem' });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      theme: 'dark',
      engine: 'env',
      build: { baseImage: 'mine', noProxy: 'x', extraCaFile: '/ca.pem' },
    });
    expect(readBuildSettings(folder).baseImage).toBe('mine');
  });

  it('do not replace a file that cannot be read', () => {
    const path = join(folder, 'settings.json');
    writeFileSync(path, '{ half');
    addBuildSettings(folder, { baseImage: ownBase });
    expect(readFileSync(path, 'utf8')).toBe('{ half');
  });

  it('take the CA bundle that Node or npm were told to trust', () => {
    const bundle = join(folder, 'ca.pem');
    writeFileSync(bundle, '');
    expect(extraCaFile({ npm_config_cafile: bundle })).toBe(bundle);
    expect(extraCaFile({ NODE_EXTRA_CA_CERTS: join(folder, 'gone.pem'), npm_config_cafile: bundle })).toBe(bundle);
    expect(extraCaFile({})).toBeUndefined();
  });
});

describe('folders', () => {
  it('are where each system keeps such things', () => {
    expect(stateDir({ CLAUDE_ENV_STATE: '/s' }, 'linux', '/home/u')).toBe('/s');
    expect(stateDir({}, 'linux', '/home/u')).toBe('/home/u/.local/state/claude-env');
    expect(stateDir({ XDG_STATE_HOME: '/x' }, 'linux', '/home/u')).toBe('/x/claude-env');
    expect(stateDir({}, 'darwin', '/Users/u')).toBe('/Users/u/Library/Application Support/claude-env');
    expect(cacheDir({}, 'linux', '/home/u')).toBe('/home/u/.cache/claude-env');
  });
});

describe('nothing twice', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/other-system': { version: '2.0.0', integrity: 'y', optional: true },
    },
  };

  it('sees that npm has installed what the lock file says', () => {
    expect(agrees(lock, { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'x' } } })).toBe(true);
    expect(agrees(lock, { packages: { 'node_modules/a': { version: '1.0.1', integrity: 'z' } } })).toBe(false);
    expect(agrees(lock, { packages: {} })).toBe(false);
  });

  it('digests names and contents of the sources', () => {
    writeFileSync(join(folder, 'a'), '1');
    writeFileSync(join(folder, 'b'), '2');
    const before = digestSources(folder, ['a', 'b', 'gone']);
    expect(digestSources(folder, ['a', 'b', 'gone'])).toBe(before);
    writeFileSync(join(folder, 'b'), '3');
    expect(digestSources(folder, ['a', 'b', 'gone'])).not.toBe(before);
    expect(digestSources(folder, ['b', 'a'])).not.toBe(digestSources(folder, ['a', 'b']));
  });
});

describe('machines', () => {
  it('are known by /etc/os-release', () => {
    expect(parseDistribution('PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n')).toBe('debian');
    expect(parseDistribution('ID="fedora"\n')).toBe('fedora');
  });

  it('tell a process from a later one with its number', () => {
    expect(parseStartTime(`12 (a) b (c)) S ${Array.from({ length: 18 }, (_, n) => n).join(' ')} 4711 0 0`)).toBe(
      '4711',
    );
    expect(parseStartTime(`12 (gone) Z ${Array.from({ length: 18 }, (_, n) => n).join(' ')} 4711`)).toBeUndefined();
    if (process.platform !== 'linux') return;
    const startTime = processStartTime(process.pid);
    expect(isSameProcess({ pid: process.pid, startTime })).toBe(true);
    expect(isSameProcess({ pid: process.pid, startTime: '1' })).toBe(false);
    expect(isSameProcess({ pid: 2 ** 22 + 1, startTime })).toBe(false);
  });
});

describe('the lock file', () => {
  it('names the packages of every system: npm ci refuses it otherwise', () => {
    type Locked = { optionalDependencies?: Record<string, string> };
    const { packages }: { packages: Record<string, Locked> } = JSON.parse(
      readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
    );
    // npm leaves out what the registry it is run against does not have, and such a lock file works nowhere.
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });
});
