import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { AppFailure } from '../core/app-failure.ts';
import { type VolumeBackup, volumeBackup } from '../core/swarm/volume-data.ts';
import type { BackupStore } from '../services/ports.ts';
import { hasCode, makePrivateFolder } from './files.ts';
import { inState, toStateFailure } from './state-failure.ts';

/** Data are large, and mostly what is waited for is the network or the disk. */
const level = 1;

/** Hands everything on, and tells how much and what it was. */
class Meter extends Transform {
  bytes = 0;
  readonly #hash = createHash('sha256');
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    this.#hash.update(chunk);
    done(null, chunk);
  }
  sha256(): string {
    return this.#hash.digest('hex');
  }
}

const form = /^[0-9]{8}-[0-9]{6}-[a-z0-9]{6}$/;

/** `<state>/backups/ID.tar.gz` with `ID.json`; a backup is there when its record is. */
export function createBackupStore(stateFolder: string): BackupStore {
  const folder = join(stateFolder, 'backups');
  const recordOf = (id: string): string => join(folder, `${id}.json`);

  const read = async (id: string): Promise<VolumeBackup | undefined> => {
    try {
      const record: unknown = JSON.parse(await readFile(recordOf(id), 'utf8'));
      const parsed = volumeBackup.safeParse(record);
      // A record names no file but its own.
      return parsed.success ? { ...parsed.data, id, file: join(folder, `${id}.tar.gz`) } : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  };

  return {
    keep: async (about, archive, signal) => {
      if (!form.test(about.id)) throw new Error(`not a name for a backup: ${about.id}`);
      await inState(folder, async () => {
        await makePrivateFolder(folder);
        await removeDrafts(folder);
      });
      const file = join(folder, `${about.id}.tar.gz`);
      const draft = `${file}.part`;
      const [content, packed] = [new Meter(), new Meter()];
      // What the engine has to say is not to be taken for the disk's.
      let broken: { readonly why: unknown } | undefined;
      const source = async function* () {
        try {
          yield* archive;
        } catch (why) {
          broken = { why };
          throw why;
        }
      };
      try {
        const out = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
        await pipeline(Readable.from(source(), { objectMode: false }), content, createGzip({ level }), packed, out, {
          signal,
        });
        await rename(draft, file);
        const record = { ...about, contentBytes: content.bytes, bytes: packed.bytes, sha256: packed.sha256(), file };
        await writeRecord(recordOf(about.id), record);
        return record;
      } catch (error) {
        await Promise.all([draft, file, recordOf(about.id)].map((path) => rm(path, { force: true })));
        throw broken === undefined ? toStateFailure(error, folder) : broken.why;
      }
    },
    list: () =>
      inState(folder, async () => {
        const names = await readdir(folder).catch((error: unknown) => {
          // Something else may be in its place; that is said when a copy is to be kept.
          if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
          throw error;
        });
        const ids = names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []));
        const found = await Promise.all(ids.filter((id) => form.test(id)).map(read));
        return found.flatMap((one) => one ?? []).sort((a, b) => (a.id < b.id ? 1 : -1));
      }),
    verify: async (backup, signal) => {
      const meter = new Meter();
      try {
        await pipeline(createReadStream(backup.file), meter, createGunzip(), sink, { signal });
      } catch (error) {
        if (signal.aborted) throw error;
        throw damaged(backup, error);
      }
      if (meter.bytes !== backup.bytes || meter.sha256() !== backup.sha256) throw damaged(backup);
    },
    open: async function* ({ file }, signal) {
      const content = createGunzip();
      const fed = pipeline(createReadStream(file), content, { signal });
      // What breaks it reaches the reader through the stream itself.
      fed.catch(() => undefined);
      yield* content as AsyncIterable<Uint8Array>;
      await fed;
    },
    remove: async ({ id, file }) => {
      await rm(recordOf(id), { force: true });
      await rm(file, { force: true });
    },
  };
}

/** Of programs that were killed while they wrote: nothing has been added for a day. */
async function removeDrafts(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => name.endsWith('.part'));
  for (const path of drafts.map((name) => join(folder, name))) {
    const { mtimeMs } = await stat(path).catch((error: unknown) => {
      // Another program has finished it meanwhile.
      if (hasCode(error, 'ENOENT')) return { mtimeMs: Number.POSITIVE_INFINITY };
      throw error;
    });
    if (Date.now() - mtimeMs > 24 * 3_600_000) await rm(path, { force: true });
  }
}

async function sink(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _chunk of chunks) {
    // Unpacked to see that it can be.
  }
}

async function writeRecord(path: string, record: VolumeBackup): Promise<void> {
  const draft = `${path}.part`;
  await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  await rename(draft, path);
  // The names, too, are to outlive a power cut; not every system lets a folder be opened.
  const folder = await open(join(path, '..'), 'r').catch(() => undefined);
  try {
    await folder?.sync().catch(() => undefined);
  } finally {
    await folder?.close();
  }
}

const damaged = ({ file }: VolumeBackup, cause?: unknown): AppFailure =>
  new AppFailure(
    {
      code: 'file.invalid',
      message: `${file} is not what was written: it was changed, cut short or damaged. Nothing was restored.`,
      hint: '`claude-env stack backups` lists the others.',
    },
    { cause },
  );
