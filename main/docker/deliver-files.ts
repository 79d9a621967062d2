import type Docker from 'dockerode';
import tar from 'tar-stream';
import { AppFailure } from '../core/app-failure.ts';
import type { DeliveredFile } from '../core/plan/plan.ts';
import type { SecretStore } from '../services/ports.ts';
import type { Host } from './host.ts';
import { readLogins } from './registry-auth.ts';

export interface DeliverFiles {
  readonly docker: Docker;
  readonly container: string;
  readonly files: readonly DeliveredFile[];
  readonly secrets: SecretStore;
  readonly host: Host;
  readonly signal: AbortSignal;
}

/**
 * Copies files into a container by the archive API: into its own layer, or the volume that is mounted there. Values are
 * looked up here and go nowhere else. Folders on the way are made, 0755 and root's, as docker compose 2.40.3 leaves them.
 */
export async function deliverFiles({ docker, container, files, secrets, host, signal }: DeliverFiles): Promise<void> {
  const pack = tar.pack();
  for (const file of files) {
    const value = await textOf(file, secrets, host);
    // An empty variable gives no file, as in docker compose.
    if (value === undefined) continue;
    const { path, mode, uid, gid } = file;
    pack.entry({ name: path.replace(/^\/+/, ''), mode, uid, gid, mtime: new Date() }, value);
  }
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  await docker.getContainer(container).putArchive(Buffer.concat(chunks), { path: '/', abortSignal: signal });
}

async function textOf({ source }: DeliveredFile, secrets: SecretStore, host: Host): Promise<string | undefined> {
  if (source.from === 'text') return source.text;
  if (source.from === 'registry-logins') return readLogins(host);
  const value = await secrets.lookup(source);
  if (value !== undefined) return value === '' ? undefined : value;
  throw new AppFailure({
    code: 'file.invalid',
    message: `${source.kind} ${source.name} needs ${source.variable}, which is neither set nor in the keychain.`,
    hint: `Keep it in the keychain: npx claude-env secret set ${source.variable}`,
  });
}
