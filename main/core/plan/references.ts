import type { Service } from '../compose/project.ts';

/**
 * What a `service:x` stands for. docker compose writes the other container's id into network_mode, ipc, pid and
 * volumes_from before it takes the hash (seen live), and so does ours. When x is created or recreated by this very plan,
 * a mark stands for its id until that step has run; see later-ids.ts.
 */
export type ContainerReference = (service: string) => string | undefined;

const servicePrefix = 'service:';

/** Services whose container's identity is part of this one's configuration. */
export function referencedServices(service: Service): readonly string[] {
  const modes = [service.network_mode, service.ipc, service.pid].flatMap((mode) =>
    mode?.startsWith(servicePrefix) === true ? [mode.slice(servicePrefix.length)] : [],
  );
  const volumes = (service.volumes_from ?? []).flatMap((source) =>
    source.startsWith('container:') ? [] : [source.split(':')[0] ?? ''],
  );
  return [...new Set([...modes, ...volumes])];
}

/** The service with its references replaced, the same object where it has none; one that cannot be resolved stays as written. */
export function resolveReferences(service: Service, reference: ContainerReference): Service {
  if (service.volumes_from === undefined && referencedServices(service).length === 0) return service;
  const mode = (value: string): string => {
    if (!value.startsWith(servicePrefix)) return value;
    const found = reference(value.slice(servicePrefix.length));
    return found === undefined ? value : `container:${found}`;
  };
  return {
    ...service,
    ...(service.network_mode === undefined ? {} : { network_mode: mode(service.network_mode) }),
    ...(service.ipc === undefined ? {} : { ipc: mode(service.ipc) }),
    ...(service.pid === undefined ? {} : { pid: mode(service.pid) }),
    ...(service.volumes_from === undefined
      ? {}
      : { volumes_from: service.volumes_from.map((source) => volumesFrom(source, reference)) }),
  };
}

/** compose drops the access mode here (`x:ro` becomes the bare id), in the hash and in what it sends; see toVolumesFrom for what ours sends. */
function volumesFrom(source: string, reference: ContainerReference): string {
  if (source.startsWith('container:')) return source.split(':')[1] ?? source;
  return reference(source.split(':')[0] ?? '') ?? source;
}

/** What goes into HostConfig.VolumesFrom: the container with its access mode kept. */
export function toVolumesFrom(service: Service, reference: ContainerReference): readonly string[] {
  return (service.volumes_from ?? []).map((source) => {
    if (source.startsWith('container:')) return source.slice('container:'.length);
    const [name = '', ...access] = source.split(':');
    return [reference(name) ?? name, ...access].join(':');
  });
}
