import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { AppFailure } from '../core/app-failure.ts';
import { hasCode, makePrivateFolder } from './files.ts';
import { identifySelf, isAlive } from './process-identity.ts';

/*
 * A lock between processes that survives the death of its holder.
 *
 * A lock is a family of files `<name>.<generation>`; the highest generation speaks. A free lock (released, or its
 * holder dead) is taken by making the next generation with link(2), which only one process can do and which shows the
 * file with its content or not at all. Deleting a stale file and creating it again instead would let two processes, which
 * both saw it stale, remove each other's fresh lock. The winner looks once more: if a higher generation has appeared
 * meanwhile, it was too late and starts again. A released lock keeps its last file, so that numbers never run backwards.
 */
const held = z.object({
  pid: z.number().int(),
  started: z.string(),
  purpose: z.string(),
  since: z.string(),
  nonce: z.string(),
  released: z.boolean(),
});
type Held = z.infer<typeof held>;

interface Generation {
  readonly number: number;
  readonly path: string;
}

async function generations(folder: string, base: string): Promise<readonly Generation[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.startsWith(`${base}.`) && /^\d+$/.test(name.slice(base.length + 1)))
    .map((name) => ({ number: Number(name.slice(base.length + 1)), path: join(folder, name) }))
    .sort((a, b) => b.number - a.number);
}

async function readHolder(path: string): Promise<Held | undefined> {
  try {
    return held.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    // Gone, or damaged by a full disk: in neither case does anybody hold it.
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    if (!hasCode(error, 'EACCES', 'EPERM')) throw error;
    // Whether its holder lives cannot be known, so nobody may go on.
    throw new AppFailure(
      {
        code: 'state.unusable',
        message: `The lock ${path} belongs to another user, so it cannot be seen whether claude-env is at work there.`,
        hint: 'Was claude-env run with sudo once? When none runs as that user any more, remove the file.',
      },
      { cause: error },
    );
  }
}

async function removeQuietly(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}

/** Whether the lock's last holder died without giving it back. */
export async function wasInterrupted(options: { readonly folder: string; readonly name: string }): Promise<boolean> {
  const base = encodeURIComponent(options.name);
  const [highest] = await generations(options.folder, base).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  const holder = highest === undefined ? undefined : await readHolder(highest.path);
  return holder !== undefined && !holder.released && !(await isAlive(holder));
}

/** What processes left that were killed while they took or released the lock. */
async function removeDeadDrafts(folder: string, base: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => name.startsWith(`${base}.draft-`));
  for (const draft of drafts.map((name) => join(folder, name))) {
    const writer = await readHolder(draft).catch((error: unknown) => {
      if (error instanceof AppFailure) return undefined;
      throw error;
    });
    // A damaged one may be just being written, and one of another user is his to remove.
    if (writer !== undefined && !(await isAlive(writer))) await removeQuietly(draft);
  }
}

/**
 * Throws `stack.busy` naming purpose and process when somebody alive holds it, `state.unusable` when that cannot be seen.
 */
export async function acquireLock(options: {
  readonly folder: string;
  readonly name: string;
  readonly purpose: string;
}): Promise<() => Promise<void>> {
  const { folder, name, purpose } = options;
  const base = encodeURIComponent(name);
  await makePrivateFolder(folder);
  const self = await identifySelf();
  const nonce = randomUUID();
  const mine: Held = { ...self, purpose, since: new Date().toISOString(), nonce, released: false };
  const draft = join(folder, `${base}.draft-${nonce}`);
  try {
    await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
    for (;;) {
      const [highest] = await generations(folder, base);
      if (highest !== undefined) {
        const holder = await readHolder(highest.path);
        if (holder !== undefined && !holder.released && (await isAlive(holder))) {
          throw new AppFailure({
            code: 'stack.busy',
            message: `${holder.purpose} is still running (process ${holder.pid}, since ${holder.since}).`,
            hint: 'Wait until it has ended, or cancel it where it was started.',
            retry: true,
          });
        }
      }
      const number = (highest?.number ?? 0) + 1;
      const path = join(folder, `${base}.${number}`);
      try {
        await link(draft, path);
      } catch (error) {
        if (hasCode(error, 'EEXIST')) continue;
        throw error;
      }
      const now = await generations(folder, base);
      if (now[0]?.number !== number) {
        await removeQuietly(path);
        continue;
      }
      for (const older of now.slice(1)) await removeQuietly(older.path);
      await removeDeadDrafts(folder, base);
      let released = false;
      return async () => {
        if (released) return;
        released = true;
        const note = join(folder, `${base}.draft-${randomUUID()}`);
        try {
          await writeFile(note, JSON.stringify({ ...mine, released: true }), { mode: 0o600 });
          await rename(note, path);
        } catch (error) {
          // A full disk takes no note, but it can always be said by emptying the file: nobody holds a damaged lock.
          if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error;
          await truncate(path);
          await removeQuietly(note);
        }
      };
    }
  } finally {
    await removeQuietly(draft);
  }
}
