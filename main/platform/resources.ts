import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppFailure } from '../core/app-failure.ts';
import type { Resources } from '../services/ports.ts';
import { hasCode } from './files.ts';

const marker = join('stacks', 'local', 'compose.yaml');

/** A starting point that holds the stacks itself (a package's own folder), or `resources` beside or above one (a clone's). */
export function findResources(starts: readonly string[]): string | undefined {
  for (const start of starts) {
    if (existsSync(join(start, marker))) return start;
    let at = start;
    for (;;) {
      const candidate = join(at, 'resources');
      if (existsSync(join(candidate, marker))) return candidate;
      const parent = dirname(at);
      if (parent === at) break;
      at = parent;
    }
  }
  return undefined;
}

export interface ResourcesOptions {
  /** Where the program's own `resources` folder is; undefined when it was not found. */
  readonly source: string | undefined;
  /** A packaged program's files may move at every start (an AppImage's mount does): they are copied here first. */
  readonly copyTo?: { readonly folder: string; readonly version: string };
}

/**
 * Copies once a version. The copy is made beside its place and renamed, so that a crash or a second process never
 * leaves half of it behind; the loser of such a race uses the winner's.
 */
async function copyOnce(source: string, folder: string, version: string): Promise<string> {
  const target = join(folder, version);
  if (
    await stat(join(target, marker)).then(
      () => true,
      () => false,
    )
  )
    return target;
  const draft = join(folder, `.draft-${randomUUID()}`);
  await mkdir(draft, { recursive: true, mode: 0o700 });
  for (const part of ['stacks', 'images']) {
    const from = join(source, part);
    if (existsSync(from)) await cp(from, join(draft, part), { recursive: true, dereference: true });
  }
  try {
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error;
    await stat(join(target, marker));
  }
  return target;
}

export function createResources(options: ResourcesOptions): Resources {
  let copied: Promise<string> | undefined;
  const root = (): Promise<string> => {
    const { source, copyTo } = options;
    if (source === undefined) {
      throw new AppFailure({
        code: 'file.not-found',
        message: 'The files of the local stack are not where the program expects them (resources/stacks/local).',
        hint: 'Install the program again, or start it from its own folder.',
      });
    }
    if (copyTo === undefined) return Promise.resolve(source);
    copied ??= copyOnce(source, copyTo.folder, copyTo.version).catch((error: unknown) => {
      copied = undefined;
      throw error;
    });
    return copied;
  };
  return {
    localStack: async () => {
      const directory = join(await root(), 'stacks', 'local');
      return { directory, files: [join(directory, 'compose.yaml')] };
    },
    teamStack: async () => join(await root(), 'stacks', 'team'),
  };
}
