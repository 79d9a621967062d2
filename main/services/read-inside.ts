import { AppFailure } from '../core/app-failure.ts';
import { pathsOf } from '../core/paths.ts';
import type { Files } from './ports.ts';

/*
 * Which files a compose file can make us read. It may name any file openly: `../shared/x.env` is what the user sees when
 * reading it. What it may not do is name a file of its own folder that is a link to somewhere else: a project from a
 * stranger would then read what nobody pointed at. Docker compose follows such links.
 */
export interface Inside {
  /** Absolute: what the user named, which may be links. */
  readonly named: readonly string[];
  /** Absolute: the project's folder. */
  readonly folder: string;
  readonly maxBytes: number;
}

/** Links of this name are a habit (`ln -s ../.env`), and what is in such a file goes where `${…}` stands, nowhere else. */
const LINKED_BY_HABIT = '.env';

/** Reads a file, unless it is a link that leads out of the folder it seems to be in. */
export function createReadInside(files: Files, { named, folder, maxBytes }: Inside): (path: string) => Promise<string> {
  const platform = files.platform() === 'win32' ? 'win32' : 'posix';
  const paths = pathsOf(platform);
  const same = (path: string): string => (platform === 'win32' ? path.toLowerCase() : path);
  const isBelow = (path: string, root: string): boolean => {
    const separator = platform === 'win32' ? '\\' : '/';
    const prefix = root.endsWith(separator) ? root : `${root}${separator}`;
    return same(path).startsWith(same(prefix));
  };
  let roots: Promise<readonly string[]> | undefined;
  /** The project's folder and those that its own files really are in, when these are links. */
  const projectRoots = async (): Promise<readonly string[]> => {
    const [root, ...real] = await Promise.all([folder, ...named].map((path) => files.realPath(path)));
    return [root ?? folder, ...real.map(paths.dirname)];
  };
  return async (path) => {
    if (named.includes(path) || paths.basename(path) === LINKED_BY_HABIT) return files.readText(path, maxBytes);
    const real = await files.realPath(path);
    if (same(real) !== same(path)) {
      roots ??= projectRoots();
      const allowed = isBelow(path, folder) ? await roots : [await files.realPath(paths.dirname(path))];
      if (!allowed.some((root) => isBelow(real, root))) throw leadsOut(path, real);
    }
    return files.readText(real, maxBytes);
  };
}

function leadsOut(path: string, real: string): AppFailure {
  return new AppFailure({
    code: 'file.invalid',
    message: `${path} is a link to ${real}, outside of the project; if that file is meant, write its own path`,
  });
}
