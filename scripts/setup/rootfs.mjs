import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { archiveKeyring } from './packages.mjs';
import { capture, findCommand } from './run.mjs';
import { SetupError, withProgress } from './terminal.mjs';

const suite = 'bookworm';

/** @param {string} cache the cache folder */
export const rootfsPath = (cache) => join(cache, `base-${suite}-${process.arch}.tar`);

/**
 * A tar of Debian's smallest file system, made by debootstrap once and kept in the cache.
 * @param {string} cache the cache folder
 * @returns {Promise<string>} its path
 */
export async function provideRootfs(cache) {
  const tar = rootfsPath(cache);
  if (existsSync(tar)) return tar;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'rootfs-'));
  try {
    const mirror = debianMirror();
    const folder = join(work, 'root');
    await withProgress(`Making the base image's file system from ${mirror}`, async (note) => {
      await must(
        capture(
          findCommand('debootstrap') ?? 'debootstrap',
          ['--variant=minbase', `--keyring=${archiveKeyring}`, '--include=ca-certificates', suite, folder, mirror],
          { onLine: note },
        ),
      );
      writeFileSync(join(folder, 'etc/apt/sources.list'), aptSources(mirror));
      note('packing');
      await must(
        capture('tar', ['-C', folder, ...leftOut.map((path) => `--exclude=${path}`), '-cf', `${work}/tar`, '.']),
      );
    });
    renameSync(join(work, 'tar'), tar);
    return tar;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Downloads, lists and this machine's own names have no place in an image. */
const leftOut = [
  './var/cache/apt/archives/*.deb',
  './var/lib/apt/lists/*_*',
  './etc/hostname',
  './etc/resolv.conf',
  './dev/*',
];

/** @param {Promise<{ code: number, output: string }>} running */
async function must(running) {
  const { code, output } = await running;
  if (code !== 0) throw new SetupError(`The base image could not be made:\n${output.slice(-2000)}`);
}

/** @param {string} mirror */
export function aptSources(mirror) {
  const lines = [`deb ${mirror} ${suite} main`];
  // A mirror of somebody's own need not have the other two.
  if (new URL(mirror).hostname === 'deb.debian.org') {
    lines.push(
      `deb ${mirror} ${suite}-updates main`,
      `deb ${new URL('/debian-security', mirror)} ${suite}-security main`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The mirror that this machine's own apt uses, where it is a Debian. */
export function debianMirror() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  return (
    parseMirror(files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'))) ??
    'http://deb.debian.org/debian'
  );
}

/**
 * @param {readonly string[]} sources texts of apt's one-line and deb822 source files
 * @returns {string | undefined} the first address that serves the suite itself (not its updates or security fixes)
 */
export function parseMirror(sources) {
  for (const text of sources) {
    const line = new RegExp(`^deb\\s+(?:\\[[^\\]]*\\]\\s+)?(https?://\\S+)\\s+${suite}\\s`, 'm').exec(text);
    if (line?.[1]) return line[1].replace(/\/$/, '');
    for (const stanza of text.split(/\n\s*\n/)) {
      const suites = /^Suites:\s*(.+)$/m.exec(stanza)?.[1]?.split(/\s+/) ?? [];
      const uri = /^URIs:\s*(https?:\/\/\S+)/m.exec(stanza)?.[1];
      if (suites.includes(suite) && uri) return uri.replace(/\/$/, '');
    }
  }
  return undefined;
}
