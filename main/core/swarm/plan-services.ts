import type { Project } from '../compose/project.ts';
import { marksWithin } from '../opaque.ts';
import type { Raw } from '../plan/inherit.ts';
import { opaqueLabel, toOpaqueText } from '../plan/labels.ts';
import type { Step } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { canariesOf, canaryCause, toCanary } from './canary.ts';
import { isStable, judgeService, replicasOf } from './converge.ts';
import type { StackSpecs } from './convert.ts';
import { scaleLabel, stackImageLabel, toScopedName, withDigest, withoutDigest } from './names.ts';
import type { PlannedImages } from './node-images.ts';
import { specChanges } from './normal.ts';
import { type ObservedService, type ObservedStack, seenSpec } from './observed.ts';
import type { DeployInput, DeployOptions } from './plan.ts';
import { isBrought } from './push-images.ts';
import { newRecord } from './record.ts';
import { imageOf, labelsOf, withContainer, withImage, withImageOf, withPlatforms } from './spec-image.ts';
import type { FileVersion, Versions } from './versions.ts';

export interface PlanServices {
  readonly stack: string;
  readonly observed: ObservedStack;
  readonly options: DeployOptions;
  /** Bodies by the service's key, as the Swarm is to have them, in the order in which they are asked for. */
  readonly bodies: ReadonlyMap<string, Raw>;
  /** What a service waits for, by key; for `ordered`. */
  readonly dependencies: (key: string) => readonly string[];
  /** Ids of the steps that make networks, secrets and configs, and bring images to nodes. */
  readonly made: ReadonlySet<string>;
  /** Who opens a canary. */
  readonly operator?: string | undefined;
}

/** What the Swarm is asked for: digests, and the versions of secrets and configs, put in. */
export function toBodies(
  input: DeployInput,
  specs: StackSpecs,
  versions: Versions,
  images: PlannedImages['images'] = new Map(),
): ReadonlyMap<string, Raw> {
  const { project, observed } = input;
  const bodies = new Map<string, Raw>();
  for (const key of inOrder(project)) {
    const wanted = specs.services.get(key);
    if (wanted === undefined) continue;
    const there = observed.services.find(({ name }) => name === toScopedName(project.name, key));
    const placed = images.get(key);
    const body =
      placed === undefined
        ? resolveImage(wanted, key, there, input)
        : withPlatforms(withImage(wanted, placed.image), placed.platforms);
    bodies.set(key, withOpaqueLabel(withVersions(body, versions)));
  }
  return bodies;
}

/** Services are made or updated once what they refer to is there, all beside each other unless an order was asked for. */
export function planServices({ stack, observed, options, bodies, dependencies, made, operator }: PlanServices): {
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
} {
  const steps: Step[] = [];
  const problems: Problem[] = [...canariesOf({ stack }, observed.services)];
  const warnings: Problem[] = [];
  const waits = new Map<string, string>();
  const withAskedCanary = (step: ServiceStep | undefined, there: ObservedService): ServiceStep | undefined => {
    const { canary: tasks } = options;
    if (tasks === undefined || step === undefined) return step;
    const asked = { key: step.target, there, body: step.body, tasks, by: operator ?? '', record: newRecord(stack) };
    const answer = toCanary(asked);
    if ('body' in answer) return { ...step, body: answer.body, cause: canaryCause(answer.body, step.cause) };
    problems.push(answer.problem);
    return step;
  };
  for (const [key, body] of bodies) {
    const name = toScopedName(stack, key);
    const there = observed.services.find((one) => one.name === name);
    const names = namesOf(body);
    const after = [
      ...[...made].filter((id) => names.has(id.slice(id.indexOf(' ') + 1))),
      ...[...made].filter((id) => id.startsWith(`send-image ${imageOf(body)} `)),
      ...(options.ordered === true ? dependencies(key) : []).flatMap((one) => waits.get(one) ?? []),
    ];
    const step =
      there === undefined
        ? createStep(key, name, body, after)
        : withAskedCanary(updateStep({ key, body, there, after, options, warnings }), there);
    const pushed = made.has(`push-image ${imageOf(body)}`) ? { pushed: true as const } : {};
    if (step !== undefined) steps.push({ ...step, ...pushed });
    const cause =
      step === undefined ? unsettled(there, observed) : `${step.kind === 'create-service' ? 'new' : 'updated'}`;
    if (cause === undefined) continue;
    const id = `wait-converged ${name}`;
    waits.set(key, id);
    steps.push({
      id,
      target: key,
      service: key,
      cause,
      destructive: false,
      after: step === undefined ? after : [step.id],
      kind: 'wait-converged',
      stack,
      name,
      changed: step !== undefined,
      rollback: there !== undefined && secretsOf(there.spec) !== secretsOf(body),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    });
  }
  return { steps, problems, warnings };
}

/** Nothing changed; still, it may not be what it should be. undefined: it is, and has been for longer than Monitor. */
function unsettled(there: ObservedService | undefined, observed: ObservedStack): string | undefined {
  if (there === undefined || isStable(there, observed.tasks, observed.now)) return undefined;
  return `unchanged, ${judgeService(there, observed.tasks, observed.now).text}`;
}

type ServiceStep = Extract<Step, { readonly kind: 'create-service' | 'update-service' }>;

const createStep = (key: string, name: string, body: Raw, after: readonly string[]): ServiceStep => ({
  id: `create-service ${name}`,
  target: key,
  service: key,
  cause: 'not there yet',
  destructive: false,
  after,
  kind: 'create-service',
  body,
  image: imageOf(body),
});

const stopped = new Set(['paused', 'rollback_paused']);

interface Update {
  readonly key: string;
  readonly body: Raw;
  readonly there: ObservedService;
  readonly after: readonly string[];
  readonly options: DeployOptions;
  readonly warnings: Problem[];
}

/** undefined: the service is what the file says. */
function updateStep({ key, body, there, after, options, warnings }: Update): ServiceStep | undefined {
  const scaled = options.resetScale === true ? undefined : manualScale(body, there);
  if (scaled !== undefined) {
    warnings.push({
      severity: 'warning',
      rule: 'manual-scale',
      message: `service ${key}: was scaled to ${scaled} by hand, the file says ${replicasOf(body) ?? 1}; ${scaled} stay`,
      hint: '`--reset-scale` goes back to the file',
      at: ['services', key],
    });
  }
  const forced = options.force?.includes(key) === true;
  // As docker stack does: a forced update of before is not undone.
  const count = Number(there.template.ForceUpdate ?? 0) + (forced ? 1 : 0);
  const kept: Raw = {
    ...body,
    ...(scaled === undefined ? {} : withReplicas(body, scaled, scaleLabel in labelsOf(there.spec))),
    TaskTemplate: { ...(body.TaskTemplate as Raw), ForceUpdate: count },
  };
  const changes = [
    ...specChanges(there.spec, kept),
    ...(forced ? ['its tasks are replaced, as asked for'] : []),
    // The same spec once more: Swarm then goes on with the tasks that are left.
    ...(stopped.has(there.update?.state ?? '') ? ['its last update was stopped half way'] : []),
  ];
  if (changes.length === 0) return undefined;
  const shown = changes.length > 3 ? [...changes.slice(0, 3), `${changes.length - 3} more`] : changes;
  return {
    id: `update-service ${there.name}`,
    target: key,
    service: key,
    cause: shown.join(', '),
    destructive: false,
    after,
    kind: 'update-service',
    body: scaled === undefined ? kept : { ...kept, ...withReplicas(kept, scaled, true) },
    image: imageOf(kept),
    serviceId: there.id,
    version: there.version,
    seen: seenSpec(there),
  };
}

/** Replicas chosen by hand; `marked`: written down, so that another change does not make them look like the file's. */
const withReplicas = (body: Raw, replicas: number, marked: boolean): Raw => ({
  Mode: { Replicated: { Replicas: replicas } },
  Labels: { ...labelsOf(body), ...(marked ? { [scaleLabel]: String(replicas) } : {}) },
});

/**
 * Replicas that somebody set since the last deploy: the file says none and there are others than one, or the last change
 * was of the replicas alone and the file still says what was there before.
 */
export function manualScale(body: Raw, there: ObservedService): number | undefined {
  const [is, wanted] = [replicasOf(there.spec), replicasOf(body)];
  if (is === undefined || wanted === undefined || is === wanted) return undefined;
  const said = (body.Mode as { readonly Replicated?: { readonly Replicas?: number } }).Replicated?.Replicas;
  if (said === undefined || labelsOf(there.spec)[scaleLabel] === String(is)) return is;
  if (there.previous === undefined || replicasOf(there.previous) !== wanted) return undefined;
  const changes = specChanges(there.previous, there.spec);
  return changes.length === 1 && changes[0]?.startsWith('replicas ') === true ? is : undefined;
}

/** The digest that the registry has now; where it does not say, the one that runs already. */
function resolveImage(
  body: Raw,
  key: string,
  there: ObservedService | undefined,
  { observed, options, project }: DeployInput,
): Raw {
  const written = project.services.get(key)?.image ?? '';
  const labels = labelsOf(there?.spec);
  const running = there === undefined ? undefined : imageOf(there.spec);
  // What somebody else's machine brought to the nodes stays where this one has nothing to put in its place.
  const brought = running !== undefined && isBrought(running) && observed.imageIds?.[written] === undefined;
  const same =
    labels[stackImageLabel] === written &&
    running !== undefined &&
    (brought || withoutDigest(running) === withoutDigest(imageOf(body)));
  const { resolveImage: when = 'always' } = options;
  const asks = when === 'always' || (when === 'changed' && !same);
  const digest = asks ? observed.digests[written] : undefined;
  // docker's client writes beside the digest which nodes the image is for.
  if (digest !== undefined)
    return withPlatforms(withImage(body, withDigest(written, digest)), observed.platforms?.[written]);
  if (!same || running === undefined || there === undefined) return body;
  return withImageOf(body, there.spec);
}

/** Secrets and configs by the names of their versions, sorted by these. */
function withVersions(body: Raw, versions: Versions): Raw {
  const renamed = (kind: 'Secret' | 'Config', list: readonly FileVersion[], container: Raw): Raw => {
    const uses = container[`${kind}s`] as readonly Raw[] | undefined;
    if (uses === undefined) return {};
    const member = `${kind}Name`;
    const named = uses.map((use) => ({
      ...use,
      [member]: list.find(({ file }) => file.name === use[member])?.name ?? use[member],
    }));
    return { [`${kind}s`]: named.sort((a, b) => (String((a as Raw)[member]) < String((b as Raw)[member]) ? -1 : 1)) };
  };
  return withContainer(body, (container) => ({
    ...container,
    ...renamed('Secret', versions.secrets, container),
    ...renamed('Config', versions.configs, container),
  }));
}

/** A value of the keychain in the environment: its edition tells when it changed. */
function withOpaqueLabel(body: Raw): Raw {
  const opaque = marksWithin(body);
  return opaque.length === 0 ? body : { ...body, Labels: { ...labelsOf(body), [opaqueLabel]: toOpaqueText(opaque) } };
}

const secretsOf = (spec: Raw): string => {
  const { Secrets = [] } = (spec.TaskTemplate as { readonly ContainerSpec: { readonly Secrets?: readonly Raw[] } })
    .ContainerSpec;
  return JSON.stringify(Secrets.map(({ SecretName }) => String(SecretName)).sort());
};

/** What a spec refers to by name; an image that is pushed, too. */
function namesOf(body: Raw): ReadonlySet<string> {
  const { ContainerSpec: container, Networks = [] } = body.TaskTemplate as {
    readonly ContainerSpec: { readonly Secrets?: readonly Raw[]; readonly Configs?: readonly Raw[] };
    readonly Networks?: readonly Raw[];
  };
  const { Secrets = [], Configs = [] } = container;
  return new Set([
    ...Secrets.map(({ SecretName }) => String(SecretName)),
    ...Configs.map(({ ConfigName }) => String(ConfigName)),
    ...Networks.map(({ Target }) => String(Target)),
    imageOf(body),
  ]);
}

/** By name, and what a service depends on before it; the loader refuses cycles. */
function inOrder(project: Project): readonly string[] {
  const order = new Set<string>();
  const visit = (key: string): void => {
    if (order.has(key) || !project.services.has(key)) return;
    for (const one of [...(project.services.get(key)?.depends_on?.keys() ?? [])].sort()) visit(one);
    order.add(key);
  };
  for (const key of [...project.services.keys()].sort()) visit(key);
  return [...order];
}
