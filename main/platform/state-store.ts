import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateStore } from '../services/ports.ts';
import { hasCode, makePrivateFolder } from './files.ts';
import { acquireLock, wasInterrupted } from './lock.ts';
import { inState } from './state-failure.ts';

export interface StateStoreOptions {
  readonly folder: string;
  /** Told once for every file that was moved aside. */
  readonly onCorrupt: (file: string, movedTo: string) => void;
}

const checkName = (name: string): string => {
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) throw new Error(`not a name for a state file: ${name}`);
  return name;
};

/** Documents are `<folder>/<name>.json`; scripts/setup writes `settings.json` before the program has ever run. */
export function createStateStore({ folder, onCorrupt }: StateStoreOptions): StateStore {
  const ready = (): Promise<void> => makePrivateFolder(folder);
  const pathOf = (name: string): string => join(folder, `${checkName(name)}.json`);

  const read = async (name: string): Promise<unknown> => {
    const path = pathOf(name);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
    try {
      return JSON.parse(text) as unknown;
    } catch {
      const aside = `${path}.corrupt-${randomUUID().slice(0, 8)}`;
      await rename(path, aside);
      onCorrupt(path, aside);
      return undefined;
    }
  };

  const write = async (name: string, value: unknown): Promise<void> => {
    await ready();
    const path = pathOf(name);
    const draft = `${path}.${randomUUID()}`;
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
      // Without it a power cut may leave the new name on an empty file.
      await handle.sync();
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  };

  /** A document is renamed into its place, which the folder tells; the file itself is another one afterwards. */
  const tell = (name: string, listener: () => void): (() => void) => {
    const file = `${checkName(name)}.json`;
    const stopped = new AbortController();
    const start = (): void => {
      if (stopped.signal.aborted) return;
      const watcher = watch(folder, { persistent: false, signal: stopped.signal });
      watcher.on('change', (_event, changed) => changed === file && listener());
      // A folder that went away, or that the system cannot watch: nothing more is told.
      watcher.on('error', () => watcher.close());
    };
    // What keeps the folder from being used is said to whoever reads or writes.
    ready().then(start, () => stopped.abort());
    return () => stopped.abort();
  };

  return {
    watch: tell,
    read: (name) => inState(folder, () => read(name)),
    write: (name, value) => inState(folder, () => write(name, value)),
    // A hint for whoever only looks; what cannot be read is said when the lock is taken.
    wasInterrupted: (name) => wasInterrupted({ folder: join(folder, 'locks'), name }).catch(() => false),
    lock: (name, purpose) =>
      inState(folder, async () => {
        await ready();
        return acquireLock({ folder: join(folder, 'locks'), name, purpose });
      }),
  };
}
