import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppFailure } from '../core/app-failure.ts';
import type { TextChanges } from '../services/ports.ts';
import { hasCode } from './files.ts';

const invalid = (message: string, hint: string): AppFailure => new AppFailure({ code: 'file.invalid', message, hint });

/**
 * A draft beside the file, with its mode and owner, takes its place: whoever looks sees the old text or the new one. What a
 * symbolic link points at is replaced, and the link stays.
 */
async function replaceText(path: string, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  const real = await realpath(path);
  const before = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const found = await before.stat();
  const same = await before.readFile().then((bytes) => bytes.equals(Buffer.from(from)));
  await before.close();
  if (!found.isFile()) throw invalid(`${path} is not a regular file.`, 'Point at the file itself.');
  if (!same) {
    throw new AppFailure({
      code: 'plan.changed',
      message: `${path} has changed meanwhile, or is not UTF-8. It was left as it is.`,
      hint: 'Start again.',
      retry: true,
    });
  }
  if (found.nlink > 1) {
    throw invalid(
      `${path} has ${found.nlink} names on this disk (hard links): under the others its text would stay as it is.`,
      'Remove the other names, or copy the file and use the copy.',
    );
  }
  const draft = `${real}.${randomBytes(6).toString('hex')}`;
  const written = await open(draft, 'wx', 0o600);
  try {
    await written.writeFile(to);
    const own = await written.stat();
    if (own.uid !== found.uid || own.gid !== found.gid) await written.chown(found.uid, found.gid);
    await written.chmod(found.mode & 0o7777);
    await written.sync();
    await written.close();
    await rename(draft, real);
  } catch (error) {
    await written.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(real));
}

/** The rename itself survives a power cut. Windows opens no folders, and does without. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch((error: unknown) => {
    if (hasCode(error, 'EISDIR', 'EPERM', 'EACCES')) return undefined;
    throw error;
  });
  if (folder === undefined) return;
  try {
    await folder.sync();
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'EINVAL')) throw error;
  } finally {
    await folder.close();
  }
}

const explain = (path: string, error: unknown): unknown =>
  error instanceof AppFailure || !(error instanceof Error)
    ? error
    : new AppFailure(
        {
          code: hasCode(error, 'ENOENT') ? 'file.not-found' : 'file.invalid',
          message: `${path} could not be changed: ${error.message}`,
          hint: 'Check that you may write the file and its folder. It was left as it is.',
        },
        { cause: error },
      );

export const createTextChanges = (): TextChanges => ({
  replace: (path, change) =>
    replaceText(path, change).catch((error: unknown) => {
      throw explain(path, error);
    }),
});
