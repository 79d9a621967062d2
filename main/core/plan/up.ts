import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Diagnostic } from '../../../preload/contract/errors.ts';
import { AppFailure } from '../app-failure.ts';
import type { Project, Service } from '../compose/project.ts';
import { type ChangeContext, changeService, stopDependents } from './changes.ts';
import { checkServices } from './checks.ts';
import { createDraft, type Draft } from './draft.ts';
import { toDependents } from './graph.ts';
import { planImages } from './images.ts';
import { toContainerName } from './labels.ts';
import { planObjects } from './networks.ts';
import { planOrphans } from './orphans.ts';
import type { CorePlan, Observed, ObservedContainer, Sha256 } from './plan.ts';
import { claimPorts } from './port-conflicts.ts';
import { type Decision, reconcileService } from './reconcile.ts';
import type { ContainerReference } from './references.ts';
import { selectServices } from './selection.ts';
import { addStartSteps, type Unit } from './starting.ts';

export interface UpInput {
  readonly project: Project;
  readonly observed: Observed;
  readonly options: ActionOptions;
  readonly sha256: Sha256;
}

/**
 * What `up` has to do. No step for what is as the file says. Throws `usage` for an unknown service and `file.invalid`
 * (with every problem) for what cannot be brought up at all: missing external networks or volumes, images nobody has.
 */
export function planUp(input: UpInput): CorePlan {
  const { project, observed, options, sha256 } = input;
  const draft = createDraft();
  const problems: Diagnostic[] = [];
  const selection = selectServices(project, { services: options.services, withDependencies: options.noDeps !== true });
  const services = [...selection.services.values()].filter((service) => runsHere(service, draft));
  const images = planImages({ project, services, observed, options, draft, problems });
  checkServices({ project, services, images, problems });
  const objects = planObjects({ project, services, observed, timeout: options.timeout, sha256, draft, problems });
  if (problems.length > 0) throw toFailure(project, problems);

  const decisions = new Map<string, readonly Decision[]>();
  const keptId: ContainerReference = (name) => firstKept(decisions.get(name))?.id;
  const nameOf: ContainerReference = (name) => firstName(decisions.get(name), project, name);
  for (const service of services) {
    const forced = options.forceRecreate === true && selection.asked.has(service.name);
    const image = images.get(service.name) ?? {};
    decisions.set(
      service.name,
      reconcileService({ project, service, observed, image, objects, forceRecreate: forced, sha256, keptId, nameOf }),
    );
  }

  const made = new Map<string, string[]>();
  const stops = new Map<string, string>();
  const dependents = toDependents(selection.graph);
  const context: ChangeContext = {
    ...input,
    selection,
    dependents,
    draft,
    images,
    objects,
    decisions,
    keptId,
    nameOf,
    made,
    stops,
  };
  planOrphans({ project, observed, draft, remove: options.removeOrphans === true, timeout: options.timeout, stops });
  const bounced = stopDependents(context);
  const units = new Map<string, readonly Unit[]>();
  for (const service of services) units.set(service.name, changeService(service, context, bounced));

  const ready = claimPorts({ project: project.name, services: selection.services, observed, units, stops, draft });
  addStartSteps({
    draft,
    graph: selection.graph,
    units: ready,
    services: selection.services,
    imageOf: (name) => images.get(name)?.image,
    wait: options.wait === true,
  });
  return draft.finish(project.name, 'up');
}

/** A service that a provider or a model runner makes is no container of ours. */
function runsHere(service: Service, draft: Draft): boolean {
  if (service.provider === undefined) return true;
  draft.warn({
    severity: 'warning',
    rule: 'provider-not-run',
    message: `service ${service.name} has a provider, which is not run here; it is left out`,
  });
  return false;
}

function toFailure(project: Project, problems: readonly Diagnostic[]): AppFailure {
  const first = problems[0]?.message ?? '';
  return new AppFailure({
    code: 'file.invalid',
    message: problems.length === 1 ? first : `${project.name} cannot be brought up: ${problems.length} problems`,
    diagnostics: [...problems],
  });
}

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
