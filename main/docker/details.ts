import type Docker from 'dockerode';
import type { Details, DetailsWanted } from '../core/plan/drift.ts';
import { dial } from './dial.ts';
import { statusOf } from './errors.ts';
import { inspectImage } from './observe.ts';
import { mapLimited } from './parallel.ts';

type Raw = Readonly<Record<string, unknown>>;

/** What some images brought, and some networks and volumes, as the engine says it. */
export async function readDetails(docker: Docker, wanted: DetailsWanted, signal: AbortSignal): Promise<Details> {
  const [images, networks, volumes] = await Promise.all([
    mapLimited(wanted.images, 6, async (id) => [id, await inspectImage(docker, id, signal)] as const),
    mapLimited(
      wanted.networks,
      6,
      async ({ id, name }) =>
        [name, await unlessGone(dial(docker, { method: 'GET', path: `/networks/${id}`, signal }))] as const,
    ),
    mapLimited(
      wanted.volumes,
      6,
      async (name) =>
        [
          name,
          await unlessGone(dial(docker, { method: 'GET', path: `/volumes/${encodeURIComponent(name)}`, signal })),
        ] as const,
    ),
  ]);
  return {
    images: present(images.map(([id, info]) => [id, info && ((info.Config ?? {}) as unknown as Raw)])),
    networks: present(networks.map(([name, info]) => [name, info as Raw | undefined])),
    volumes: present(volumes.map(([name, info]) => [name, info as Raw | undefined])),
  };
}

const present = (entries: readonly (readonly [string, Raw | undefined])[]): ReadonlyMap<string, Raw> =>
  new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));

const unlessGone = (asked: Promise<unknown>): Promise<unknown> =>
  asked.catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
