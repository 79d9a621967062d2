import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot, rootDir } from './paths.mjs';

/** What the build reads. Resources are not in it: they are read where they are. */
const sources = [
  'main',
  'preload',
  'renderer',
  'scripts/build.mjs',
  'scripts/build',
  'electron.vite.config.ts',
  'tsconfig.base.json',
  'package.json',
  'package-lock.json',
];

const outputs = ['out/main/index.cjs', 'out/preload/index.cjs', 'out/renderer/index.html', 'out/cli/index.cjs'];
const stampFile = inRoot('out', '.build-stamp');

/**
 * @param {string} path a file or a folder
 * @returns {string[]} its files, sorted
 */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

/**
 * One number for all that the build reads: names and contents.
 * @param {string} root
 * @param {readonly string[]} paths
 */
export function digestSources(root = rootDir, paths = sources) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => filesUnder(join(root, path)))) {
    const text = readFileSync(file);
    hash.update(`${relative(root, file)}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

/** @param {string} digest */
export function isBuilt(digest) {
  return (
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === digest &&
    outputs.every((output) => existsSync(inRoot(output)))
  );
}

/** @param {string} digest taken before the build, so that what changed meanwhile is built next time */
export function stampBuild(digest) {
  mkdirSync(inRoot('out'), { recursive: true });
  writeFileSync(stampFile, digest);
}
