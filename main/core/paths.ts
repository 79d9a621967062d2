/*
 * File paths by the rules of the machine the files are on, without asking that machine: the core has no node:path, and
 * a Windows path has to be understood on Linux too (a compose file written on one and read on the other).
 */
export type Platform = 'posix' | 'win32';

export interface Paths {
  readonly platform: Platform;
  readonly isAbsolute: (path: string) => boolean;
  /** `path` against `base`, without `.`, `..` and doubled separators. `base` must be absolute. */
  readonly resolve: (base: string, path: string) => string;
  readonly dirname: (path: string) => string;
  readonly basename: (path: string) => string;
}

const DRIVE = /^[A-Za-z]:[\\/]/;
const UNC = /^[\\/]{2}[^\\/]+[\\/]+[^\\/]+/;

/** `C:\x`, `C:/x` or `\\server\share`, whatever machine we are on. */
export function isWindowsAbsolute(path: string): boolean {
  return DRIVE.test(path) || UNC.test(path);
}

function tidy(segments: readonly string[]): string[] {
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  return kept;
}

function posixResolve(base: string, path: string): string {
  const whole = path.startsWith('/') ? path : `${base}/${path}`;
  return `/${tidy(whole.split('/')).join('/')}`;
}

/** The part that `..` cannot leave: `C:\`, `\\server\share\`, or nothing. */
function windowsRoot(path: string): string {
  if (DRIVE.test(path)) return path.slice(0, 3);
  return UNC.exec(path)?.[0] ?? '';
}

function windowsResolve(base: string, path: string): string {
  let whole = path;
  if (!isWindowsAbsolute(path)) {
    // `\x` and `/x` are absolute on the drive of the base.
    whole = /^[\\/]/.test(path) ? windowsRoot(base) + path.slice(1) : `${base}\\${path}`;
  }
  const root = windowsRoot(whole);
  const rest = tidy(whole.slice(root.length).split(/[\\/]/)).join('\\');
  const tidyRoot = root.replaceAll('/', '\\');
  return tidyRoot.endsWith('\\') || rest === '' ? tidyRoot + rest : `${tidyRoot}\\${rest}`;
}

const posix: Paths = {
  platform: 'posix',
  isAbsolute: (path) => path.startsWith('/'),
  resolve: posixResolve,
  dirname: (path) => path.slice(0, Math.max(path.lastIndexOf('/'), 0)) || '/',
  basename: (path) => tidy(path.split('/')).at(-1) ?? '',
};

const win32: Paths = {
  platform: 'win32',
  isAbsolute: (path) => isWindowsAbsolute(path) || /^[\\/]/.test(path),
  resolve: windowsResolve,
  dirname: (path) => windowsResolve(path, '..'),
  basename: (path) => tidy(path.slice(windowsRoot(path).length).split(/[\\/]/)).at(-1) ?? '',
};

export function pathsOf(platform: Platform): Paths {
  return platform === 'win32' ? win32 : posix;
}
