import { AppFailure } from '../app-failure.ts';
import type { Project, Service } from '../compose/project.ts';
import { orderServices, type ServiceGraph, toServiceGraph, withDependencies } from './graph.ts';

export interface Selection {
  /** In dependency order. */
  readonly services: ReadonlyMap<string, Service>;
  /** Among the selected services only. */
  readonly graph: ServiceGraph;
  /** Those asked for by name; everything when nothing was asked for. */
  readonly asked: ReadonlySet<string>;
}

export interface SelectionOptions {
  readonly services?: readonly string[] | undefined;
  readonly withDependencies: boolean;
}

/**
 * The services an action is about. A service named on the command line is active whatever its profiles say, and so is
 * what it depends on (spec, "Using profiles"). Throws `usage` for a name that the file does not have, `file.invalid` for a cycle.
 */
export function selectServices(project: Project, options: SelectionOptions): Selection {
  const asked = options.services ?? [];
  const known = new Map([...project.services, ...(asked.length > 0 ? project.inactive : [])]);
  const missing = asked.filter((name) => !known.has(name));
  if (missing.length > 0) {
    throw new AppFailure({
      code: 'usage',
      message: `project ${project.name} has no service ${missing.map((name) => `"${name}"`).join(', ')}`,
      hint: `it has: ${[...known.keys()].join(', ')}`,
    });
  }
  const full = toServiceGraph(known.values());
  const roots = asked.length > 0 ? asked : [...project.services.keys()];
  const names = options.withDependencies ? withDependencies(full, roots) : new Set(roots);
  const chosen = [...known.values()].filter((service) => names.has(service.name));
  const graph = toServiceGraph(chosen);
  const { order, cycle } = orderServices(graph);
  if (cycle.length > 0) {
    throw new AppFailure({
      code: 'file.invalid',
      message: `services depend on each other in a circle: ${cycle.join(' → ')}`,
      hint: 'take one of these depends_on (or links, volumes_from, service: modes) out',
    });
  }
  const services = new Map<string, Service>();
  for (const name of order) {
    const service = known.get(name);
    if (service !== undefined) services.set(name, service);
  }
  return {
    services,
    graph,
    asked: new Set(roots),
  };
}
