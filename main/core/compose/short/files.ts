import { isWindowsAbsolute } from '../../paths.ts';
import type { PathRule, ShortContext } from '../schema/kinds.ts';
import type { Position } from '../tree.ts';

/** `~` and `~/x` in the home folder; everything else as it is. */
function expandHome(path: string, home: string | undefined): string {
  return home !== undefined && /^~(?:[\\/]|$)/.test(path) ? home + path.slice(1) : path;
}

/** A path of the file `at` stands in, made absolute against that file's base. Foreign absolute paths stay. */
export function resolveFile(at: Position, path: string, { paths, home }: Pick<ShortContext, 'paths' | 'home'>): string {
  const expanded = expandHome(path, home);
  if (paths.isAbsolute(expanded)) return expanded;
  // `C:\x` in a file that is read on Linux names a path on a Windows engine.
  if (isWindowsAbsolute(expanded)) return expanded;
  return paths.resolve(at.source.baseDir, expanded);
}

export function resolveByRule(rule: PathRule, at: Position, path: string, context: ShortContext): string {
  if ((path === '' && rule !== 'file-or-folder') || context.keepPaths) return path;
  // Git, HTTP, docker-image://, service:. https://docs.docker.com/build/concepts/context/
  if (rule === 'context' && /^service:|^git@|^github\.com\/|:\/\//.test(path)) return path;
  return resolveFile(at, path, context);
}
