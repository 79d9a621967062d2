import { createHash } from 'node:crypto';
import { AppFailure } from '../../main/core/app-failure.ts';
import { toAuth } from '../../main/core/registries/login.ts';
import { registryOf } from '../../main/core/registries/names.ts';
import type { VolumeBackup } from '../../main/core/swarm/volume-data.ts';
import type {
  BackupStore,
  Clock,
  DockerLogins,
  Files,
  Ids,
  Keychain,
  Log,
  StateStore,
  SwarmValues,
} from '../../main/services/ports.ts';
import type { AppError } from '../../preload/contract/errors.ts';

/** Everything but the engine, in memory: time, files, state, ids, log. */

export interface FakeClock extends Clock {
  /** Moves time and runs what falls due, in order; lets promises settle before and after each. */
  readonly advance: (ms: number) => Promise<void>;
  readonly pending: () => number;
}

/** Lets everything that is already under way get as far as it can without time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  let order = 0;
  const timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  const after = (ms: number, run: () => void) => {
    order += 1;
    const id = order;
    timers.set(id, { at: now + ms, run });
    return () => void timers.delete(id);
  };
  return {
    now: () => now,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new AppFailure({ code: 'cancelled', message: 'cancelled' }));
        if (signal?.aborted) return fail();
        const callOff = after(ms, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        const onAbort = () => {
          callOff();
          fail();
        };
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    advance: async (ms) => {
      const until = now + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(([, { at }]) => at <= until).sort(([a, x], [b, y]) => x.at - y.at || a - b);
        if (next === undefined) break;
        const [id, { at, run }] = next;
        timers.delete(id);
        now = Math.max(now, at);
        run();
        await settle();
      }
      now = until;
    },
    pending: () => timers.size,
  };
}

export function createFakeIds(): Ids {
  let count = 0;
  return {
    random: () => {
      count += 1;
      return `id-${count}`;
    },
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
}

export interface FakeFiles extends Files {
  readonly texts: Map<string, string>;
  readonly folders: Set<string>;
  readonly reads: string[];
}

export function createFakeFiles(
  texts: Readonly<Record<string, string>> = {},
  options: { readonly environment?: Readonly<Record<string, string>>; readonly folders?: readonly string[] } = {},
): FakeFiles {
  const all = new Map(Object.entries(texts));
  const folders = new Set(options.folders ?? []);
  const reads: string[] = [];
  return {
    texts: all,
    folders,
    reads,
    readText: async (path) => {
      reads.push(path);
      const text = all.get(path);
      if (text === undefined) throw new AppFailure({ code: 'file.not-found', message: `There is no file ${path}.` });
      return text;
    },
    exists: async (path) => (all.has(path) ? 'file' : folders.has(path) ? 'directory' : undefined),
    makeDirectory: async (path) => void folders.add(path),
    realPath: async (path) => path,
    home: () => '/home/dev',
    cwd: () => '/work',
    platform: () => 'linux',
    environment: () => options.environment ?? {},
  };
}

export interface FakeState extends StateStore {
  readonly documents: Map<string, unknown>;
  readonly held: Map<string, string>;
}

export function createFakeState(documents: Readonly<Record<string, unknown>> = {}): FakeState {
  const all = new Map(Object.entries(documents));
  const held = new Map<string, string>();
  const watchers = new Set<(name: string) => void>();
  return {
    documents: all,
    held,
    read: async (name) => structuredClone(all.get(name)),
    write: async (name, value) => {
      all.set(name, structuredClone(value));
      for (const tell of [...watchers]) tell(name);
    },
    watch: (wanted, listener) => {
      const tell = (name: string) => name === wanted && listener();
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
    wasInterrupted: async () => false,
    lock: async (name, purpose) => {
      const holder = held.get(name);
      if (holder !== undefined) {
        throw new AppFailure({ code: 'stack.busy', message: `${holder} is still running.`, retry: true });
      }
      held.set(name, purpose);
      return async () => void held.delete(name);
    },
  };
}

export interface FakeLog {
  readonly log: Log;
  readonly lines: { readonly level: string; readonly message: string; readonly fields: unknown }[];
}

export function createFakeLog(): FakeLog {
  const lines: FakeLog['lines'] = [];
  return { lines, log: (level, message, fields) => void lines.push({ level, message, fields }) };
}

/** docker's logins by registry; each has a helper as its source. */
export function createFakeDockerLogins(known: Readonly<Record<string, readonly [string, string]>> = {}): DockerLogins {
  const source = { kind: 'helper', helper: 'fake' } as const;
  const ofRegistry: DockerLogins['ofRegistry'] = async (registry) => {
    const [user, secret] = known[registry] ?? [];
    if (user === undefined || secret === undefined) return { registry, problems: [] };
    return { registry, login: { auth: toAuth(registry, user, secret), source }, problems: [] };
  };
  return {
    ofRegistry,
    ofImage: (image) => ofRegistry(registryOf(image)),
    own: async () => [],
    list: async () => ({
      logins: Object.entries(known).map(([registry, [user]]) => ({ registry, user, source })),
      problems: [],
    }),
  };
}

/** Values in memory. `locked` makes it behave as gnome-keyring was seen to: reads find nothing, writes fail. */
export function createFakeKeychain(options: { locked?: boolean } = {}) {
  const values = new Map<string, string>();
  const asked: string[] = [];
  let failure: AppError | undefined;
  const keychain: Keychain = {
    get: async (account) => {
      asked.push(account);
      if (failure !== undefined) throw new AppFailure(failure);
      return options.locked ? undefined : values.get(account);
    },
    set: async (account, value) => {
      if (options.locked) throw new AppFailure({ code: 'keychain.locked', message: 'The keychain is locked.' });
      values.set(account, value);
    },
    delete: async (account) => !options.locked && values.delete(account),
    close: () => undefined,
  };
  const fail = (error: AppError) => {
    failure = error;
  };
  return Object.assign(keychain, { values, asked, fail });
}

/** Files of a Swarm's secrets and configs; a seal here is the value itself, written backwards. */
export function createFakeSwarmValues(contents: Readonly<Record<string, string>> = {}): SwarmValues {
  const backwards = (value: Uint8Array): string => [...new TextDecoder().decode(value)].reverse().join('');
  return {
    operator: 'anna@laptop',
    seals: { seal: async (value) => backwards(value), matches: async (value, seal) => backwards(value) === seal },
    readBytes: async (path) => new TextEncoder().encode(contents[path] ?? ''),
    gzip: async (text) => btoa(encodeURIComponent(text)),
    gunzip: async (data) => decodeURIComponent(atob(data)),
  };
}

/** Copies of volumes, in memory. */
export function createFakeBackups(
  ...kept: readonly VolumeBackup[]
): BackupStore & { readonly contents: Map<string, string> } {
  const records = new Map(kept.map((one) => [one.id, one]));
  const contents = new Map<string, string>();
  return {
    contents,
    keep: async (about, archive) => {
      let text = '';
      for await (const chunk of archive) text += new TextDecoder().decode(chunk);
      const record = {
        ...about,
        contentBytes: text.length,
        bytes: text.length,
        sha256: '',
        file: `/state/${about.id}`,
      };
      contents.set(about.id, text);
      records.set(about.id, record);
      return record;
    },
    list: async () => [...records.values()].sort((a, b) => (a.id < b.id ? 1 : -1)),
    verify: async () => undefined,
    open: async function* ({ id }) {
      yield new TextEncoder().encode(contents.get(id) ?? '');
    },
    remove: async ({ id }) => void records.delete(id),
  };
}
