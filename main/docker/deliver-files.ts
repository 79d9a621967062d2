import type Docker from 'dockerode';
import tar from 'tar-stream';
import { AppFailure } from '../core/app-failure.ts';
import type { DeliveredFile, Step } from '../core/plan/plan.ts';
import type { Clock, SecretStore } from '../services/ports.ts';
import { inspectContainer } from './containers.ts';
import type { Host } from './host.ts';
import { hasPath, type MemoryHolds, notKept } from './memory-holds.ts';
import { readLogins } from './registry-auth.ts';

export interface DeliverFiles extends Pick<Extract<Step, { kind: 'deliver-files' }>, 'container' | 'files' | 'memory'> {
  readonly docker: Docker;
  readonly secrets: SecretStore;
  readonly host: Host;
  readonly holds: MemoryHolds;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Entry {
  readonly file: DeliveredFile;
  readonly value: string;
}

/**
 * Copies files into a container by the archive API: into its own layer, the volume that is mounted there, or memory.
 * Values are looked up here and go nowhere else. Folders on the way are made, 0755 and root's, as docker compose 2.40.3
 * leaves them.
 */
export async function deliverFiles(input: DeliverFiles): Promise<void> {
  const { docker, container, memory, signal } = input;
  const entries: Entry[] = [];
  for (const file of input.files) {
    const value = await textOf(file, input.secrets, input.host);
    // An empty variable gives no file, as in docker compose.
    if (value !== undefined) entries.push({ file, value });
  }
  const put = async (archive: Buffer, path: string): Promise<unknown> =>
    docker.getContainer(container).putArchive(archive, { path, abortSignal: signal });
  const layer = await packLayer(entries, memory !== undefined);
  if (layer !== undefined) await put(layer, '/');
  const inMemory = entries.filter(({ file }) => file.inMemory !== undefined);
  const probe = inMemory[0]?.file.inMemory;
  if (memory === undefined || probe === undefined) return;

  const { Id: id, Image: image } = (await inspectContainer(docker, container, signal)) ?? {};
  if (id === undefined || image === undefined) {
    throw new AppFailure({
      code: 'engine.conflict',
      message: `${container} is gone.`,
      hint: 'Plan again.',
      retry: true,
    });
  }
  await requireMemory(docker, memory.volume, signal);
  await input.holds.keep(docker, { reference: container, id, image, volume: memory.volume, probe }, signal);
  try {
    const archive = await packMemory(inMemory, memory.target);
    // The engine does not say when the keeper's volume is mounted; what was put there before is gone again, and shows it.
    for (const pause of [0, 10, 30, 100, 300, 1000, 2000]) {
      if (pause > 0) await input.clock.sleep(pause, signal);
      await put(archive, memory.target);
      if (await hasPath(docker, id, probe, signal)) return;
    }
    throw notKept(container);
  } catch (error) {
    await input.holds.release(id);
    throw error;
  }
}

/** A volume of that name on a disk, whoever made it, gets nothing. */
async function requireMemory(docker: Docker, volume: string, signal: AbortSignal): Promise<void> {
  const { Options } = await docker.getVolume(volume).inspect({ abortSignal: signal });
  if (Options?.type === 'tmpfs') return;
  throw new AppFailure({
    code: 'engine.conflict',
    message: `Volume ${volume} is not in memory, so no secret is put into it.`,
    hint: `Remove it and the containers that use it (docker volume rm ${volume}), then bring the project up again.`,
  });
}

/** What goes into the container's own files: those that are not in memory, and links to those that are. */
function packLayer(entries: readonly Entry[], links: boolean): Promise<Buffer | undefined> {
  const pack = tar.pack();
  let some = false;
  for (const { file, value } of entries) {
    const { path, mode, uid, gid, inMemory } = file;
    const name = path.replace(/^\/+/, '');
    if (inMemory === undefined) pack.entry({ name, mode, uid, gid, mtime: new Date() }, value);
    else if (inMemory !== path && links) pack.entry({ name, type: 'symlink', linkname: inMemory, mtime: new Date() });
    else continue;
    some = true;
  }
  return some ? toBuffer(pack) : Promise.resolve(undefined);
}

/** Folders are said as well: the engine would make them 0600 for whoever is not root. */
function packMemory(entries: readonly Entry[], target: string): Promise<Buffer> {
  const pack = tar.pack();
  const folders = new Set<string>();
  for (const { file, value } of entries) {
    const { mode, uid, gid, inMemory = '' } = file;
    const name = inMemory.slice(target.length + 1);
    const parts = name.split('/').slice(0, -1);
    for (const [index] of parts.entries()) {
      const folder = `${parts.slice(0, index + 1).join('/')}/`;
      if (!folders.has(folder)) pack.entry({ name: folder, type: 'directory', mode: 0o755, mtime: new Date() });
      folders.add(folder);
    }
    pack.entry({ name, mode, uid, gid, mtime: new Date() }, value);
  }
  return toBuffer(pack);
}

async function toBuffer(pack: tar.Pack): Promise<Buffer> {
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
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
