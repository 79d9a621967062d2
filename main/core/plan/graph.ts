import type { Dependency, Service } from '../compose/project.ts';
import { label } from './labels.ts';
import type { ObservedContainer } from './plan.ts';

/** Which service needs which, and under what condition. Keys are services; only services of the graph appear as targets. */
export type ServiceGraph = ReadonlyMap<string, ReadonlyMap<string, Dependency>>;

const implied: Dependency = { condition: 'service_started', required: true };

/** `service:x` in network_mode, ipc or pid, volumes_from and links: they need x as depends_on does (spec, "Implicit dependencies"). */
function impliedDependencies(service: Service): readonly string[] {
  const shared = [service.network_mode, service.ipc, service.pid].flatMap((mode) =>
    mode?.startsWith('service:') === true ? [mode.slice('service:'.length)] : [],
  );
  const volumes = (service.volumes_from ?? []).flatMap((source) =>
    source.startsWith('container:') ? [] : [source.split(':')[0] ?? ''],
  );
  const links = (service.links ?? []).map((link) => link.split(':')[0] ?? '');
  return [...shared, ...volumes, ...links];
}

/** Dependencies among the services given; what points outside (profile not active, `--no-deps`) is left out. */
export function toServiceGraph(services: Iterable<Service>): ServiceGraph {
  const byName = new Map([...services].map((service) => [service.name, service]));
  const graph = new Map<string, ReadonlyMap<string, Dependency>>();
  for (const service of byName.values()) {
    const needs = new Map<string, Dependency>();
    for (const name of impliedDependencies(service)) if (byName.has(name)) needs.set(name, implied);
    for (const [name, dependency] of service.depends_on ?? []) if (byName.has(name)) needs.set(name, dependency);
    graph.set(service.name, needs);
  }
  return graph;
}

/** The same from the label com.docker.compose.depends_on, for a project whose file nobody has: `db:service_healthy:false,…`. */
export function toObservedGraph(containers: readonly ObservedContainer[]): ServiceGraph {
  const services = new Set(containers.map((container) => container.service));
  const graph = new Map<string, Map<string, Dependency>>();
  for (const service of services) graph.set(service, new Map());
  for (const container of containers) {
    for (const entry of (container.labels[label.dependsOn] ?? container.dependsOn ?? '').split(',')) {
      const [name = '', condition = '', restart = ''] = entry.split(':');
      if (!services.has(name) || name === container.service) continue;
      graph.get(container.service)?.set(name, {
        condition:
          condition === 'service_healthy' || condition === 'service_completed_successfully'
            ? condition
            : 'service_started',
        restart: restart === 'true',
        required: true,
      });
    }
  }
  return graph;
}

/** Services with everything they need, in the graph's order. */
export function withDependencies(graph: ServiceGraph, names: Iterable<string>): ReadonlySet<string> {
  const wanted = new Set<string>();
  const visit = (name: string): void => {
    if (wanted.has(name) || !graph.has(name)) return;
    wanted.add(name);
    for (const dependency of graph.get(name)?.keys() ?? []) visit(dependency);
  };
  for (const name of names) visit(name);
  return wanted;
}

/** Dependents by service: the graph turned round. */
export function toDependents(graph: ServiceGraph): ReadonlyMap<string, ReadonlyMap<string, Dependency>> {
  const dependents = new Map<string, Map<string, Dependency>>([...graph.keys()].map((name) => [name, new Map()]));
  for (const [name, needs] of graph) {
    for (const [dependency, how] of needs) dependents.get(dependency)?.set(name, how);
  }
  return dependents;
}

export interface Ordered {
  /** Dependencies first; services that do not depend on each other keep the file's order. */
  readonly order: readonly string[];
  /** The first cycle found, its first service repeated at the end; empty when there is none. */
  readonly cycle: readonly string[];
}

/** Depth first, without recursion limits that a hostile file could reach. */
export function orderServices(graph: ServiceGraph): Ordered {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const root of graph.keys()) {
    const path: { readonly name: string; readonly rest: string[] }[] = [];
    const open = (name: string): void => {
      state.set(name, 'open');
      path.push({ name, rest: [...(graph.get(name)?.keys() ?? [])].reverse() });
    };
    if (!state.has(root)) open(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        path.pop();
        state.set(top.name, 'done');
        order.push(top.name);
      } else if (state.get(next) === 'open') {
        const names = path.map((entry) => entry.name);
        return { order: [], cycle: [...names.slice(names.indexOf(next)), next] };
      } else if (!state.has(next)) {
        open(next);
      }
    }
  }
  return { order, cycle: [] };
}

/** The graph itself; one with a cycle (labels are written by anybody) loses its edges, so that a stop still works. */
export function withoutCycles(graph: ServiceGraph): ServiceGraph {
  if (orderServices(graph).cycle.length === 0) return graph;
  return new Map([...graph.keys()].map((name) => [name, new Map()]));
}
