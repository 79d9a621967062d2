import type { Raw } from '../plan/inherit.ts';
import type { CorePlan, Step } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { recordLabel, stackLabel, toScopedName } from './names.ts';
import type { ObservedService, ObservedStack } from './observed.ts';
import { keptRecords, namesInRecords } from './record.ts';
import type { FileVersion } from './versions.ts';

export interface PlanPrune {
  readonly specs: {
    readonly stack: string;
    readonly services: ReadonlyMap<string, unknown>;
    readonly networks: readonly { readonly name: string }[];
  };
  readonly observed: ObservedStack;
  readonly versions: Readonly<Record<'secrets' | 'configs', readonly Pick<FileVersion, 'name' | 'old'>[]>>;
  /** Everything that must have succeeded first. */
  readonly before: readonly Step[];
  /** Also what the file no longer has. */
  readonly all: boolean;
  /** Why something goes; `not in the file` unless said. */
  readonly missing?: string;
}

const step = (id: string, target: string, cause: string, after: readonly string[]) =>
  ({ id, target, cause, destructive: false, after }) as const;

/** Old versions of secrets and configs; with `all`, services, networks, secrets and configs that are no longer in the file. */
export function planPrune({ specs, observed, versions, before, all, missing = 'not in the file' }: PlanPrune): {
  readonly steps: readonly Step[];
  readonly warnings: readonly Problem[];
} {
  const after = before.map(({ id }) => id);
  const gone = observed.services.filter(
    ({ name }) => ![...specs.services.keys()].some((key) => toScopedName(specs.stack, key) === name),
  );
  const warnings: Problem[] = [];
  if (!all && gone.length > 0) {
    const names = gone.map(({ name }) => name).join(', ');
    const message = `${missing}, and left running: ${names}`;
    warnings.push({
      severity: 'warning',
      rule: 'orphans',
      message,
      hint: '`--prune` removes them once everything else succeeded',
    });
  }
  const removing = all ? gone : [];
  const services = removing.map((service): Step => removeService(service, missing, after));
  const steps: Step[] = [...services];
  const waited = removing.length === 0 ? undefined : waitRemoved(specs.stack, removing, services);
  if (waited !== undefined) steps.push(waited);
  const last = [...after, ...services.map(({ id }) => id), ...(waited === undefined ? [] : [waited.id])];
  // A service that stays and is not in the file may still use what the file no longer has.
  const kept = all ? [] : gone;
  // Going back needs them. An old version of a secret is another matter: a value that was rotated out is not to come back.
  const recorded = namesInRecords(keptRecords(observed, [...before, ...services]));
  for (const kind of ['secrets', 'configs'] as const) {
    const singular = kind === 'secrets' ? 'secret' : 'config';
    const current = new Set(versions[kind].map(({ name }) => name));
    const old = new Set(versions[kind].flatMap((one) => one.old.map(({ name }) => name)));
    for (const { name, labels } of observed[kind]) {
      if (labels[stackLabel] !== specs.stack || labels[recordLabel] !== undefined) continue;
      if (current.has(name) || uses(kept, name)) continue;
      if (!old.has(name) && !all) continue;
      if (recorded.has(name) && (kind === 'configs' || !old.has(name))) continue;
      const cause = old.has(name) ? 'an older version, no longer used' : missing;
      steps.push({ ...step(`remove-${singular} ${name}`, name, cause, last), kind: `remove-${singular}`, name });
    }
  }
  if (all) {
    const used = new Set(specs.networks.map(({ name }) => name));
    for (const { name, labels } of observed.networks) {
      if (labels[stackLabel] !== specs.stack || used.has(name)) continue;
      steps.push({ ...step(`remove-network ${name}`, name, missing, last), kind: 'remove-network', name });
    }
  }
  return { steps, warnings };
}

const containerOf = ({
  spec,
}: ObservedService): { readonly Secrets?: readonly Raw[]; readonly Configs?: readonly Raw[] } =>
  (spec.TaskTemplate as { readonly ContainerSpec: Raw }).ContainerSpec;
const uses = (services: readonly ObservedService[], name: string): boolean =>
  services.some((service) => {
    const { Secrets = [], Configs = [] } = containerOf(service);
    return (
      Secrets.some(({ SecretName }) => SecretName === name) || Configs.some(({ ConfigName }) => ConfigName === name)
    );
  });

const removeService = ({ id, name }: ObservedService, cause: string, after: readonly string[]): Step => ({
  ...step(`remove-service ${name}`, name, cause, after),
  kind: 'remove-service',
  serviceId: id,
});

const waitRemoved = (stack: string, services: readonly ObservedService[], after: readonly Step[]): Step => ({
  ...step(
    `wait-removed ${stack}`,
    stack,
    'their tasks stop first',
    after.map(({ id }) => id),
  ),
  kind: 'wait-removed',
  stack,
  services: services.map(({ id }) => id),
});

/** `stack rm`: services, then what they used, as docker stack removes it; volumes stay on their nodes. */
export function planRemove(observed: ObservedStack): CorePlan {
  const { stack } = observed;
  const services = [...observed.services, ...(observed.jobs ?? [])];
  const first = services.map((service) => removeService(service, 'asked for', []));
  const waited = services.length === 0 ? [] : [waitRemoved(stack, services, first)];
  const after = [...first, ...waited].map(({ id }) => id);
  const own = <T extends { readonly labels: Readonly<Record<string, string>> }>(list: readonly T[]): readonly T[] =>
    list.filter(({ labels }) => labels[stackLabel] === stack);
  const rest = [
    ...own(observed.secrets).map(
      ({ name }): Step => ({ ...step(`remove-secret ${name}`, name, 'asked for', after), kind: 'remove-secret', name }),
    ),
    ...own(observed.configs).map(
      ({ name }): Step => ({ ...step(`remove-config ${name}`, name, 'asked for', after), kind: 'remove-config', name }),
    ),
    ...own(observed.networks).map(
      ({ name }): Step => ({
        ...step(`remove-network ${name}`, name, 'asked for', after),
        kind: 'remove-network',
        name,
      }),
    ),
  ];
  return {
    project: stack,
    action: 'rm',
    steps: [...first, ...waited, ...rest],
    losses: [],
    conflicts: [],
    problems: [],
    warnings: [],
  };
}
