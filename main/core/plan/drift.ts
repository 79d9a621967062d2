import type { DriftItem } from '../../../preload/contract/model.ts';
import type { Project, Service } from '../compose/project.ts';
import { withApiSocket } from './api-socket.ts';
import { compareContainer, containersOf, toImageConfig } from './drift-container.ts';
import { objectDrift } from './drift-objects.ts';
import type { Raw } from './inherit.ts';
import { label, toImageReference } from './labels.ts';
import type { Observed, ObservedContainer, Sha256 } from './plan.ts';
import type { FindPlace } from './problem.ts';
import { toScale } from './reconcile.ts';

/*
 * What differs between the files and what is on the engine, by service and key. No model of an earlier time is needed:
 * what the planner would create is held against what the engine shows, without what came from the image.
 */

/** What has to be inspected beyond what a planner looks at. */
export interface DetailsWanted {
  /** Ids of images that containers were made from and that no reference of the file means any more. */
  readonly images: readonly string[];
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  readonly volumes: readonly string[];
}

/** As the engine says it: an image's Config by id, the others by name. What is gone meanwhile is missing. */
export interface Details {
  readonly images: ReadonlyMap<string, Raw>;
  readonly networks: ReadonlyMap<string, Raw>;
  readonly volumes: ReadonlyMap<string, Raw>;
}

export interface DriftInput {
  readonly project: Project;
  readonly observed: Observed;
  readonly details: Details;
  readonly sha256: Sha256;
  readonly where?: FindPlace | undefined;
  /** Only these services, and nothing about networks and volumes; empty or absent: everything. */
  readonly services?: readonly string[] | undefined;
  /**
   * Also what cannot differ while the configuration hash is the file's. It never does; a test asks, so that the
   * comparison is known to be right where the hash is another one.
   */
  readonly distrust?: boolean;
}

export type Finding = Omit<DriftItem, 'where'> & { readonly at?: readonly (string | number)[] };

export function toDetailsWanted(observed: Observed): DetailsWanted {
  const known = new Set(Object.values(observed.images).map(({ id }) => id));
  const used = observed.containers.filter(({ oneOff }) => !oneOff).map(({ imageId }) => imageId);
  return {
    images: [...new Set(used)].filter((id) => !known.has(id)),
    networks: Object.values(observed.networks).map(({ id, name }) => ({ id, name })),
    volumes: Object.keys(observed.volumes),
  };
}

/** Pure. Empty when what is there is what the files say. In the file's order; the project's own findings first. */
export function findDrift(given: DriftInput): readonly DriftItem[] {
  const input = { ...given, project: withApiSocket(given.project) };
  const { project, where } = input;
  const asked = new Set(input.services ?? []);
  const isAsked = (name: string): boolean => asked.size === 0 || asked.has(name);
  const findings: Finding[] = [
    ...(asked.size === 0 ? fileDrift(input) : []),
    ...[...project.services.values()]
      .filter(({ name }) => isAsked(name))
      .flatMap((service) => serviceDrift(service, input)),
    ...unknownServices(input).filter(({ name }) => isAsked(name)),
    ...(asked.size === 0 ? objectDrift(input) : []),
  ];
  return findings.map(({ at, ...finding }) => {
    const place = at === undefined ? undefined : where?.(at);
    return place === undefined ? finding : { ...finding, where: place };
  });
}

/** Every container was made from files elsewhere: they were moved, or these are others. */
function fileDrift({ project, observed }: DriftInput): readonly Finding[] {
  const told = [
    ...new Set(
      observed.containers.filter(({ oneOff }) => !oneOff).map(({ labels }) => labels[label.configFiles] ?? ''),
    ),
  ].filter((files) => files !== '');
  const present = project.files.join(',');
  if (told.length === 0 || told.includes(present)) return [];
  return [
    {
      subject: 'project',
      name: project.name,
      containers: [],
      key: 'config_files',
      change: 'changed',
      file: present,
      engine: told.join(' or '),
    },
  ];
}

function serviceDrift(service: Service, input: DriftInput): readonly Finding[] {
  if (service.provider !== undefined) return [];
  const own = containersOf(input.observed, service.name);
  const scale = toScale(service);
  const common = { subject: 'service', name: service.name } as const;
  const at = ['services', service.name];
  if (own.length === 0) {
    return scale === 0 ? [] : [{ ...common, containers: [], key: '', change: 'missing', file: count(scale), at }];
  }
  const findings: Finding[] = [];
  if (own.length !== scale) {
    findings.push({
      ...common,
      containers: own.map(({ name }) => name),
      key: 'scale',
      change: 'changed',
      file: count(scale),
      engine: count(own.length),
      at: [
        ...at,
        service.scale === undefined ? 'deploy' : 'scale',
        ...(service.scale === undefined ? ['replicas'] : []),
      ],
    });
  }
  const imageConfig = toImageConfig(input.observed, input.details.images);
  const comparison = { ...input, imageConfig };
  const merged = new Map<string, Finding>();
  for (const container of own) {
    for (const finding of [
      ...stateDrift(container, service),
      ...imageDrift(container, service, input),
      ...compareContainer(container, service, comparison),
    ]) {
      const id = JSON.stringify([finding.key, finding.change, finding.file, finding.engine]);
      const before = merged.get(id);
      merged.set(
        id,
        before === undefined ? finding : { ...before, containers: [...before.containers, container.name] },
      );
    }
  }
  return [...findings, ...merged.values()];
}

const count = (number: number): string => (number === 1 ? '1 container' : `${number} containers`);

/** A job that ended well has done what the file says. */
function stateDrift(container: ObservedContainer, service: Service): readonly Finding[] {
  const { state, exitCode, name } = container;
  if (state === 'running' || state === 'restarting' || (state === 'exited' && exitCode === 0 && isJob(service)))
    return [];
  const said = state === 'exited' && exitCode !== undefined ? `exited with code ${exitCode}` : state;
  return [
    {
      subject: 'service',
      name: service.name,
      containers: [name],
      key: 'state',
      change: 'changed',
      file: 'running',
      engine: said,
      at: ['services', service.name],
    },
  ];
}

const isJob = ({ restart, deploy }: Service): boolean =>
  !['always', 'unless-stopped', 'any'].includes(deploy?.restart_policy?.condition ?? restart ?? 'no');

/** The reference means another image by now: pulled or built since. */
function imageDrift(
  container: ObservedContainer,
  service: Service,
  { project, observed }: DriftInput,
): readonly Finding[] {
  const image = observed.images[toImageReference(project.name, service)];
  const from = container.imageLabel ?? container.imageId;
  if (image === undefined || from === image.id) return [];
  const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
  return [
    {
      subject: 'service',
      name: service.name,
      containers: [container.name],
      key: 'image',
      change: 'newer',
      file: short(image.id),
      engine: short(from),
      at: ['services', service.name, service.image === undefined ? 'build' : 'image'],
    },
  ];
}

/** Services that the files do not have; one whose profile is inactive is in them. */
function unknownServices({ project, observed }: DriftInput): readonly Finding[] {
  const unknown = new Map<string, string[]>();
  for (const { service, name, oneOff } of observed.containers) {
    if (oneOff || project.services.has(service) || project.inactive.has(service)) continue;
    unknown.set(service, [...(unknown.get(service) ?? []), name]);
  }
  return [...unknown].map(([name, containers]) => ({
    subject: 'service',
    name,
    containers,
    key: '',
    change: 'extra',
    engine: count(containers.length),
  }));
}
