import { existsSync, readdirSync } from 'node:fs';
import { capture, findCommand } from './run.mjs';
import { mayWe, SetupError, say, withProgress } from './terminal.mjs';

/**
 * @typedef {object} Requirement
 * @property {string} what for people
 * @property {string} apt the Debian package that has it
 * @property {() => boolean} present
 */

/** What Debian's packages are checked against; on Debian itself it is always there. */
export const archiveKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

export const requirements = /** @satisfies {Record<string, Requirement>} */ ({
  engine: { what: 'Docker engine', apt: 'docker.io', present: () => findCommand('dockerd') !== undefined },
  iptables: { what: 'iptables', apt: 'iptables', present: () => findCommand('iptables') !== undefined },
  iproute: { what: 'iproute2', apt: 'iproute2', present: () => findCommand('ip') !== undefined },
  certificates: {
    what: 'CA certificates',
    apt: 'ca-certificates',
    present: () => existsSync('/etc/ssl/certs/ca-certificates.crt'),
  },
  keyring: { what: 'keyring library', apt: 'libsecret-1-0', present: () => hasLibrary('libsecret-1.so.0') },
  debootstrap: { what: 'debootstrap', apt: 'debootstrap', present: () => findCommand('debootstrap') !== undefined },
  archiveKeys: {
    what: "Debian's signing keys",
    apt: 'debian-archive-keyring',
    present: () => existsSync(archiveKeyring),
  },
  browser: { what: 'Chromium', apt: 'chromium', present: () => findCommand('chromium') !== undefined },
  dbus: { what: 'D-Bus', apt: 'dbus', present: () => findCommand('dbus-run-session') !== undefined },
  keyringDaemon: {
    what: 'a Secret Service',
    apt: 'gnome-keyring',
    present: () => findCommand('gnome-keyring-daemon') !== undefined,
  },
  busybox: { what: 'static busybox', apt: 'busybox-static', present: () => existsSync('/bin/busybox') },
  registry: {
    what: 'an image registry',
    apt: 'docker-registry',
    present: () => findCommand('docker-registry') !== undefined,
  },
});

/** @param {string} file */
function hasLibrary(file) {
  const folders = ['/usr/lib', '/lib', '/usr/lib64', '/lib64'];
  const nested = ['/usr/lib', '/lib'].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.includes('-linux-'))
          .map((name) => `${folder}/${name}`)
      : [],
  );
  return [...folders, ...nested].some((folder) => existsSync(`${folder}/${file}`));
}

/**
 * What a purpose needs of the system. Ordinary users get the engine from wherever they like, and it brings its own tools.
 * @param {'start' | 'test'} purpose
 * @param {import('./platform.mjs').Platform} platform
 * @param {{ needsEngine: boolean, needsBase: boolean }} situation `needsEngine`: one has to run on this machine and none does
 * @returns {Requirement[]}
 */
export function neededFor(purpose, platform, { needsEngine, needsBase }) {
  if (platform.os !== 'linux') return [];
  const of = requirements;
  const tools = platform.root ? [of.iptables, of.iproute, of.certificates] : [];
  const engine = needsEngine ? [of.engine, ...tools] : [];
  const base = needsBase ? [of.debootstrap, of.archiveKeys] : [];
  // Ubuntu's chromium is a snap, which does not run for root or in a container: see browser.mjs.
  const browser = platform.distribution === 'debian' ? [of.browser] : [];
  const rest = platform.root ? [of.dbus, of.keyringDaemon, of.busybox, of.registry] : [];
  return [...engine, ...base, of.keyring, ...(purpose === 'test' ? [...browser, ...rest] : [])];
}

/**
 * Installs what is missing where that is ours to do, otherwise names the command and stops.
 * @param {readonly Requirement[]} needed
 * @param {import('./platform.mjs').Platform} platform
 * @param {{ yes: boolean, optional?: readonly Requirement[], install?: typeof aptInstall, ask?: (text: string) => Promise<string> }} options
 *   `optional`: of `needed`, what an ordinary user can go on without; it is only mentioned
 */
export async function providePackages(needed, platform, { yes, optional = [], install = aptInstall, ask }) {
  const missing = needed.filter((requirement) => !requirement.present());
  if (missing.length === 0) return;
  const packages = missing.map((requirement) => requirement.apt);
  const names = missing.map((requirement) => requirement.what).join(', ');
  if (platform.canInstall) {
    const allowed = await mayWe(`Install ${packages.join(' ')} with apt-get`, { ...platform, yes, ask });
    if (!allowed) throw new SetupError(`Not installed: ${names}.`, { hint: aptCommand(packages) });
    await install(packages);
    return;
  }
  const fatal = missing.filter((requirement) => !optional.includes(requirement));
  const hint = installHint(platform, missing);
  if (fatal.length > 0) throw new SetupError(`Missing on this machine: ${names}.`, { hint });
  say(`missing, and not needed to go on: ${names}. To have it: ${hint}`);
}

/** @param {readonly string[]} packages */
const aptCommand = (packages) => `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;

/**
 * The command an ordinary user runs.
 * @param {import('./platform.mjs').Platform} platform
 * @param {readonly Requirement[]} missing
 */
export function installHint(platform, missing) {
  const packages = missing.map((requirement) => requirement.apt);
  if (platform.os === 'linux') {
    if (['debian', 'ubuntu'].includes(platform.distribution)) {
      return `sudo sh -c '${aptCommand(packages)}'`;
    }
    if (platform.distribution === 'fedora' && packages.includes('docker.io')) {
      return 'sudo dnf install -y moby-engine && sudo systemctl enable --now docker';
    }
    if (platform.distribution === 'arch' && packages.includes('docker.io')) {
      return 'sudo pacman -S --needed docker && sudo systemctl enable --now docker';
    }
    return `Install with your package manager what Debian calls: ${packages.join(' ')}`;
  }
  if (packages.includes('docker.io')) return dockerDesktopHint(platform.os);
  return `Install: ${missing.map((requirement) => requirement.what).join(', ')}`;
}

/** @param {string} os */
export function dockerDesktopHint(os) {
  if (os === 'darwin') return 'brew install --cask docker && open -a Docker';
  if (os === 'win32') return 'winget install --id Docker.DockerDesktop --exact';
  return 'See https://docs.docker.com/engine/install/';
}

/**
 * Package lists are fetched only when there are none, or when an installation failed with the old ones.
 * @param {readonly string[]} packages
 */
async function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', 'DPkg::Lock::Timeout=120'];
  const update = () =>
    withProgress('Fetching package lists', (note) => capture('apt-get', [...lock, 'update'], { env, onLine: note }));
  const install = () =>
    withProgress(`Installing ${packages.join(' ')}`, (note) =>
      capture('apt-get', [...lock, 'install', '-y', '--no-install-recommends', ...packages], { env, onLine: note }),
    );
  const fetched = !hasPackageLists();
  if (fetched) await update();
  let result = await install();
  if (result.code !== 0 && !fetched) {
    await update();
    result = await install();
  }
  if (result.code === 0) return;
  throw new SetupError(`apt-get could not install ${packages.join(' ')}:\n${result.output}`, {
    hint: aptCommand(packages),
  });
}

function hasPackageLists() {
  const folder = '/var/lib/apt/lists';
  return existsSync(folder) && readdirSync(folder).some((name) => name.includes('_Packages'));
}
