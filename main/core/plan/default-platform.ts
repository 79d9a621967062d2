import type { Project } from '../compose/project.ts';

/*
 * DOCKER_DEFAULT_PLATFORM: the platform of services that are built and do not say theirs. docker compose 2.40.3 writes it
 * into the service before anything else, so that it counts in the hash (seen live); for a service that is only pulled it
 * says what is pulled and counts in nothing (main/docker/execute.ts).
 */
export const defaultPlatformVariable = 'DOCKER_DEFAULT_PLATFORM';

/** The project as it is brought up; the same when there is no such variable or nothing to build. */
export function withDefaultPlatform(project: Project, variables: ReadonlyMap<string, string> | undefined): Project {
  const platform = variables?.get(defaultPlatformVariable);
  if (platform === undefined || platform === '') return project;
  const change = (services: Project['services']): Project['services'] =>
    new Map(
      [...services].map(([name, service]) => [
        name,
        service.build === undefined || service.platform !== undefined ? service : { ...service, platform },
      ]),
    );
  return { ...project, services: change(project.services), inactive: change(project.inactive) };
}
