import type { FileReference, Mount, Project, Service } from '../compose/project.ts';
import { secretsFolder, toTarget } from './deliveries.ts';
import { atLeastApi } from './resources.ts';
import { secretVolumeOf } from './secret-volumes.ts';

type EngineMount = Readonly<Record<string, unknown>> & { readonly Target: string };

export interface Mounts {
  /** HostConfig.Binds: the old string form, because only it creates a missing host folder (moby#43483). */
  readonly binds: readonly string[];
  /** HostConfig.Mounts */
  readonly mounts: readonly EngineMount[];
  /** HostConfig.Tmpfs, from the service's own `tmpfs` key. */
  readonly tmpfs: Readonly<Record<string, string>>;
}

/**
 * Anonymous volumes that a successor takes over are not here: the executor adds them when it creates the container
 * (step `create-container`, `replaces`), because only then the image, and what it declares as volumes, is sure to be there.
 */
export function toMounts(project: Project, service: Service): Mounts {
  const binds: string[] = [];
  const mounts: EngineMount[] = [];
  // A repeated target: the last one wins (interop.md 22).
  const byTarget = new Map((service.volumes ?? []).map((mount) => [mount.target, mount]));
  for (const mount of byTarget.values()) {
    if (needsMountApi(project, mount)) mounts.push(toEngineMount(project, mount));
    else binds.push(toBind(project, mount));
  }
  for (const file of fileMounts(project, service)) if (!byTarget.has(file.Target)) mounts.push(file);
  const secrets = secretVolumeOf(project, service);
  if (secrets !== undefined) {
    // What the image has there is not copied: it would be gone with the first stop.
    mounts.push({ Type: 'volume', Source: secrets.name, Target: secretsFolder, VolumeOptions: { NoCopy: true } });
  }
  const tmpfs: Record<string, string> = {};
  for (const entry of service.tmpfs ?? []) {
    const colon = entry.indexOf(':');
    tmpfs[colon < 0 ? entry : entry.slice(0, colon)] = colon < 0 ? '' : entry.slice(colon + 1);
  }
  return { binds, mounts, tmpfs };
}

/** As compose decides it: anything the string form cannot say, and everything that is neither a bind nor a volume of the file. */
function needsMountApi(project: Project, mount: Mount): boolean {
  if (mount.type === 'volume') {
    const { nocopy, subpath, labels } = mount.volume ?? {};
    const named = mount.source !== undefined && project.volumes.has(mount.source);
    return !named || nocopy === true || (subpath ?? '') !== '' || (labels?.size ?? 0) > 0;
  }
  if (mount.type !== 'bind') return true;
  const { bind } = mount;
  if (bind === undefined) return false;
  return bind.create_host_path !== true || (bind.propagation ?? '') !== '' || (bind.recursive ?? '') !== '';
}

/** A missing bind source is made by the engine: always in the string form, through the mount API from 1.42 on when asked for. */
export const createsHostPath = (project: Project, mount: Mount, apiVersion: string): boolean =>
  !needsMountApi(project, mount) || (mount.bind?.create_host_path === true && atLeastApi(apiVersion, 42));

/** A volume's name on the engine, a bind's path. */
const sourceOf = (project: Project, mount: Mount): string | undefined =>
  mount.type === 'volume' && mount.source !== undefined
    ? (project.volumes.get(mount.source)?.name ?? mount.source)
    : mount.source;

function toBind(project: Project, mount: Mount): string {
  const options = [mount.read_only === true ? 'ro' : 'rw'];
  if (mount.bind?.selinux !== undefined && mount.bind.selinux !== '') options.push(mount.bind.selinux);
  return `${sourceOf(project, mount) ?? ''}:${mount.target}:${options.join(',')}`;
}

function toEngineMount(project: Project, mount: Mount): EngineMount {
  const source = sourceOf(project, mount);
  return {
    Type: mount.type,
    ...(source === undefined || source === '' ? {} : { Source: source }),
    Target: mount.target,
    ...(mount.read_only === true ? { ReadOnly: true } : {}),
    ...(mount.consistency === undefined ? {} : { Consistency: mount.consistency }),
    ...options(mount),
  };
}

function options(mount: Mount): Readonly<Record<string, unknown>> {
  switch (mount.type) {
    case 'bind': {
      const { propagation, recursive, create_host_path: create } = mount.bind ?? {};
      return {
        BindOptions: {
          ...(propagation === undefined || propagation === '' ? {} : { Propagation: propagation }),
          ...(create === true ? { CreateMountpoint: true } : {}),
          ...(recursive === 'disabled' ? { NonRecursive: true } : {}),
          ...(recursive === 'writable' ? { ReadOnlyNonRecursive: true } : {}),
          ...(recursive === 'readonly' ? { ReadOnlyForceRecursive: true } : {}),
        },
      };
    }
    case 'volume':
      if (mount.volume === undefined) return {};
      return {
        VolumeOptions: {
          ...(mount.volume.nocopy === true ? { NoCopy: true } : {}),
          ...(mount.volume.subpath === undefined ? {} : { Subpath: mount.volume.subpath }),
          ...(mount.volume.labels === undefined ? {} : { Labels: Object.fromEntries(mount.volume.labels) }),
        },
      };
    case 'tmpfs':
      if (mount.tmpfs === undefined) return {};
      return {
        TmpfsOptions: {
          ...(mount.tmpfs.size === undefined ? {} : { SizeBytes: mount.tmpfs.size }),
          ...(mount.tmpfs.mode === undefined ? {} : { Mode: mount.tmpfs.mode }),
        },
      };
    case 'image':
      return mount.image?.subpath === undefined ? {} : { ImageOptions: { Subpath: mount.image.subpath } };
    default:
      return {};
  }
}

/** Secrets and configs that are files are mounted read-only; a missing file is an error, never a new folder. */
function fileMounts(project: Project, service: Service): readonly EngineMount[] {
  const toMount = (kind: 'secret' | 'config', objects: Project['secrets'], use: FileReference) => {
    const file = objects.get(use.source)?.file;
    return file === undefined ? [] : [{ Type: 'bind', Source: file, Target: toTarget(kind, use), ReadOnly: true }];
  };
  return [
    ...(service.secrets ?? [])
      .flatMap((use) => toMount('secret', project.secrets, use))
      .map((mount) => ({ ...mount, BindOptions: {} })),
    ...(service.configs ?? []).flatMap((use) => toMount('config', project.configs, use)),
  ];
}
