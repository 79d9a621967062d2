import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { AppFailure } from '../../core/app-failure.ts';
import { pageTypes } from '../shared/page-types.ts';

export interface ShellFile {
  readonly type: string;
  readonly body: Buffer;
  /** File names under /assets carry a hash of their content. */
  readonly immutable: boolean;
}
/** Every path that is served, exactly as it is asked for. */
export type Shell = ReadonlyMap<string, ShellFile>;

/**
 * Reads the built page once, at the start: what is not in this list cannot be asked for, and no path of a request ever
 * reaches the file system. Types not listed (source maps) are left out.
 */
export async function readShell(directory: string): Promise<Shell> {
  let names: readonly string[];
  try {
    names = await readdir(directory, { recursive: true });
  } catch (cause) {
    throw new AppFailure(
      {
        code: 'file.not-found',
        message: `The page is not built: ${directory} is missing.`,
        hint: 'Run `npm run build` in the program’s folder.',
      },
      { cause },
    );
  }
  const shell = new Map<string, ShellFile>();
  for (const name of names) {
    const type = pageTypes[extname(name)];
    if (type === undefined) continue;
    const path = `/${name.replaceAll('\\', '/')}`;
    shell.set(path, { type, body: await readFile(join(directory, name)), immutable: path.startsWith('/assets/') });
  }
  const index = shell.get('/index.html');
  if (index === undefined) {
    throw new AppFailure({
      code: 'file.not-found',
      message: `The page is not built: ${join(directory, 'index.html')} is missing.`,
      hint: 'Run `npm run build` in the program’s folder.',
    });
  }
  return shell.set('/', index);
}
