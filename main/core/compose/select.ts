import { usedObjects } from './assemble.ts';
import type { Project, Service } from './project.ts';

/** A project of these services and what they depend on, with the networks, volumes and files that they use. */
export function selectServices(project: Project, names: readonly string[]): Project {
  if (names.length === 0) return project;
  const services = new Map<string, Service>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const service = project.services.get(name);
    if (service === undefined || services.has(name)) continue;
    services.set(name, service);
    queue.push(...(service.depends_on?.keys() ?? []));
  }
  for (const [name, service] of services) {
    const { depends_on: before } = service;
    const kept = [...(before ?? [])].filter(([key]) => services.has(key));
    if (before !== undefined && kept.length < before.size)
      services.set(name, { ...service, depends_on: new Map(kept) });
  }
  const used = usedObjects([...services.values()]);
  const only = <T>(objects: ReadonlyMap<string, T>, keys: ReadonlySet<string>): ReadonlyMap<string, T> =>
    new Map([...objects].filter(([key]) => keys.has(key)));
  return {
    ...project,
    services,
    ...(project.models && { models: only(project.models, used.models) }),
    networks: only(project.networks, used.networks),
    volumes: only(project.volumes, used.volumes),
    secrets: only(project.secrets, used.secrets),
    configs: only(project.configs, used.configs),
  };
}
