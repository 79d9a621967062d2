import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { AppFailure } from '../core/app-failure.ts';
import type { Clock } from '../services/ports.ts';
import type { Connection } from './connection.ts';
import { dial } from './dial.ts';
import { statusOf } from './errors.ts';

/*
 * A volume on tmpfs is mounted while somebody uses it and empty afterwards, so between filling it and starting the
 * container that is to find it filled, somebody has to use it. No image can be relied on to have a program that waits. What
 * can: the engine keeps the volumes of a container mounted, one that never runs too, while it unpacks an archive into it.
 * So a keeper is made from the service's own image, never started, and sent an archive that does not end before the start
 * has been answered. Seen on 20.10.24 and 28.5.2.
 */

/** The keeper's label: the volume that it keeps. */
const keeperLabel = 'io.claude-env.keeps';
/** A start that has not come by then does not come. */
const longest = 120_000;

export interface HeldFor {
  /** As steps call it. */
  readonly reference: string;
  readonly id: string;
  /** Id of the image that it was made from. */
  readonly image: string;
  readonly volume: string;
  /** A file that must be there when it has started. */
  readonly probe: string;
}

export interface MemoryHolds {
  /** Keeps the volume mounted until `release`, the limit, or the end of the connection. */
  readonly keep: (docker: Docker, held: HeldFor, signal: AbortSignal) => Promise<void>;
  /** The container has been started, or will not be; by the reference or the id that it was kept for. */
  readonly release: (container: string) => Promise<void>;
  /** The same; rejects where the container runs without what was brought. */
  readonly releaseStarted: (container: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Hold {
  readonly users: Map<string, HeldFor>;
  readonly end: Promise<() => Promise<void>>;
}

/** One entry, the folder itself, and no end: that would be two more blocks of 512 bytes. */
async function beginning(): Promise<Buffer> {
  const pack = tar.pack();
  pack.entry({ name: './', type: 'directory', mode: 0o755, mtime: new Date() });
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).subarray(0, 512);
}

async function createKeeper(
  docker: Docker,
  { volume, image }: HeldFor,
  signal: AbortSignal,
): Promise<Docker.Container> {
  const make = () =>
    docker.createContainer({
      name: `${volume}-keeper`,
      Image: image,
      Cmd: ['-'],
      Labels: { [keeperLabel]: volume },
      NetworkDisabled: true,
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [{ Type: 'volume', Source: volume, Target: '/memory', VolumeOptions: { NoCopy: true } as never }],
      },
      abortSignal: signal,
    });
  try {
    return await make();
  } catch (error) {
    // Left by a program that was killed.
    if (statusOf(error) !== 409 || (await removeKeepers(docker, volume, signal)) === 0) throw error;
    return make();
  }
}

/** Keepers that are left of a volume, which the engine does not remove before them; how many there were. */
export async function removeKeepers(docker: Docker, volume: string, signal: AbortSignal): Promise<number> {
  const filters = { label: [`${keeperLabel}=${volume}`] };
  const keepers = await docker.listContainers({ all: true, filters, abortSignal: signal });
  for (const { Id } of keepers) await docker.getContainer(Id).remove({ force: true, abortSignal: signal });
  return keepers.length;
}

/** Whether a path is there, by its facts alone: nothing of its content is asked for. */
export async function hasPath(docker: Docker, container: string, path: string, signal: AbortSignal): Promise<boolean> {
  const query = `path=${encodeURIComponent(path)}`;
  try {
    await dial(docker, { method: 'HEAD', path: `/containers/${container}/archive?${query}`, signal });
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

export function createMemoryHolds({
  connection,
  clock,
}: {
  readonly connection: Connection;
  readonly clock: Clock;
}): MemoryHolds {
  const holds = new Map<string, Hold>();
  const heldFor = (container: string): HeldFor | undefined =>
    [...holds.values()]
      .flatMap(({ users }) => [...users.values()])
      .find(({ reference, id }) => reference === container || id === container);

  /** Resolves, when it has begun, with how to end it; `onOver`: it has ended, for whatever reason. */
  const begin = async (
    docker: Docker,
    held: HeldFor,
    signal: AbortSignal,
    onOver: () => void,
  ): Promise<() => Promise<void>> => {
    const keeper = await createKeeper(docker, held, signal);
    const body = new PassThrough();
    body.write(await beginning());
    let finish = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const callOff = clock.after(longest, finish);
    // A conversation of its own: it goes on when the step that began it is over.
    const keeping = connection.call('Keeping secrets in memory', async (own, abort) => {
      const sent = own.getContainer(keeper.id).putArchive(body, { path: '/memory', abortSignal: abort });
      await Promise.race([sent, until]);
      body.end(Buffer.alloc(1024));
      await sent;
    });
    const over = keeping
      // Whether it held shows in what is found after the start.
      .catch(() => undefined)
      .then(() => {
        callOff();
        onOver();
        return connection.call('Removing a keeper', (own) => own.getContainer(keeper.id).remove({ force: true }));
      })
      // An engine that is gone has lost what the keeper kept; the next one to need its name removes it.
      .catch(() => undefined);
    return async () => {
      finish();
      await over;
    };
  };

  const open = (docker: Docker, held: HeldFor, signal: AbortSignal): Hold => {
    const forget = (): void => {
      if (holds.get(held.volume) === hold) holds.delete(held.volume);
    };
    const hold: Hold = { users: new Map(), end: begin(docker, held, signal, forget) };
    // Whoever waits for it is told.
    hold.end.catch(forget);
    holds.set(held.volume, hold);
    return hold;
  };

  const release = async (container: string): Promise<void> => {
    const held = heldFor(container);
    const hold = held && holds.get(held.volume);
    if (held === undefined || hold === undefined) return;
    hold.users.delete(held.id);
    if (hold.users.size > 0) return;
    holds.delete(held.volume);
    await (await hold.end)();
  };

  return {
    keep: async (docker, held, signal) => {
      const hold = holds.get(held.volume) ?? open(docker, held, signal);
      hold.users.set(held.id, held);
      await hold.end;
    },
    release,
    releaseStarted: async (container) => {
      const held = heldFor(container);
      if (held === undefined) return;
      try {
        const there = await connection.call('Looking for a secret', (docker, abort) =>
          hasPath(docker, held.id, held.probe, abort),
        );
        if (!there) throw notKept(container);
      } finally {
        await release(container);
      }
    },
    close: async () => {
      const ends = [...holds.values()].map(async ({ end }) => (await end)());
      await Promise.allSettled(ends);
    },
  };
}

/** The engine answers as if all were well, and the files are gone again. */
export const notKept = (container: string): AppFailure =>
  new AppFailure({
    code: 'engine.error',
    message: `${container}: the engine did not keep its secrets in memory until the start.`,
    hint: 'Start it again.',
    retry: true,
  });
