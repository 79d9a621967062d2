import type { Raw } from '../plan/inherit.ts';
import type { ImagePlatform } from './observed.ts';

/* Of a service's spec: its labels, its image, and the nodes that it is for. */

export const labelsOf = (spec: Raw | undefined): Readonly<Record<string, string>> =>
  (spec?.Labels ?? {}) as Readonly<Record<string, string>>;

export const imageOf = (body: Raw): string => String(((body.TaskTemplate as Raw).ContainerSpec as Raw).Image ?? '');

export function withPlatforms(body: Raw, platforms: readonly ImagePlatform[] | undefined): Raw {
  const task = body.TaskTemplate as Raw;
  const { Platforms: _before, ...placement } = (task.Placement ?? {}) as Raw;
  const Placement =
    platforms === undefined || platforms.length === 0 ? placement : { ...placement, Platforms: platforms };
  return { ...body, TaskTemplate: { ...task, Placement } };
}

export const withContainer = (body: Raw, change: (container: Raw) => Raw): Raw => {
  const task = body.TaskTemplate as Raw;
  return { ...body, TaskTemplate: { ...task, ContainerSpec: change(task.ContainerSpec as Raw) } };
};
export const withImage = (body: Raw, image: string): Raw =>
  withContainer(body, (container) => ({ ...container, Image: image }));

/** With the image that runs, digest included, and the nodes that it is for. */
export function withImageOf(body: Raw, running: Raw): Raw {
  const { Placement } = running.TaskTemplate as {
    readonly Placement?: { readonly Platforms?: readonly ImagePlatform[] };
  };
  return withPlatforms(withImage(body, imageOf(running)), Placement?.Platforms);
}
