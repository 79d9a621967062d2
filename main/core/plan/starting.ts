import type { Dependency, Service } from '../compose/project.ts';
import { toHookSpec } from './container-spec.ts';
import type { Draft } from './draft.ts';
import type { ServiceGraph } from './graph.ts';
import type { DeliveredFile, ObservedContainer, ObservedImage } from './plan.ts';

/** One container as it will be, and what has to happen to it. */
export interface Unit {
  readonly service: string;
  /** Its name when the plan has run. */
  readonly name: string;
  /**
   * `keep`: nothing. `start`: start it. `restart`: the engine's own stop and start. `hooks`: it runs, but its
   * initialisation did not succeed, so its post_start hooks run again.
   */
  readonly action: 'keep' | 'start' | 'restart' | 'hooks';
  /** How a step refers to it: the id where it exists, otherwise the name. */
  readonly reference: string;
  readonly cause: string;
  /** Steps before the start: creation, renaming, the stop of whoever held its port. */
  readonly ready: readonly string[];
  /** The container, when it exists already and is not replaced. */
  readonly container?: ObservedContainer;
  readonly timeout?: number | undefined;
}

export interface StartingInput {
  readonly draft: Draft;
  readonly graph: ServiceGraph;
  /** In dependency order: services, each with its containers. */
  readonly units: ReadonlyMap<string, readonly Unit[]>;
  /** undefined for a project whose file nobody has. */
  readonly services: ReadonlyMap<string, Service> | undefined;
  /** What is copied into a service's containers before they start. */
  readonly filesOf: (service: Service) => readonly DeliveredFile[];
  /** The volume for those that are kept in memory; undefined where the container does not mount it. */
  readonly memoryOf: (
    service: Service,
    container: ObservedContainer | undefined,
  ) => { readonly volume: string; readonly target: string } | undefined;
  /** The image a service's new containers run; undefined while it is not on the engine. */
  readonly imageOf: (service: string) => ObservedImage | undefined;
  /** Wait until every unit is healthy, or running where it has no health check. */
  readonly wait: boolean;
  /** Seconds that each wait may take; absent: as long as it takes. */
  readonly waitTimeout?: number | undefined;
}

/**
 * Start, hooks and waits. A start waits for what the service depends on, under its condition, and only where something
 * of the service has to be started: a project that is up needs no step. `after` names direct prerequisites only.
 */
export function addStartSteps(input: StartingInput): void {
  const { graph, units } = input;
  const started = new Map<string, string>();
  for (const [service, own] of units) {
    const busy = own.filter((unit) => unit.action !== 'keep');
    if (busy.length === 0) continue;
    const before = [...(graph.get(service) ?? [])].flatMap(([name, dependency]) =>
      conditionSteps(service, name, dependency, input, started),
    );
    for (const unit of busy) started.set(unit.name, addUnit(unit, before, input));
  }
  if (!input.wait) return;
  const jobs = new Set(
    [...graph.values()].flatMap((needs) =>
      [...needs].filter(([, how]) => how.condition === 'service_completed_successfully').map(([name]) => name),
    ),
  );
  for (const [service, own] of units) {
    for (const unit of own) addFinalWait(unit, jobs.has(service), input, started);
  }
}

/**
 * Before the start, and again before each later one: a value may be another one by then. What is kept in memory is brought
 * as the last thing, since it is held there only until the start.
 */
function addFiles(unit: Unit, before: readonly string[], input: StartingInput): readonly string[] {
  const { draft, services, filesOf, memoryOf } = input;
  const service = services?.get(unit.service);
  const after = [...unit.ready, ...before];
  if (service === undefined || unit.action !== 'start') return after;
  const memory = memoryOf(service, unit.container);
  const files = filesOf(service).filter(({ inMemory }) => inMemory === undefined || memory !== undefined);
  if (files.length === 0) return after;
  const step = draft.add({
    kind: 'deliver-files',
    target: unit.name,
    service: unit.service,
    container: unit.reference,
    files,
    ...(memory === undefined ? {} : { memory }),
    cause: files.map(({ path, inMemory }) => (inMemory === undefined ? path : `${path} (in memory)`)).join(', '),
    after: memory === undefined ? unit.ready : after,
  });
  return [step, ...before];
}

function addUnit(unit: Unit, before: readonly string[], input: StartingInput): string {
  const { draft, services } = input;
  const after = addFiles(unit, before, input);
  const common = { target: unit.name, service: unit.service, container: unit.reference, cause: unit.cause, after };
  const first =
    unit.action === 'start'
      ? draft.add({ ...common, kind: 'start-container' })
      : unit.action === 'restart'
        ? draft.add({
            ...common,
            kind: 'restart-container',
            ...(unit.timeout === undefined ? {} : { timeout: unit.timeout }),
          })
        : undefined;
  const hooks = services?.get(unit.service)?.post_start ?? [];
  let last = first === undefined ? after : [first];
  for (const [index, hook] of hooks.entries()) {
    last = [
      draft.add({
        kind: 'run-hook',
        target: unit.name,
        service: unit.service,
        ...(hooks.length === 1 ? {} : { suffix: `${index + 1} of ${hooks.length}` }),
        container: unit.reference,
        hook: toHookSpec(hook),
        cause: unit.action === 'hooks' ? unit.cause : 'post_start',
        after: last,
      }),
    ];
  }
  const id = last[0] ?? first ?? '';
  if (unit.action === 'hooks' && unit.container?.hasHealthcheck === true) {
    // The engine calls it unhealthy until its next probe has passed.
    draft.wait({
      kind: 'wait-healthy',
      container: unit.reference,
      target: unit.name,
      service: unit.service,
      cause: 'the hooks ran again',
      after: [id],
      optional: false,
      mayRecover: true,
      timeout: recoverySeconds(services?.get(unit.service)),
    });
  }
  return id;
}

/** Time for two probes; where the image sets their interval, three of Docker's defaults (30 s). */
function recoverySeconds(service: Service | undefined): number {
  const { interval, timeout = 0 } = service?.healthcheck ?? {};
  return interval === undefined ? 90 : Math.ceil((2 * (interval + timeout)) / 1_000_000_000) + 5;
}

/** Steps that must have succeeded before `service` starts, for one of its dependencies. */
function conditionSteps(
  service: string,
  name: string,
  dependency: Dependency,
  { draft, units, waitTimeout }: StartingInput,
  started: ReadonlyMap<string, string>,
): readonly string[] {
  const cause = `${service} depends_on ${name}: ${dependency.condition}`;
  const limit = waitTimeout === undefined ? {} : { timeout: waitTimeout };
  return (units.get(name) ?? []).flatMap((unit) => {
    const last = started.get(unit.name);
    const wait = (kind: 'wait-healthy' | 'wait-completed'): readonly string[] => [
      draft.wait({
        ...limit,
        kind,
        container: unit.reference,
        target: unit.name,
        service: name,
        cause,
        after: last === undefined ? [] : [last],
        optional: !dependency.required,
      }),
    ];
    switch (dependency.condition) {
      case 'service_healthy':
        return last === undefined && unit.container?.health === 'healthy' ? [] : wait('wait-healthy');
      case 'service_completed_successfully':
        return last === undefined && unit.container?.state === 'exited' && unit.container.exitCode === 0
          ? []
          : wait('wait-completed');
      default:
        return last === undefined ? [] : [last];
    }
  });
}

function addFinalWait(
  unit: Unit,
  isJob: boolean,
  { draft, services, imageOf, waitTimeout }: StartingInput,
  started: ReadonlyMap<string, string>,
): void {
  const last = started.get(unit.name);
  const common = {
    container: unit.reference,
    target: unit.name,
    service: unit.service,
    after: last === undefined ? [] : [last],
    optional: false,
    ...(waitTimeout === undefined ? {} : { timeout: waitTimeout }),
  };
  if (unit.action === 'keep') {
    const health = unit.container?.health;
    if (health === 'starting' || health === 'unhealthy') {
      draft.wait({ ...common, kind: 'wait-healthy', cause: `its health check says ${health}` });
    } else if (unit.container?.state === 'restarting') {
      draft.wait({ ...common, kind: 'wait-running', cause: 'the engine is restarting it' });
    }
    return;
  }
  if (isJob) {
    draft.wait({ ...common, kind: 'wait-completed', cause: 'runs to its end' });
    return;
  }
  const checked = hasHealthcheck(unit, services?.get(unit.service), imageOf(unit.service));
  if (checked === true) draft.wait({ ...common, kind: 'wait-healthy', cause: 'ready when healthy' });
  else if (checked === false)
    draft.wait({ ...common, kind: 'wait-running', cause: 'ready when running: no health check' });
  else {
    draft.wait({
      ...common,
      kind: 'wait-healthy',
      orRunning: true,
      cause: 'ready when healthy, or running without a health check',
    });
  }
}

/** undefined: the image decides, and it is not there yet. */
export function hasHealthcheck(
  unit: Pick<Unit, 'container'>,
  service: Service | undefined,
  image: ObservedImage | undefined,
): boolean | undefined {
  if (unit.container !== undefined) return unit.container.hasHealthcheck;
  const check = service?.healthcheck;
  if (check?.disable === true || check?.test?.[0] === 'NONE') return false;
  if (check?.test !== undefined && check.test.length > 0) return true;
  return image?.hasHealthcheck;
}
