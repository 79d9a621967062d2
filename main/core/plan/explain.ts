import type { Project, Service } from '../compose/project.ts';
import type { ObservedContainer } from './plan.ts';
import { toWantedPorts } from './ports.ts';
import { referencedServices } from './references.ts';

/**
 * What changed in the file since the container was made, as far as the container itself tells: ports, networks, mounts,
 * labels. The hash has already said *that* something changed; where nothing of these differs it was
 * another key (environment, command, …), and the cause stays general rather than guessing.
 */
export function explainChange(container: ObservedContainer, service: Service, project: Project): string {
  const found = [
    ...portChanges(container, service),
    ...networkChanges(container, service, project),
    ...mountChanges(container, service, project),
    ...labelChanges(container, service),
  ];
  if (found.length > 0) return `configuration changed: ${found.slice(0, 4).join(', ')}`;
  const shared = referencedServices(service);
  return shared.length === 0
    ? 'configuration changed'
    : `configuration changed, or the container of ${shared.join(', ')} is another one`;
}

function portChanges(container: ObservedContainer, service: Service): readonly string[] {
  // A stopped container publishes nothing, so its ports say nothing about the file it was made from.
  if (container.state !== 'running') return [];
  const wanted = toWantedPorts(service);
  const has = container.ports.filter((port) => port.host !== undefined);
  const added = wanted
    .filter((port) => !has.some((there) => there.host === port.port && there.container === port.container))
    .map((port) => `port ${port.port} added`);
  const published = service.ports ?? [];
  const removed = has
    .filter((there) => !published.some((port) => port.target === there.container && covers(port.published, there.host)))
    .map((there) => `port ${there.host} removed`);
  return [...new Set([...added, ...removed])];
}

function covers(published: string | undefined, host: number | undefined): boolean {
  if (published === undefined || published === '' || host === undefined) return true;
  const [first = '', last = first] = published.split('-');
  return host >= Number(first) && host <= Number(last);
}

function networkChanges(container: ObservedContainer, service: Service, project: Project): readonly string[] {
  if (service.networks === undefined) return [];
  const wanted = new Set([...service.networks.keys()].map((key) => project.networks.get(key)?.name ?? key));
  const has = Object.keys(container.networks);
  return [
    ...[...wanted].filter((name) => !has.includes(name)).map((name) => `network ${name} added`),
    ...has.filter((name) => !wanted.has(name)).map((name) => `network ${name} removed`),
  ];
}

function mountChanges(container: ObservedContainer, service: Service, project: Project): readonly string[] {
  const wanted = (service.volumes ?? []).filter((mount) => mount.source !== undefined);
  const sourceOf = (mount: (typeof wanted)[number]): string | undefined =>
    mount.type === 'volume' ? (project.volumes.get(mount.source ?? '')?.name ?? mount.source) : mount.source;
  return wanted.flatMap((mount) => {
    const there = container.mounts.find((candidate) => candidate.target === mount.target);
    if (there === undefined) return [`mount ${mount.target} added`];
    const source = there.type === 'volume' ? there.name : there.source;
    return source === sourceOf(mount) ? [] : [`mount ${mount.target} comes from elsewhere`];
  });
}

function labelChanges(container: ObservedContainer, service: Service): readonly string[] {
  return [...(service.labels ?? [])]
    .filter(([key, value]) => !key.startsWith('com.docker.compose.') && container.labels[key] !== value)
    .map(([key]) => `label ${key}`);
}
