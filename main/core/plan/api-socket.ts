import type { FileObject, Project, Service } from '../compose/project.ts';

/*
 * `use_api_socket`: the engine's socket and the user's registry logins for what runs in the container. No engine knows it:
 * docker compose 2.40.3 adds a mount, a variable and a config to the service before anything else, and they count in the
 * hash (seen live). https://docs.docker.com/reference/compose-file/services/#use_api_socket
 */

const socket = '/var/run/docker.sock';
const folder = '/run/secrets/docker';
const variable = 'DOCKER_CONFIG';
/** No file can have a config of this name. */
export const loginsConfig = '#apisocket';

/** The project as it is brought up; the same when no service asks for the socket. */
export function withApiSocket(project: Project): Project {
  const change = (services: Project['services']): Project['services'] =>
    new Map(
      [...services].map(([name, service]) => [name, service.use_api_socket === true ? withSocket(service) : service]),
    );
  const all = [...project.services.values(), ...project.inactive.values()];
  if (all.every(({ use_api_socket: uses }) => uses !== true)) return project;
  const logins: FileObject = { key: loginsConfig, name: loginsConfig };
  return {
    ...project,
    services: change(project.services),
    inactive: change(project.inactive),
    configs: new Map([...project.configs, [loginsConfig, logins]]),
  };
}

const withSocket = (service: Service): Service => ({
  ...service,
  volumes: [...(service.volumes ?? []), { type: 'bind', source: socket, target: socket }],
  // Who sets it knows where the logins are.
  environment: new Map([
    ...(service.environment ?? []),
    ...(service.environment?.has(variable) === true ? [] : [[variable, folder] as const]),
  ]),
  configs: [...(service.configs ?? []), { source: loginsConfig, target: `${folder}/config.json` }],
});
