import type { ActionOptions, RunOptions } from '../../../preload/contract/api.ts';
import { AppFailure } from '../app-failure.ts';
import { parseFlags } from '../compose/flags.ts';
import type { Project, Service } from '../compose/project.ts';

/*
 * A service as `run` changes it, in docker compose 2.40.3's own words (cmd/compose/run.go `apply`, pkg/compose/run.go
 * `applyRunOptions`): what is changed here counts in the container's config-hash, as it does there (seen live).
 */

/** `project-service-run-<12 digits of the slug>`, unless a name was given. */
export const toRunName = (project: string, service: string, run: RunOptions): string =>
  run.name ?? `${project}-${service}-run-${run.slug.slice(0, 12)}`;

/** The one service of a `run`, and how it is run. Throws `usage`. */
export function readRun(options: ActionOptions): { readonly service: string; readonly run: RunOptions } {
  const [service, ...others] = options.services ?? [];
  if (service === undefined || others.length > 0 || options.run === undefined) {
    throw new AppFailure({ code: 'usage', message: 'run needs one service.', hint: 'run SERVICE [COMMAND…]' });
  }
  return { service, run: options.run };
}

const splitPair = (text: string): readonly [string, string | undefined] => {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
};

function readLabels(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const [key, value] = splitPair(text);
      if (value === undefined || key === '') {
        throw new AppFailure({
          code: 'usage',
          message: `--label ${text} is not understood.`,
          hint: 'Write KEY=value.',
        });
      }
      return [key, value];
    }),
  );
}

/** Those that have a value; a bare key whose value nobody knows says nothing, as compose has it. */
const readEnvironment = (texts: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    texts.flatMap((text): [string, string][] => {
      const [key, value] = splitPair(text);
      return value === undefined ? [] : [[key, value]];
    }),
  );

const withCapabilities = (service: Service, add: readonly string[], drop: readonly string[]): Service => {
  const added = [...(service.cap_add ?? []), ...add].filter((name) => !drop.includes(name));
  const dropped = [...(service.cap_drop ?? []).filter((name) => !add.includes(name)), ...drop];
  return {
    ...service,
    ...(add.length + drop.length === 0 ? {} : { cap_add: added, cap_drop: dropped }),
  };
};

/** The service that the one-off container is made from. Throws `usage` for a port, volume or label that is none. */
function toRunService(project: Project, service: Service, run: RunOptions): Service {
  const flags = parseFlags({
    ports: run.publish ?? [],
    volumes: run.volumes ?? [],
    platform: 'posix',
    baseDir: project.workingDir,
  });
  const wrong = flags.diagnostics.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) {
    throw new AppFailure({
      code: 'usage',
      message: wrong.map(({ message, where }) => `${where?.file ?? ''}: ${message}`).join('\n'),
      ...(wrong[0]?.hint === undefined ? {} : { hint: wrong[0].hint }),
    });
  }
  const labels = readLabels(run.labels ?? []);
  const environment = readEnvironment(run.environment ?? []);
  const { command: _command, entrypoint: _entrypoint, restart: _restart, deploy, ports: _ports, ...rest } = service;
  const ports = run.servicePorts === true ? (service.ports ?? []) : flags.ports;
  const volumes = [...(service.volumes ?? []), ...flags.volumes];
  const deployed = deploy === undefined ? undefined : withoutRestartPolicy(deploy);
  return {
    ...withCapabilities(rest, run.capAdd ?? [], run.capDrop ?? []),
    ...toCommand(service, run),
    container_name: toRunName(project.name, service.name, run),
    tty: run.tty === true,
    stdin_open: run.interactive === true,
    ...(ports.length === 0 ? {} : { ports }),
    ...(volumes.length === 0 ? {} : { volumes }),
    ...(deployed === undefined ? {} : { deploy: deployed }),
    ...(labels.size === 0 ? {} : { labels: new Map([...(service.labels ?? []), ...labels]) }),
    ...(environment.size === 0 ? {} : { environment: new Map([...(service.environment ?? []), ...environment]) }),
    ...(run.user === undefined ? {} : { user: run.user }),
    ...(run.workingDir === undefined ? {} : { working_dir: run.workingDir }),
  };
}

/** The project with its service as it is run; unchanged where it has none of that name. */
export function withRunService(project: Project, options: ActionOptions): Project {
  const { service: name, run } = readRun(options);
  const service = project.services.get(name) ?? project.inactive.get(name);
  if (service === undefined) return project;
  return {
    ...project,
    services: new Map([...project.services, [name, toRunService(project, service, run)]]),
    inactive: new Map([...project.inactive].filter(([key]) => key !== name)),
  };
}

/** Another entrypoint takes the service's command away with it. */
function toCommand(
  service: Service,
  { command = [], entrypoint }: RunOptions,
): Pick<Service, 'command' | 'entrypoint'> {
  const own = entrypoint === undefined ? service.command : [];
  const chosen = command.length > 0 ? command : own;
  const entry = entrypoint ?? service.entrypoint;
  return {
    ...(chosen === undefined ? {} : { command: chosen }),
    ...(entry === undefined ? {} : { entrypoint: entry }),
  };
}

function withoutRestartPolicy(deploy: NonNullable<Service['deploy']>): NonNullable<Service['deploy']> {
  const { restart_policy: _policy, ...rest } = deploy;
  return rest;
}
