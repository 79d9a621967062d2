import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { VolumeAccess, VolumeFacts, VolumeUser } from '../services/ports.ts';
import type { Connection } from './connection.ts';
import { putArchive } from './copy.ts';
import { dial, dialStream } from './dial.ts';
import { statusOf } from './errors.ts';

/*
 * What is in a volume, out and in, by the engine's archive calls on a container that is made from any image, mounts the
 * volume, and is never started: the engine mounts volumes for that (seen on 20.10.24 and 28.5.2), so no image needs a tar. Owners,
 * modes and links stay; the archive's first entry is the volume's own folder.
 */

const place = 'claude-env-volume';
const copyLabel = 'io.claude-env.volume-copy';
const taskLabel = 'com.docker.swarm.task.id';

interface Found {
  readonly Name: string;
  readonly Driver: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Options?: Readonly<Record<string, string>> | null;
}

async function find(docker: Docker, volume: string, signal: AbortSignal): Promise<VolumeFacts | undefined> {
  try {
    const { Name, Driver, Labels, Options }: Found = await docker
      .getVolume(volume)
      .inspect({ abortSignal: signal } as object);
    return { name: Name, driver: Driver, labels: Labels ?? {}, hasOptions: Object.keys(Options ?? {}).length > 0 };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Every container that mounts it, copies of ours too. */
const containersOf = (docker: Docker, volume: string, signal: AbortSignal) =>
  docker.listContainers({ all: true, filters: { volume: [volume] }, abortSignal: signal });

async function users(docker: Docker, volume: string, signal: AbortSignal): Promise<readonly VolumeUser[]> {
  const all = await containersOf(docker, volume, signal);
  return all
    .filter(({ Labels }) => !(copyLabel in Labels))
    .map(({ Id, Names, State, Labels }) => ({
      id: Id,
      name: (Names[0] ?? Id.slice(0, 12)).replace(/^\//, ''),
      running: State === 'running' || State === 'paused' || State === 'restarting',
      ...(Labels[taskLabel] === undefined ? {} : { task: Labels[taskLabel] }),
    }));
}

/** One that the engine has for sure: that of a container over this volume, else any. */
async function anyImage(docker: Docker, volume: string, signal: AbortSignal): Promise<string> {
  const [user] = await containersOf(docker, volume, signal);
  if (user !== undefined) return user.ImageID;
  const [image] = await docker.listImages({ abortSignal: signal } as object);
  if (image !== undefined) return image.Id;
  throw new AppFailure({
    code: 'image.not-found',
    message: 'That engine has no image at all, and a volume is reached through a container.',
    hint: 'Pull any image there, then try again.',
  });
}

async function withCopier<T>(
  docker: Docker,
  { volume, readOnly }: { readonly volume: string; readonly readOnly: boolean },
  signal: AbortSignal,
  use: (container: string) => Promise<T>,
): Promise<T> {
  const container = await docker.createContainer({
    Image: await anyImage(docker, volume, signal),
    Cmd: ['-'],
    Entrypoint: [],
    Labels: { [copyLabel]: volume },
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      Mounts: [
        {
          Type: 'volume',
          Source: volume,
          Target: `/${place}`,
          ReadOnly: readOnly,
          VolumeOptions: { NoCopy: true } as never,
        },
      ],
    },
    abortSignal: signal,
  });
  try {
    return await use(container.id);
  } finally {
    // Also where this was cancelled; anonymous volumes that its image declares go with it.
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}

/** Two blocks of zeros, without which the engine broke off: it ends the answer as if all were well (moby, TarWithOptions). */
const ending = 1024;

async function* whole(chunks: AsyncIterable<Buffer>, volume: string): AsyncGenerator<Uint8Array> {
  let last = Buffer.alloc(0);
  for await (const chunk of chunks) {
    last = Buffer.concat([last, chunk.subarray(-ending)]).subarray(-ending);
    yield chunk;
  }
  if (last.length === ending && last.every((byte) => byte === 0)) return;
  throw new AppFailure({
    code: 'engine.error',
    message: `The copy of ${volume} broke off: a file in it became shorter while it was read, or the engine stopped.`,
    hint: 'Try again, or stop what writes to it first.',
    retry: true,
  });
}

const unlessGone = (error: unknown): void => {
  if (statusOf(error) !== 404) throw error;
};

/** Of programs that were killed, and of engines that stopped meanwhile: they hold the volume. Whoever copies has the stack's lease. */
async function removeCopiers(docker: Docker, volume: string, signal: AbortSignal): Promise<void> {
  const left = (await containersOf(docker, volume, signal)).filter(({ Labels }) => copyLabel in Labels);
  await Promise.all(
    left.map(({ Id }) =>
      docker.getContainer(Id).remove({ force: true, v: true, abortSignal: signal }).catch(unlessGone),
    ),
  );
}

export function createVolumeAccess(connection: Connection): VolumeAccess {
  return {
    find: (volume, signal) =>
      connection.call(`Looking at volume ${volume}`, (docker, abort) => find(docker, volume, abort), { signal }),
    users: (volume, signal) =>
      connection.call(`Looking who uses ${volume}`, (docker, abort) => users(docker, volume, abort), { signal }),
    ended: (containers, signal) =>
      connection.call(
        'Waiting for tasks that stop',
        async (docker, abort) => {
          const wait = (id: string) => dial(docker, { method: 'POST', path: `/containers/${id}/wait`, signal: abort });
          await Promise.all(containers.map((id) => wait(id).catch(unlessGone)));
        },
        { signal },
      ),
    read: (volume, take, signal) =>
      connection.call(
        `Reading volume ${volume}`,
        async (docker, abort) => {
          if ((await find(docker, volume, abort)) === undefined) throw noVolume(volume);
          await removeCopiers(docker, volume, abort);
          return withCopier(docker, { volume, readOnly: true }, abort, async (container) => {
            const path = `/containers/${container}/archive?path=${encodeURIComponent(`/${place}`)}`;
            const answer = await dialStream(docker, { method: 'GET', path, signal: abort });
            try {
              return await take(whole(answer as AsyncIterable<Buffer>, volume));
            } finally {
              answer.destroy();
            }
          });
        },
        { signal },
      ),
    create: ({ name, driver, labels }, signal) =>
      connection.call(
        `Creating volume ${name}`,
        async (docker, abort) => {
          await docker.createVolume({ Name: name, Driver: driver, Labels: { ...labels }, abortSignal: abort });
        },
        { signal },
      ),
    remove: (volume, containers, signal) =>
      connection.call(
        `Removing volume ${volume}`,
        async (docker, abort) => {
          await removeCopiers(docker, volume, abort);
          // Not by force: one that was started meanwhile stays, and with it the volume.
          await Promise.all(
            containers.map((id) => docker.getContainer(id).remove({ abortSignal: abort }).catch(unlessGone)),
          );
          await docker.getVolume(volume).remove({ abortSignal: abort });
        },
        { signal },
      ),
    fill: (volume, archive, signal) =>
      connection.call(
        `Filling volume ${volume}`,
        (docker, abort) =>
          withCopier(docker, { volume, readOnly: false }, abort, (container) =>
            putArchive(
              { docker, container, signal: abort },
              { directory: '/', content: Readable.from(archive, { objectMode: false }), archive: true },
            ),
          ),
        { signal },
      ),
  };
}

const noVolume = (volume: string): AppFailure =>
  new AppFailure({
    code: 'engine.error',
    message: `That engine has no volume ${volume}.`,
    hint: 'Its driver may keep it under another name; look with `docker volume ls` there.',
  });
