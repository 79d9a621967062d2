import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ConfigRepository } from './config-repository.ts';
import { forTests } from './for-tests.ts';
import { type ImageService, startImageService } from './image-service.ts';

/* config-sync, started as its image starts it, and its API as the controller uses it. */

const anyKey = 'k'.repeat(43);

interface Revision {
  readonly sha: string;
  readonly signedBy: string | null;
  readonly approvedBy: string | null;
  readonly archive: { readonly sha256: string; readonly bytes: number; readonly files: number };
}
export interface SyncState {
  readonly remote: string | null;
  readonly lastSync: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly remoteHead: string | null;
  readonly current: Revision | null;
  readonly pendingCount: number;
  readonly pending: readonly {
    readonly sha: string;
    readonly signature: string;
    readonly signer: string | null;
    readonly refused: { readonly reason: string } | null;
  }[];
  readonly syncs: Readonly<Record<string, { readonly success: number; readonly failure: number }>>;
}

export interface ConfigSync extends ImageService {
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  readonly state: () => Promise<SyncState>;
  /** One that began after now; what it left. */
  readonly sync: () => Promise<SyncState>;
  readonly approve: (sha: string) => Promise<{ readonly status: number; readonly code: string | undefined }>;
  /** Paths and contents of what members would get; fails where the archive is not what the state says of it. */
  readonly archive: (revision: Revision) => Promise<Readonly<Record<string, string>>>;
}

export async function startConfigSync(
  {
    url,
    allowedSigners,
    serviceKey = anyKey,
  }: Pick<ConfigRepository, 'url' | 'allowedSigners'> & { readonly serviceKey?: string },
  dataFolder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ConfigSync> {
  const service = await startImageService('config-sync', {
    env: { GIT_REPO: url, GIT_PROTOCOLS: 'file', DATA_DIR: dataFolder, PORT: '0', ...env },
    secrets: { 'service-key': serviceKey, 'allowed-signers': allowedSigners },
  });
  const request = (path: string, init: RequestInit = {}) => {
    const body = init.body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${serviceKey}`, ...body, ...init.headers };
    return fetch(`http://127.0.0.1:${service.ports.http}${path}`, { ...init, headers });
  };
  const ask = async (path: string, init?: RequestInit) => (await (await request(path, init)).json()) as SyncState;
  return {
    ...service,
    request,
    state: () => ask('/state'),
    sync: () => ask('/sync', { method: 'POST' }),
    approve: async (sha) => {
      const answer = await request(`/revisions/${sha}/approve`, { method: 'POST', body: '{"by":"Olivia"}' });
      const { error } = (await answer.json()) as { readonly error?: { readonly code: string } };
      return { status: answer.status, code: error?.code };
    },
    archive: async ({ sha, archive }) => {
      const bytes = Buffer.from(await (await request(`/archive/${sha}`)).arrayBuffer());
      if (createHash('sha256').update(bytes).digest('hex') !== archive.sha256) throw new Error('another archive');
      return readTar(gunzipSync(bytes));
    },
  };
}

/** Regular files alone; anything else in it is an error. */
function readTar(tar: Buffer): Record<string, string> {
  const files: Record<string, string> = {};
  for (let at = 0; at < tar.length && tar[at] !== 0; ) {
    const field = (from: number, length: number) =>
      tar.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '');
    if (field(156, 1) !== '0') throw new Error(`${field(0, 100)} is a ${field(156, 1)}`);
    const size = Number.parseInt(field(124, 12), 8);
    files[field(345, 155) === '' ? field(0, 100) : `${field(345, 155)}/${field(0, 100)}`] = tar.toString(
      'utf8',
      at + 512,
      at + 512 + size,
    );
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** config-sync for all tests of a file, with a folder of its own; `repository` is there when it starts. */
export function configSyncForTests(
  repository: () => Parameters<typeof startConfigSync>[0],
  env: Readonly<Record<string, string>> = {},
): () => ConfigSync {
  const data = forTests(
    () => mkdtemp(join(tmpdir(), 'claude-env-data-')),
    (folder) => rm(folder, { recursive: true, force: true }),
  );
  return forTests(
    () => startConfigSync(repository(), data(), env),
    (service) => service.stop(),
  );
}
