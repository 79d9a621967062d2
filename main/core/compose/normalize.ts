import { hasMark, toLoneMark } from '../opaque.ts';
import type { Lookup } from './interpolate.ts';
import { objectName } from './names.ts';
import { requiredUnlessSaid } from './schema/parts.ts';
import { child, childText, type Entry, entry, type MapNode, map, mapOf, type Node, scalar, withEntry } from './tree.ts';

/*
 * Phase 6: what the file leaves unsaid: the default network, dependencies that follow from shared namespaces, names on
 * the engine, variables that are taken from the environment.
 */

/** Keys that join another service's namespace or mounts, so that it must exist first (interop.md 14). */
const NAMESPACES = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup'];

interface Implied {
  readonly service: string;
  readonly restart: boolean;
  readonly at: Node;
}

function impliedDependencies(service: MapNode): readonly Implied[] {
  const implied: Implied[] = [];
  for (const key of NAMESPACES) {
    const text = childText(service, key);
    const at = child(service, key);
    if (text?.startsWith('service:') && at) implied.push({ service: text.slice('service:'.length), restart: true, at });
  }
  const texts = (key: string): (Node & { kind: 'scalar' })[] => {
    const node = child(service, key);
    return node?.kind === 'list' ? node.items.filter((item) => item.kind === 'scalar') : [];
  };
  for (const at of texts('volumes_from')) {
    const [name = ''] = String(at.value).split(':');
    if (!String(at.value).startsWith('container:')) implied.push({ service: name, restart: false, at });
  }
  for (const at of texts('links')) implied.push({ service: String(at.value).split(':')[0] ?? '', restart: true, at });
  return implied;
}

function withDependencies(service: MapNode): MapNode {
  const implied = impliedDependencies(service);
  if (implied.length === 0) return service;
  const written = child(service, 'depends_on');
  const entries = new Map<string, Entry>(written?.kind === 'map' ? written.entries : []);
  for (const { service: name, restart, at } of implied) {
    if (entries.has(name)) continue;
    const long = mapOf({ condition: 'service_started', restart: restart ? true : undefined, required: true }, at);
    entries.set(name, entry(name, long, at));
  }
  return withEntry(service, 'depends_on', map(entries, written ?? service));
}

function withNetworks(service: MapNode): MapNode {
  if (child(service, 'network_mode') !== undefined || child(service, 'provider') !== undefined) return service;
  const written = child(service, 'networks');
  if (written?.kind === 'map' && written.entries.size > 0) return service;
  return withEntry(service, 'networks', mapOf({ default: null }, written ?? service));
}

function withBuild(service: MapNode, lookup: Lookup): MapNode {
  const build = child(service, 'build');
  if (build?.kind !== 'map') return service;
  let result = build;
  if (child(build, 'dockerfile') === undefined && child(build, 'dockerfile_inline') === undefined) {
    result = withEntry(result, 'dockerfile', scalar('Dockerfile', build));
  }
  const args = child(result, 'args');
  const filled = args?.kind === 'map' ? fromEnvironment(args, lookup, true) : args;
  if (filled !== undefined && filled !== args) result = withEntry(result, 'args', filled);
  return result === build ? service : withEntry(service, 'build', result);
}

/** Gives keys without a value the environment's. `drop`: leave out those it does not have (build arguments). */
export function fromEnvironment(node: MapNode, lookup: Lookup, drop = false): MapNode {
  let entries: Map<string, Entry> | undefined;
  node.entries.forEach((one, key) => {
    if (one.value.kind !== 'scalar' || one.value.value !== null) return;
    const value = lookup(key);
    if (value === undefined && !drop) return;
    entries ??= new Map(node.entries);
    if (value === undefined) entries.delete(key);
    else entries.set(key, entry(key, scalar(hasMark(value) ? toLoneMark(value) : value, one), one));
  });
  return entries === undefined ? node : map(entries, node);
}

function withPullPolicy(service: MapNode): MapNode {
  const policy = child(service, 'pull_policy');
  if (policy?.kind !== 'scalar' || policy.value !== 'if_not_present') return service;
  return withEntry(service, 'pull_policy', { ...policy, value: 'missing' });
}

/** `scale` is `deploy.replicas` too, where there is a `deploy`. */
function withReplicas(service: MapNode): MapNode {
  const scale = child(service, 'scale');
  const deploy = child(service, 'deploy');
  if (scale?.kind !== 'scalar' || scale.broken || deploy?.kind !== 'map' || deploy.entries.has('replicas'))
    return service;
  return withEntry(service, 'deploy', withEntry(deploy, 'replicas', scale));
}

export function normalizeService(service: MapNode, lookup: Lookup): MapNode {
  return withReplicas(withPullPolicy(withBuild(withNetworks(withDependencies(service)), lookup)));
}

/**
 * Every object of a section with its name on the engine. An external one is called as its key unless it has a name; an
 * empty one (`name: ${UNSET}`) says nothing.
 */
export function withNames(section: MapNode, project: string): MapNode {
  const entries = new Map<string, Entry>();
  for (const [key, one] of section.entries) {
    const node: MapNode = one.value.kind === 'map' ? one.value : map(new Map(), one);
    const external = child(node, 'external');
    const isExternal = external?.kind === 'scalar' && external.value === true;
    const usual = scalar(isExternal ? key : objectName(project, key), one);
    const name: Node = node.entries.has('name') ? { ...usual, nothing: true } : usual;
    const named = childText(node, 'name') ? node : withEntry(node, 'name', name);
    entries.set(key, entry(key, named, one));
  }
  return map(entries, section);
}

/** Objects of which nothing is said, as mappings. */
export function withMappings(section: MapNode): MapNode {
  const entries = [...section.entries].map(([key, one]): [string, Entry] => [
    key,
    one.value.kind === 'map' ? one : entry(key, map(new Map(), one), one),
  ]);
  return map(new Map(entries), section);
}

/** A dependency is required where no file says otherwise; to be called once they are merged. */
export function withRequired(dependencies: MapNode): MapNode {
  let entries: Map<string, Entry> | undefined;
  for (const [name, one] of dependencies.entries) {
    if (one.value.kind !== 'map') continue;
    const value = requiredUnlessSaid(one.value);
    if (value === one.value) continue;
    entries ??= new Map(dependencies.entries);
    entries.set(name, entry(name, value, one));
  }
  return entries === undefined ? dependencies : map(entries, dependencies);
}

/** The model with every service changed. */
export function mapServices(model: MapNode, change: (service: MapNode) => MapNode): MapNode {
  const services = child(model, 'services');
  if (services?.kind !== 'map') return model;
  const entries = new Map<string, Entry>();
  for (const [name, one] of services.entries) {
    entries.set(name, one.value.kind === 'map' ? entry(name, change(one.value), one) : one);
  }
  return withEntry(model, 'services', map(entries, services));
}
