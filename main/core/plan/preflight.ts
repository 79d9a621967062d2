import type { Project, Service } from '../compose/project.ts';
import type { Paths } from '../paths.ts';
import { adviceText, adviseFiles } from '../secret-files.ts';
import type { CorePlan, Observed } from './plan.ts';
import { checkImages } from './preflight-images.ts';
import { bindSources, buildPaths, checkPaths, fileSources } from './preflight-paths.ts';
import type { Problem } from './problem.ts';

/*
 * What can be known before a plan is run and would otherwise fail half way, or surprise. Pure: `toQuestions` says what
 * has to be looked up for this plan, somebody looks it up, `preflight` judges. Only what the plan touches is asked about:
 * a plan without steps asks nothing.
 */

/**
 * Where the engine's files are. `here`: on this machine's own disk (its data root is). `unsure`: it is reached through a
 * local socket but sees other files (Docker Desktop, a VM, claude-env in a container). `elsewhere`: tcp or ssh.
 */
export type EnginePlace = 'here' | 'unsure' | 'elsewhere';

/** Of `GET /info`, what preflight judges by. */
export interface EngineFacts {
  /** Folder with the engine's images and volumes. */
  readonly rootDir: string;
  /** Names of OCI runtimes; empty where the engine does not say. */
  readonly runtimes: readonly string[];
  /** It was told about devices of the Container Device Interface. */
  readonly hasDevices: boolean;
  readonly cpus: number;
}

/** What a registry says about a reference, asked by the engine with the user's login. */
export type RegistryAnswer =
  | { readonly kind: 'found'; readonly platforms: readonly string[]; readonly digest?: string }
  | {
      readonly kind: 'not-found' | 'denied' | 'unknown';
      readonly message: string;
      /** Denied: whose login it was, or that there is none, and what to do. */
      readonly refusal?: { readonly message: string; readonly hint?: string | undefined };
    };

export type Look = 'file' | 'directory' | 'other' | undefined;

export interface Questions {
  /** Absolute paths on this machine. */
  readonly paths: readonly string[];
  /** References that are going to be pulled. */
  readonly references: readonly string[];
  readonly facts: boolean;
  readonly disk: boolean;
}

export interface Answers {
  readonly place: EnginePlace;
  readonly paths: ReadonlyMap<string, Look>;
  readonly registry: ReadonlyMap<string, RegistryAnswer>;
  readonly facts?: EngineFacts | undefined;
  /** Free on the disk with the engine's data; undefined where nobody here can say. */
  readonly freeBytes?: number | undefined;
}

export interface PreflightInput {
  readonly project: Project;
  readonly plan: Pick<CorePlan, 'steps'>;
  readonly observed: Observed;
  readonly paths: Paths;
}

/** The services whose containers this plan creates or starts, and those whose images it builds or pulls. */
export interface Touched {
  readonly created: readonly Service[];
  readonly started: readonly Service[];
  readonly built: readonly Service[];
  readonly pulled: readonly {
    readonly service: Service;
    readonly image: string;
    readonly platform?: string;
    /** What comes after goes on without it. */
    readonly optional: boolean;
  }[];
}

function toTouched({ project, plan }: Pick<PreflightInput, 'project' | 'plan'>): Touched {
  const created = new Set<Service>();
  const started = new Set<Service>();
  const built = new Set<Service>();
  const pulled: Touched['pulled'][number][] = [];
  for (const step of plan.steps) {
    const service = step.service === undefined ? undefined : project.services.get(step.service);
    if (service === undefined) continue;
    if (step.kind === 'create-container') created.add(service);
    if (step.kind === 'start-container' || step.kind === 'restart-container') started.add(service);
    if (step.kind === 'build-image') built.add(service);
    if (step.kind === 'pull-image') {
      pulled.push({
        service,
        image: step.image,
        optional: step.optional === true,
        ...(step.platform === undefined ? {} : { platform: step.platform }),
      });
    }
  }
  return { created: [...created], started: [...new Set([...created, ...started])], built: [...built], pulled };
}

const usesGpu = (service: Service): boolean =>
  (service.gpus ?? []).length > 0 || (service.deploy?.resources?.reservations?.devices ?? []).length > 0;

const wantedCpus = (service: Service): number => Number(service.deploy?.resources?.limits?.cpus ?? service.cpus ?? 0);

/** What to look up before `preflight` can judge. */
export function toQuestions(input: PreflightInput): Questions {
  const touched = toTouched(input);
  const paths = [
    ...touched.started.flatMap((service) => [...bindSources(service), ...fileSources(input.project, service)]),
    ...touched.started.flatMap((service) => (service.devices ?? []).map(({ source }) => source)),
    ...touched.built.flatMap((service) => buildPaths(service, input.paths)),
  ];
  const brings = touched.built.length + touched.pulled.length > 0;
  return {
    paths: [...new Set(paths)],
    references: [...new Set(touched.pulled.map(({ image }) => image))],
    facts:
      brings || paths.length > 0 || touched.created.some((one) => one.runtime || usesGpu(one) || wantedCpus(one) > 0),
    disk: brings,
  };
}

export function preflight(input: PreflightInput, answers: Answers): readonly Problem[] {
  const touched = toTouched(input);
  return [
    ...checkPaths(input, touched, answers),
    ...checkImages(input, touched, answers),
    ...touched.created.flatMap((service) => checkHardware(service, answers.facts)),
    ...touched.created.flatMap(adviseOnSecrets),
  ];
}

/** A password in the environment of an image that would read it from a file. Said, and nothing more. */
function adviseOnSecrets({ name, image = '', environment = new Map() }: Service): readonly Problem[] {
  const set = [...environment].flatMap(([variable, value]) => (value === null || value === '' ? [] : [variable]));
  return adviseFiles(image, set).map((advice) => ({
    severity: 'warning',
    rule: 'secret-in-environment',
    message: `service ${name}: ${advice.variable} is in the environment, which docker inspect shows; this image reads ${advice.fileVariable}`,
    hint: adviceText(advice),
    at: ['services', name, 'environment', advice.variable],
  }));
}

/** Runtimes, GPUs, processors: what `/info` lists. */
function checkHardware(service: Service, facts: EngineFacts | undefined): readonly Problem[] {
  if (facts === undefined) return [];
  const { name, runtime } = service;
  const problems: Problem[] = [];
  // A containerd shim is named by its full name and is not listed.
  if (runtime !== undefined && facts.runtimes.length > 0 && !facts.runtimes.includes(runtime) && !runtime.includes('.'))
    problems.push({
      severity: 'error',
      rule: 'unknown-runtime',
      message: `service ${name}: the engine has no runtime \`${runtime}\``,
      hint: `it has: ${facts.runtimes.join(', ')}`,
      at: ['services', name, 'runtime'],
    });
  if (usesGpu(service) && !facts.runtimes.includes('nvidia') && !facts.hasDevices)
    problems.push({
      severity: 'warning',
      rule: 'gpu-unknown',
      message: `service ${name} wants a GPU, and the engine lists neither an nvidia runtime nor devices`,
      hint: 'whether it can give one shows when the container starts',
      at: (service.gpus ?? []).length > 0 ? ['services', name, 'gpus'] : ['services', name, 'deploy', 'resources'],
    });
  const cpus = wantedCpus(service);
  if (facts.cpus > 0 && cpus > facts.cpus)
    problems.push({
      severity: 'error',
      rule: 'too-many-cpus',
      message: `service ${name} may use ${cpus} CPUs, and the engine's machine has ${facts.cpus}`,
      hint: 'the engine refuses to create such a container',
      at:
        service.deploy?.resources?.limits?.cpus === undefined
          ? ['services', name, 'cpus']
          : ['services', name, 'deploy', 'resources', 'limits', 'cpus'],
    });
  return problems;
}
