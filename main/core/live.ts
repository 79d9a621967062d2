import { toContainerId, toServiceId, toStackId } from '../../preload/contract/ids.ts';
import type {
  Container,
  EngineId,
  LiveState,
  McpServer,
  Service,
  ServiceId,
  Stack,
} from '../../preload/contract/model.ts';
import type { Patch } from '../../preload/contract/patch.ts';
import { foldAggregates, judgeContainer, severity, type Verdict } from './aggregate.ts';
import { label } from './plan/labels.ts';
import type { SeenContainer } from './seen.ts';

/** A stack that is known besides its containers: opened by the user, or an environment of the stack we ship. */
export interface KnownStack {
  readonly project: string;
  readonly title: string;
  readonly kind: Stack['kind'];
  readonly files: readonly string[];
  readonly workingDir?: string;
  readonly filesFound: boolean;
  /** Services that the file names and that would run (profiles applied), in its order; empty when it cannot be read. */
  readonly services: readonly string[];
}

export interface EngineViewInput {
  readonly engine: EngineId;
  /** False: the engine is lost; what was seen last is shown as unknown. */
  readonly reachable?: boolean;
  readonly containers: readonly SeenContainer[];
  readonly known: readonly KnownStack[];
  /** What the supervisors in the containers pushed, by service. */
  readonly mcp: Readonly<Record<ServiceId, readonly McpServer[]>>;
  /** Of the files that labels name, those that can be read from here; see configFilesOf. */
  readonly foundFiles: ReadonlySet<string>;
}

export interface EngineView {
  readonly stacks: Readonly<Record<string, Stack>>;
  readonly services: Readonly<Record<string, Service>>;
}

/** Labels are written by anybody: what does not fit the contract's ids is not shown, and lengths are bounded. */
const safeName = /^[A-Za-z0-9._-]{1,128}$/;
const maxPath = 4096;

interface ProjectView {
  readonly project: string;
  readonly known: KnownStack | undefined;
  readonly containers: readonly SeenContainer[];
}

/** Everything the live state has for one engine: a pure function of what was seen and what is known. */
export function buildEngineView(input: EngineViewInput): EngineView {
  const projects = new Map<string, { known?: KnownStack; containers: SeenContainer[] }>();
  for (const known of input.known) {
    if (safeName.test(known.project)) projects.set(known.project, { known, containers: [] });
  }
  for (const container of input.containers) {
    const project = container.labels[label.project] ?? '';
    const service = container.labels[label.service] ?? '';
    if (!safeName.test(project) || !safeName.test(service)) continue;
    const entry = projects.get(project) ?? { containers: [] };
    entry.containers.push(container);
    projects.set(project, entry);
  }
  const stacks: Record<string, Stack> = {};
  const services: Record<string, Service> = {};
  for (const [project, { known, containers }] of projects) {
    const view = buildProject({ project, known, containers }, input);
    stacks[view.stack.id] = view.stack;
    for (const service of view.services) services[service.id] = service;
  }
  return { stacks, services };
}

const isOneOff = (container: SeenContainer): boolean => container.labels[label.oneOff]?.toLowerCase() === 'true';
const hasProcess = (container: SeenContainer): boolean => ['running', 'paused', 'restarting'].includes(container.state);

function buildProject(
  view: ProjectView,
  input: EngineViewInput,
): { readonly stack: Stack; readonly services: readonly Service[] } {
  const id = toStackId(input.engine, view.project);
  const counted = view.containers.filter((container) => !isOneOff(container));
  const allStopped = !counted.some(hasProcess);
  const names = new Set([
    ...(view.known?.services ?? []).filter((name) => safeName.test(name)),
    ...view.containers.map((container) => container.labels[label.service] ?? '').sort(),
  ]);
  const services = [...names].map((name) => {
    const containers = view.containers.filter((container) => container.labels[label.service] === name);
    return buildService({ id: toServiceId(id, name), stack: id, name, containers, allStopped }, input);
  });
  return { stack: buildStack(id, view, services, input), services };
}

interface ServiceParts {
  readonly id: ServiceId;
  readonly stack: Stack['id'];
  readonly name: string;
  readonly containers: readonly SeenContainer[];
  readonly allStopped: boolean;
}

function buildService(parts: ServiceParts, input: EngineViewInput): Service {
  const { id, stack, name, allStopped } = parts;
  const containers = [...parts.containers].sort((a, b) => numberOf(a) - numberOf(b) || (a.name < b.name ? -1 : 1));
  const counted = containers.filter((container) => !isOneOff(container));
  const verdict = input.reachable === false ? lost : judgeService(counted, allStopped);
  const worst = worstOf(counted, allStopped);
  const mcp = input.mcp[id];
  const advice = counted[0]?.fileAdvice ?? [];
  const startedAt = counted
    .filter(hasProcess)
    .map((container) => container.startedAt ?? '')
    .filter((at) => at !== '')
    .sort()[0];
  return {
    id,
    stack,
    name,
    ...verdict,
    state: worst?.state ?? 'absent',
    health: worst?.health ?? 'none',
    image: worst?.image ?? '',
    ...(startedAt === undefined ? {} : { startedAt }),
    restarts: counted.reduce((sum, container) => sum + container.restarts, 0),
    ports: uniquePorts(counted),
    containers: containers.map((container) => toContainer(container, input.engine)),
    ...(advice.length === 0 ? {} : { fileAdvice: advice.map((one) => ({ ...one })) }),
    ...(mcp === undefined ? {} : { mcp: [...mcp] }),
  };
}

const lost: Verdict = {
  aggregate: 'unknown',
  reason: 'The engine does not answer, so this is what was seen last',
  nextStep: 'It is looked at again as soon as the engine answers',
};

function judgeService(containers: readonly SeenContainer[], allStopped: boolean): Verdict {
  if (containers.length === 0) {
    // In a stack that is down this is plain; beside running services it is worth a word.
    if (allStopped) return { aggregate: 'stopped' };
    return { aggregate: 'stopped', reason: 'It has no container', nextStep: 'Redeploy: up makes it' };
  }
  const verdicts = containers.map((container) => judgeContainer(container, allStopped));
  const aggregate = foldAggregates(verdicts.map((verdict) => verdict.aggregate)) ?? 'stopped';
  if (aggregate === 'healthy' || aggregate === 'completed') return { aggregate };
  const speaker = mostSevere(verdicts);
  const wrong = verdicts.filter((verdict) => verdict.aggregate === speaker?.aggregate).length;
  const share = wrong < verdicts.length ? `${wrong} of ${verdicts.length} containers: ` : '';
  const reason = speaker?.reason ?? (share === '' ? undefined : 'not running');
  return {
    aggregate,
    ...(reason === undefined ? {} : { reason: `${share}${reason}` }),
    ...(speaker?.nextStep === undefined ? {} : { nextStep: speaker.nextStep }),
  };
}

const mostSevere = <T extends { readonly aggregate: Verdict['aggregate'] }>(items: readonly T[]): T | undefined =>
  [...items].sort((a, b) => severity.indexOf(a.aggregate) - severity.indexOf(b.aggregate))[0];

/** The container that the service's row shows: the one that is worst off. */
function worstOf(containers: readonly SeenContainer[], allStopped: boolean): SeenContainer | undefined {
  return mostSevere(
    containers.map((container) => ({ container, aggregate: judgeContainer(container, allStopped).aggregate })),
  )?.container;
}

function numberOf(container: SeenContainer): number {
  const number = Number(container.labels[label.containerNumber]);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

function uniquePorts(containers: readonly SeenContainer[]): Service['ports'] {
  const seen = new Map<string, Service['ports'][number]>();
  for (const port of containers.flatMap((container) => container.ports)) {
    // IPv4 and IPv6 wildcards of one published port are one line for people.
    const any = port.hostIp === '0.0.0.0' || port.hostIp === '::' || port.hostIp === '';
    const key = `${any ? '*' : (port.hostIp ?? '')} ${port.host ?? ''} ${port.container} ${port.protocol}`;
    if (!seen.has(key)) seen.set(key, port);
  }
  return [...seen.values()].sort((a, b) => (a.host ?? 99_999) - (b.host ?? 99_999) || a.container - b.container);
}

function toContainer(seen: SeenContainer, engine: EngineId): Container {
  return {
    id: toContainerId(engine, seen.id),
    name: seen.name,
    number: numberOf(seen),
    oneOff: isOneOff(seen),
    state: seen.state,
    health: seen.health,
    ...(seen.exitCode === undefined || hasProcess(seen) ? {} : { exitCode: seen.exitCode }),
    ...(seen.oomKilled ? { oomKilled: true } : {}),
    ...(seen.startedAt === undefined ? {} : { startedAt: seen.startedAt }),
    ...(seen.finishedAt === undefined ? {} : { finishedAt: seen.finishedAt }),
    restarts: seen.restarts,
    image: seen.image,
    ports: [...seen.ports],
    ...(seen.healthOutput === undefined ? {} : { healthOutput: seen.healthOutput.slice(0, 2000) }),
    ...(seen.missingSecrets === undefined ? {} : { missingSecrets: [...seen.missingSecrets] }),
  };
}

function buildStack(id: Stack['id'], view: ProjectView, services: readonly Service[], input: EngineViewInput): Stack {
  const { known } = view;
  const fromLabels = configFilesOf(view.containers);
  const workingDir = known?.workingDir ?? labelOf(view.containers, label.workingDir);
  const aggregate =
    input.reachable === false ? 'unknown' : (foldAggregates(services.map((service) => service.aggregate)) ?? 'stopped');
  const reason = stackReason(aggregate, services, view);
  return {
    id,
    engine: input.engine,
    project: view.project,
    title: known?.title ?? view.project,
    kind: known?.kind ?? 'compose',
    aggregate,
    ...(reason === undefined ? {} : { reason }),
    files: [...(known?.files ?? fromLabels)],
    ...(workingDir === undefined ? {} : { workingDir }),
    filesFound: known?.filesFound ?? (fromLabels.length > 0 && fromLabels.every((file) => input.foundFiles.has(file))),
    services: services.map((service) => service.id),
  };
}

function stackReason(
  aggregate: Stack['aggregate'],
  services: readonly Service[],
  view: ProjectView,
): string | undefined {
  if (aggregate === 'healthy' || aggregate === 'completed') return undefined;
  if (aggregate === 'unknown') return lost.reason;
  if (view.containers.length === 0) return 'Not created yet';
  if (aggregate === 'stopped') return undefined;
  const speaker = mostSevere(services);
  if (speaker === undefined) return undefined;
  const wrong = services.filter((service) => service.aggregate === speaker.aggregate).length;
  const others = wrong > 1 ? ` (and ${wrong - 1} more)` : '';
  const what = speaker.reason ?? (speaker.aggregate === 'stopped' ? 'stopped' : speaker.aggregate);
  return `${speaker.name}: ${what}${others}`;
}

function labelOf(containers: readonly SeenContainer[], name: string): string | undefined {
  const value = containers.map((container) => container.labels[name]).find((text) => text !== undefined && text !== '');
  return value === undefined || value.length > maxPath ? undefined : value;
}

/** Files that the project's containers name, for the caller to look whether they are there. At most 32. */
export function configFilesOf(containers: readonly SeenContainer[]): readonly string[] {
  const files = containers.map((container) => container.labels[label.configFiles] ?? '').find((text) => text !== '');
  return (files ?? '')
    .split(',')
    .filter((file) => file !== '' && file.length <= maxPath)
    .slice(0, 32);
}

/** The smallest list of patches that turns one state into the other. Services go before the stacks that name them. */
export function diffLive(before: LiveState, after: LiveState): readonly Patch[] {
  const patches: Patch[] = [];
  for (const [id, value] of Object.entries(after.engines)) {
    if (!isSame(before.engines[id], value)) patches.push({ op: 'put-engine', value });
  }
  for (const [id, value] of Object.entries(after.services)) {
    if (!isSame(before.services[id], value)) patches.push({ op: 'put-service', value });
  }
  for (const [id, value] of Object.entries(after.stacks)) {
    if (!isSame(before.stacks[id], value)) patches.push({ op: 'put-stack', value });
  }
  for (const kind of ['stacks', 'services', 'engines'] as const) {
    for (const id of Object.keys(before[kind])) {
      if (!Object.hasOwn(after[kind], id)) patches.push({ op: 'drop', kind, id });
    }
  }
  return patches;
}

/** Deep equality of plain data, where the order of an object's members does not count. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]))
    );
  }
  const left = Object.entries(a);
  const right = b as Readonly<Record<string, unknown>>;
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(right, key) && isSame(value, right[key]))
  );
}
