import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Project, Service } from '../compose/project.ts';
import { type ChangeContext, changeService, stopDependents } from './changes.ts';
import { checkServices } from './checks.ts';
import { checkDeliveries, toDeliveries } from './deliveries.ts';
import { createDraft, type Draft } from './draft.ts';
import { toDependents } from './graph.ts';
import { planImages } from './images.ts';
import { toContainerName } from './labels.ts';
import { claimNames } from './names.ts';
import { planObjects } from './networks.ts';
import { planOrphans } from './orphans.ts';
import type { CorePlan, Observed, ObservedContainer, Sha256 } from './plan.ts';
import { claimPorts } from './port-conflicts.ts';
import type { Problem } from './problem.ts';
import { type Decision, reconcileService, toScale } from './reconcile.ts';
import type { ContainerReference } from './references.ts';
import { checkScale, withPossibleScale, withScale } from './scale.ts';
import { toMemory } from './secret-volumes.ts';
import { checkProfiles, type Profiles } from './security.ts';
import { selectServices } from './selection.ts';
import { addStartSteps, type Unit } from './starting.ts';

export interface UpInput {
  readonly project: Project;
  readonly observed: Observed;
  readonly options: ActionOptions;
  readonly sha256: Sha256;
  /** Environment variables without a value that a secret or config is taken from. */
  readonly unset?: ReadonlySet<string> | undefined;
  /** Seccomp profiles that the file names. */
  readonly profiles?: Profiles | undefined;
  /** Names of containers that were started by an `up` whose post_start hooks did not all succeed. */
  readonly hooksDue?: ReadonlySet<string> | undefined;
  /** What becomes of some services' containers, where that is not for the file to say (a one-off). */
  readonly decisions?: ReadonlyMap<string, readonly Decision[]>;
}

/**
 * What `up` has to do. No step for what is as the file says. Throws `usage` for an unknown service. What stands in the way
 * (a missing external network, an image nobody has) is among the plan's problems, all of it at once: it is shown, not run.
 */
export function planUp(input: UpInput): CorePlan {
  const { observed, options, sha256 } = input;
  const project = withScale(input.project, options.scale);
  const draft = createDraft();
  const problems: Problem[] = [];
  const selection = selectServices(project, { services: options.services, withDependencies: options.noDeps !== true });
  const services = [...selection.services.values()].filter((service) => runsHere(service, draft));
  const images = planImages({ project, services, observed, options, draft, problems, unset: input.unset });
  checkServices({ services, images, apiVersion: observed.engine.apiVersion, warn: draft.warn, problems });
  const objects = planObjects({
    project,
    services,
    observed,
    timeout: options.timeout,
    recreateVolumes: options.recreateVolumes === true,
    sha256,
    draft,
    problems,
  });
  for (const service of services) {
    if (input.decisions?.has(service.name) !== true) checkScale(service, toScale(service), problems);
  }

  const decisions = new Map<string, readonly Decision[]>();
  const keptId: ContainerReference = (name) =>
    (selection.services.has(name) ? firstKept(decisions.get(name)) : firstOf(name, observed))?.id;
  const nameOf: ContainerReference = (name) => firstName(decisions.get(name), project, name);
  for (const service of services) {
    const isAsked = selection.asked.has(service.name);
    const forceRecreate = isAsked ? options.forceRecreate === true : options.alwaysRecreateDeps === true;
    const image = images.get(service.name) ?? {};
    decisions.set(
      service.name,
      input.decisions?.get(service.name) ??
        reconcileService({
          project,
          service: withPossibleScale(service),
          observed,
          image,
          objects,
          forceRecreate,
          noRecreate: options.noRecreate === true,
          sha256,
          keptId,
        }),
    );
  }

  const stops = new Map<string, string>();
  const removeOrphans = options.removeOrphans === true;
  const orphans = planOrphans({
    project,
    observed,
    draft,
    remove: removeOrphans,
    ignore: options.ignoreOrphans === true,
    timeout: options.timeout,
    stops,
  });
  const freed = claimNames({ project, observed, decisions, orphans, problems });

  const dependents = toDependents(selection.graph);
  const context: ChangeContext = {
    ...input,
    project,
    selection,
    dependents,
    draft,
    images,
    objects,
    decisions,
    keptId,
    nameOf,
    made: new Map(),
    stops,
    freed,
  };
  const bounced = stopDependents(context);
  const units = new Map<string, readonly Unit[]>();
  for (const service of services) units.set(service.name, changeService(service, context, bounced));

  for (const service of services) {
    const changes = decisions.get(service.name) ?? [];
    if (changes.some(({ kind }) => kind === 'create' || kind === 'recreate')) {
      checkProfiles(service, input.profiles, problems);
    }
    const starts = (units.get(service.name) ?? []).some((unit) => unit.action === 'start');
    if (starts) checkDeliveries(service, { project, problems, warn: draft.warn, unset: input.unset ?? new Set() });
  }

  const ready = claimPorts({ project: project.name, services: selection.services, observed, units, stops, draft });
  if (options.noStart === true) return draft.finish(project.name, 'up', problems);
  addStartSteps({
    draft,
    graph: selection.graph,
    units: ready,
    services: selection.services,
    filesOf: (service) => toDeliveries(project, service),
    memoryOf: (service, container) => toMemory(project, service, container),
    imageOf: (name) => images.get(name)?.image,
    wait: options.wait === true,
    waitTimeout: options.waitTimeout,
  });
  return draft.finish(project.name, 'up', problems);
}

/** A service that a provider makes is no container of ours; one that names models starts without them. */
function runsHere(service: Service, draft: Draft): boolean {
  const { name, models, provider } = service;
  if (provider !== undefined) {
    draft.warn({
      severity: 'warning',
      rule: 'provider-not-run',
      message: `service ${name} has a provider, which is not run here; it is left out`,
      at: ['services', name, 'provider'],
    });
  } else if (models !== undefined && models.size > 0) {
    draft.warn({
      severity: 'warning',
      rule: 'models-not-run',
      message: `service ${name} uses ${[...models.keys()].join(', ')}: models are not run here, and it gets no variables for them`,
      hint: 'run the model elsewhere and set its address in environment',
      at: ['services', name, 'models'],
    });
  }
  return provider === undefined;
}

/** Of a service that this `up` leaves alone. */
const firstOf = (service: string, { containers }: Observed): ObservedContainer | undefined =>
  containers
    .filter((container) => container.service === service && !container.oneOff)
    .sort((a, b) => a.number - b.number)[0];

function firstKept(decisions: readonly Decision[] | undefined): ObservedContainer | undefined {
  for (const decision of decisions ?? []) {
    if (decision.kind === 'keep' || decision.kind === 'start' || decision.kind === 'restart') return decision.container;
  }
  return undefined;
}

function firstName(decisions: readonly Decision[] | undefined, project: Project, name: string): string | undefined {
  for (const decision of decisions ?? []) {
    if (decision.kind === 'create' || decision.kind === 'recreate') return decision.name;
    if (decision.kind !== 'remove') return decision.rename ?? decision.container.name;
  }
  const service = project.services.get(name);
  return service === undefined ? undefined : toContainerName(project.name, service, 1);
}
