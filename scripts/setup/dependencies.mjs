import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { capture } from './run.mjs';
import { SetupError, say, withProgress } from './terminal.mjs';

const stampFile = inRoot('node_modules', '.claude-env-setup');

/** Node 24 from the registry, whatever Node started us: everything after the installation runs on it. */
export const node24 = inRoot('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Which lock file, for which kind of machine. */
function wantedStamp() {
  const lock = createHash('sha256')
    .update(readFileSync(inRoot('package-lock.json')))
    .digest('hex');
  return `${lock} ${process.platform} ${process.arch}\n`;
}

/** Runs `npm ci` when node_modules is missing or is not what the lock file says. */
export async function provideDependencies() {
  const wanted = wantedStamp();
  if (existsSync(node24)) {
    if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) {
      say('dependencies: up to date');
      return;
    }
    if (isInstalled()) {
      say('dependencies: up to date');
      writeFileSync(stampFile, wanted);
      return;
    }
  }
  // Nothing from a package runs while it is installed, with one exception: `node` fetches its binary from the registry.
  // Older npm knows no allowScripts, so the rule is given on the command line as well.
  await npm('Installing dependencies', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  await npm('Installing Node 24', ['rebuild', 'node', '--no-ignore-scripts']);
  if (!existsSync(node24)) throw new SetupError(`Node 24 is missing after the installation: ${node24}`);
  writeFileSync(stampFile, wanted);
}

/** Someone ran npm himself: what it wrote down agrees with the lock file, so nothing has to be done again. */
function isInstalled() {
  const written = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(written)) return false;
  return agrees(
    JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')),
    JSON.parse(readFileSync(written, 'utf8')),
  );
}

/**
 * @typedef {{ packages: Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }> }} Lock
 * @param {Lock} lock package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json
 * @returns {boolean} whether everything the lock file demands is there in that version
 */
export function agrees(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const have = installed.packages[path];
    if (have === undefined) return Boolean(wanted.optional || wanted.devOptional);
    return have.version === wanted.version && have.integrity === wanted.integrity;
  });
}

/**
 * The npm that started us, or the one in PATH.
 * @param {string} title
 * @param {string[]} args
 */
async function npm(title, args) {
  const own = process.env.npm_execpath;
  const { code, output } = await withProgress(title, () =>
    own?.endsWith('.js')
      ? capture(process.execPath, [own, ...args], { cwd: inRoot() })
      : capture('npm', args, { cwd: inRoot(), shell: process.platform === 'win32' }),
  );
  if (code !== 0) throw new SetupError(`npm ${args.join(' ')} failed:\n${output}`);
}
