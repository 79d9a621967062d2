import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import { label } from '../core/plan/labels.ts';
import { withIds } from '../core/plan/later-ids.ts';
import type { Step } from '../core/plan/plan.ts';
import { inspectContainer } from './containers.ts';
import { takingName } from './name-conflict.ts';
import { inspectImageTogether } from './shared-look.ts';

type CreateStep = Extract<Step, { kind: 'create-container' }>;

interface MountBody {
  readonly Type?: string;
  readonly Source?: string;
  readonly Target?: string;
  readonly ReadOnly?: boolean;
}
interface Body {
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Volumes?: Readonly<Record<string, unknown>>;
  readonly HostConfig?: Readonly<Record<string, unknown>> & {
    readonly Mounts?: readonly MountBody[];
    readonly Binds?: readonly string[];
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Creates the container and connects it to its further networks; when that fails it is taken away again. */
export async function createContainer(docker: Docker, planned: CreateStep, signal: AbortSignal): Promise<void> {
  const step = withIds(planned, await readIds(docker, planned, signal), sha256);
  const image = await inspectImageTogether(docker, step.image, signal);
  if (image === undefined) {
    throw new AppFailure({
      code: 'image.not-found',
      message: `Creating container ${step.name}: the engine has no image ${step.image}.`,
      hint: 'Pull or build it first.',
    });
  }
  const old = await formerMounts(docker, step, signal);
  const body = inheritVolumes(step.body as Body, image, old);
  // Its id is known only now (it may have been built a moment ago); compose tells by it what is outdated.
  const labels = { ...body.Labels, [label.image]: image.Id };
  const container = await takingName({ docker, name: step.name, labels, signal }, () =>
    docker.createContainer({
      // docker-modem sends these two apart when they are named so; types know only the flat form.
      _query: { name: step.name, ...(step.platform && { platform: step.platform }) },
      _body: { Image: step.image, ...body, Labels: labels },
      abortSignal: signal,
    } as Docker.ContainerCreateOptions),
  );
  try {
    for (const { network, body: endpoint } of step.connect) {
      await connectNetwork(docker, network, { ...endpoint, Container: container.id }, signal);
    }
  } catch (error) {
    // Half connected it would be taken for the finished thing. The reason is `error`, whatever becomes of this.
    await container.remove({ force: true }).catch(() => undefined);
    throw error;
  }
}

/** The mounts of the container that this one follows: as it is, or as the plan remembers it. */
async function formerMounts(
  docker: Docker,
  { replaces, inherits = [] }: CreateStep,
  signal: AbortSignal,
): Promise<Pick<ContainerInspectInfo, 'Mounts'> | undefined> {
  if (replaces !== undefined) return inspectContainer(docker, replaces, signal);
  const mounts = inherits.map(({ name, target, readOnly }) => ({
    Type: 'volume' as const,
    Name: name,
    Source: '',
    Destination: target,
    Mode: '',
    RW: !readOnly,
    Propagation: '',
  }));
  return mounts.length === 0 ? undefined : { Mounts: mounts };
}

/** Of the containers that this one shares something with, and that the plan has made before it. */
async function readIds(docker: Docker, { name, later }: CreateStep, signal: AbortSignal): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const other of Object.values(later?.names ?? {})) {
    const found = await inspectContainer(docker, other, signal);
    if (found === undefined) {
      throw new AppFailure({
        code: 'engine.conflict',
        message: `Creating container ${name}: it shares what ${other} has, and ${other} is gone.`,
        hint: 'Plan again.',
        retry: true,
      });
    }
    ids.set(other, found.Id);
  }
  return ids;
}

/** @types/dockerode knows only some keys of the endpoint's body, and no abort signal. */
export const connectNetwork = (
  docker: Docker,
  network: string,
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<unknown> =>
  docker.getNetwork(network).connect({ ...body, abortSignal: signal } as Docker.NetworkConnectOptions);

/**
 * Volumes without a name stay with the service when its container is made anew, as docker compose does it
 * (pkg/compose/create.go, buildContainerMountOptions): those the image declares, and those the file mounts without a source.
 */
export function inheritVolumes(
  body: Body,
  image: ImageInspectInfo,
  old: Pick<ContainerInspectInfo, 'Mounts'> | undefined,
): Body {
  if (old === undefined) return body;
  const mounts = body.HostConfig?.Mounts ?? [];
  const binds = body.HostConfig?.Binds ?? [];
  const named = new Set([
    ...mounts.filter(({ Source, Type }) => Source || Type === 'tmpfs').map(({ Target }) => Target),
    ...binds.filter((bind) => bind.includes(':')).map(bindTarget),
  ]);
  const nameless = new Set([
    ...mounts.filter(({ Source, Type }) => !Source && Type === 'volume').map(({ Target }) => Target),
    ...binds.filter((bind) => !bind.includes(':')),
    ...Object.keys(body.Volumes ?? {}),
    ...Object.keys(image.Config?.Volumes ?? {}),
  ]);
  const inherited = (old.Mounts ?? [])
    .filter(
      ({ Type, Name, Destination }) =>
        Type === 'volume' && Name && nameless.has(Destination) && !named.has(Destination),
    )
    .map(({ Name, Destination, RW }) => ({ Type: 'volume', Source: Name ?? '', Target: Destination, ReadOnly: !RW }));
  if (inherited.length === 0) return body;
  const taken = new Set<string | undefined>(inherited.map(({ Target }) => Target));
  return {
    ...body,
    ...(body.Volumes && {
      Volumes: Object.fromEntries(Object.entries(body.Volumes).filter(([path]) => !taken.has(path))),
    }),
    HostConfig: {
      ...body.HostConfig,
      Mounts: [...mounts.filter(({ Target }) => !taken.has(Target)), ...inherited],
      Binds: binds.filter((bind) => !taken.has(bind)),
    },
  };
}

/** `source:target[:options]`; a source on Windows has a colon of its own. */
function bindTarget(bind: string): string {
  const parts = /^(?:[a-zA-Z]:[\\/][^:]*|[^:]*):((?:[a-zA-Z]:[\\/])?[^:]*)/.exec(bind);
  return parts?.[1] ?? '';
}
