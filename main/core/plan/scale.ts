import { AppFailure } from '../app-failure.ts';
import type { Project, Service } from '../compose/project.ts';
import { toWantedPorts } from './ports.ts';
import type { Problem } from './problem.ts';

/** The project with other numbers of containers than its file says. Throws `usage` for a service that is not there. */
export function withScale(project: Project, scale: Readonly<Record<string, number>> | undefined): Project {
  const wanted = new Map(Object.entries(scale ?? {}));
  if (wanted.size === 0) return project;
  const missing = [...wanted.keys()].filter((name) => !project.services.has(name) && !project.inactive.has(name));
  if (missing.length > 0) {
    throw new AppFailure({
      code: 'usage',
      message: `project ${project.name} has no service ${missing.map((name) => `"${name}"`).join(', ')}`,
      hint: `it has: ${[...project.services.keys()].join(', ')}`,
    });
  }
  const scaled = (services: ReadonlyMap<string, Service>): ReadonlyMap<string, Service> =>
    new Map(
      [...services].map(([name, service]) => {
        const count = wanted.get(name);
        return [name, count === undefined ? service : { ...service, scale: count }];
      }),
    );
  return { ...project, services: scaled(project.services), inactive: scaled(project.inactive) };
}

/** What several containers of one service cannot have in common: a name, a port of the host. */
export function checkScale(service: Service, count: number, problems: Problem[]): void {
  if (count < 2) return;
  if (service.container_name !== undefined) {
    problems.push({
      severity: 'error',
      rule: 'scale-needs-names',
      at: ['services', service.name, 'container_name'],
      message: `service ${service.name} has the container_name ${service.container_name}, so there can be one container of it, not ${count}`,
      hint: 'take container_name out of the file; containers are then numbered',
    });
  }
  const [port] = toWantedPorts(service);
  if (port !== undefined) {
    problems.push({
      severity: 'error',
      rule: 'scale-needs-ports',
      at: ['services', service.name, 'ports'],
      message: `service ${service.name} publishes port ${port.port}, which only one of ${count} containers can have`,
      hint: `leave the host's port out ("${port.container}"), or give a range such as "${port.port}-${port.port + count - 1}:${port.container}"`,
    });
  }
}

/** For the rest of the plan: a service that can have one container only is one, so that nothing else is said about the others. */
export const withPossibleScale = (service: Service): Service =>
  service.container_name === undefined || (service.scale ?? 1) < 2 ? service : { ...service, scale: 1 };
