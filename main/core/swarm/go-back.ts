import { AppFailure } from '../app-failure.ts';
import type { OpaqueValue } from '../opaque.ts';
import type { Raw } from '../plan/inherit.ts';
import type { CorePlan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { withChecks } from './check-images.ts';
import type { Deployed } from './deployed.ts';
import { fillFromWhatRuns } from './fill-recorded.ts';
import { keyLabel, stackLabel, toScopedName } from './names.ts';
import type { ObservedStack } from './observed.ts';
import { type DeployOptions, networkSteps } from './plan.ts';
import { planServices } from './plan-services.ts';
import { planPrune } from './prune.ts';
import { withKnownDigest } from './push-images.ts';
import { deploysOf, type RecordedDeploy } from './record.ts';

/*
 * Back to what a whole stack was after one of its last deploys. Services go back to what the Swarm was asked for then, image
 * digests included; secrets stay what they are now: a value that was rotated out is not to come back.
 */

export interface GoBack {
  readonly observed: ObservedStack;
  readonly deployed: Deployed;
  readonly options: Pick<DeployOptions, 'prune' | 'resetScale' | 'timeout'>;
  /** What the operator's keychain has, by name: for what no service of the Swarm has any more. */
  readonly opaque: ReadonlyMap<string, OpaqueValue>;
}

/** A record by its number or its name, as the history prints them. Throws `usage`. */
export function findDeploy(observed: ObservedStack, wanted: string): RecordedDeploy {
  const all = deploysOf(observed);
  const number = /^#?(\d+)$/.exec(wanted)?.[1];
  const found = all.find((one) => one.id === wanted || (one.number > 0 && String(one.number) === number));
  const able = all.flatMap((one) => (one.data === undefined || one.number === 0 ? [] : [one.number]));
  if (found?.data !== undefined) return found;
  throw new AppFailure({
    code: 'usage',
    message:
      found === undefined
        ? `The Swarm has no record of a deploy ${wanted} of ${observed.stack}.`
        : `What was deployed by ${found.who} at ${found.at} is not recorded: it was too large.`,
    hint: able.length === 0 ? 'Deploy its files.' : `There is a way back to: ${able.join(', ')}.`,
  });
}

export function planGoBack({ observed, deployed, options, opaque }: GoBack): CorePlan & {
  readonly deployed: Deployed;
} {
  const { stack } = observed;
  const found = withFiles(deployed, observed);
  const problems: Problem[] = [...found.problems];
  const warnings: Problem[] = [...found.warnings];
  const bodies = new Map<string, Raw>();
  for (const [key, body] of Object.entries(found.deployed.services)) {
    const there = observed.services.find(({ name }) => name === toScopedName(stack, key));
    const filled = fillFromWhatRuns(body, [there?.spec, there?.previous], opaque);
    bodies.set(key, withKnownDigest(filled.body, there));
    if (filled.kept.length > 0) {
      warnings.push({
        severity: 'warning',
        rule: 'not-recorded',
        message: `service ${key}: what may be secret is not recorded, and stays as the Swarm has it now: ${filled.kept.join(', ')}`,
        at: ['services', key],
      });
    }
    for (const { title, names } of filled.missing) problems.push(missingValue(key, title, names));
  }
  const wanted = found.deployed.networks.map(({ name, body }) =>
    body === undefined ? { name, missing: [] } : { name, ...fillFromWhatRuns(body, [], opaque) },
  );
  const networks = networkSteps(wanted, observed);
  for (const { name, missing } of wanted) {
    if (missing.length === 0 || !networks.some(({ target }) => target === name)) continue;
    problems.push({
      severity: 'error',
      rule: 'value-missing',
      message: `network ${name} is gone, and options of it may be secret and are not recorded`,
      hint: 'Deploy its files, which make it.',
    });
  }
  const services = planServices({
    stack,
    observed,
    options,
    bodies,
    dependencies: () => [],
    made: new Set(networks.map(({ id }) => id)),
  });
  // A node may have lost since what it ran then.
  const before = withChecks(observed, [...networks, ...services.steps]);
  const current = (kind: 'secrets' | 'configs') => found.deployed[kind].map(({ name }) => ({ name, old: [] }));
  const prune = planPrune({
    specs: { stack, services: bodies, networks: found.deployed.networks },
    observed,
    versions: { secrets: current('secrets'), configs: current('configs') },
    before,
    all: options.prune === true,
    missing: 'not there then',
  });
  return {
    project: stack,
    action: 'rollback',
    steps: [...before, ...prune.steps],
    losses: [],
    conflicts: [],
    problems: [...problems, ...services.problems],
    warnings: [...warnings, ...services.warnings, ...prune.warnings],
    deployed: { ...found.deployed, files: deployed.files },
  };
}

/** Said in the record of the way back itself. */
export const backTo = ({ number, who }: RecordedDeploy): string => `back to deploy ${number} by ${who}`;

function missingValue(service: string, title: string, names: readonly string[]): Problem {
  return {
    severity: 'error',
    rule: 'value-missing',
    message: `service ${service}: ${title} may be secret and is not recorded, and the Swarm does not have it any more`,
    hint:
      names.length === 0
        ? 'Deploy its files, which say it.'
        : `Keep it in the keychain: ${names.map((name) => `npx claude-env secret set ${name}`).join('; ')}`,
    at: ['services', service],
  };
}

/** The versions that are still there; of a secret that was rotated since, the newest; one that is gone is named. */
function withFiles(deployed: Deployed, observed: ObservedStack) {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const renamed = { secrets: new Map<string, string>(), configs: new Map<string, string>() };
  const resolve = (kind: 'secrets' | 'configs') =>
    deployed[kind].map((one) => {
      if (observed[kind].some(({ name }) => name === one.name)) return one;
      const word = kind.slice(0, -1);
      const newest = kind === 'configs' || one.key === undefined ? undefined : newestOf(one.file, one.key, observed);
      if (newest === undefined) {
        problems.push({
          severity: 'error',
          rule: 'value-missing',
          message: `${word} ${one.key ?? one.name}: the version that was deployed (${one.name}) is no longer in the Swarm`,
          hint: 'Deploy the stack’s files, which ask for its value.',
          at: [kind, one.key ?? one.name],
        });
        return one;
      }
      warnings.push({
        severity: 'warning',
        rule: 'rotated-since',
        message: `secret ${one.key}: was rotated since; its newest version (${newest}) stays in use`,
        at: [kind, one.key ?? one.name],
      });
      renamed[kind].set(one.name, newest);
      return { ...one, name: newest };
    });
  const [secrets, configs] = [resolve('secrets'), resolve('configs')];
  const services = Object.fromEntries(
    Object.entries(deployed.services).map(([key, body]) => [key, rename(body, renamed.secrets)]),
  );
  return { deployed: { ...deployed, services, secrets, configs }, problems, warnings };
}

const newestOf = (file: string, key: string, { secrets, stack }: ObservedStack): string | undefined =>
  secrets
    .filter(({ name, labels }) => labels[stackLabel] === stack && (name === file || labels[keyLabel] === key))
    .sort((a, b) => b.createdAt - a.createdAt)[0]?.name;

/** Sorted by name, as every spec has them. */
function rename(body: Raw, names: ReadonlyMap<string, string>): Raw {
  const task = (body.TaskTemplate ?? {}) as Raw;
  const container = (task.ContainerSpec ?? {}) as { readonly Secrets?: readonly Raw[] };
  if (container.Secrets === undefined || names.size === 0) return body;
  const Secrets = container.Secrets.map((use) => ({
    ...use,
    SecretName: names.get(String(use.SecretName)) ?? String(use.SecretName),
  })).sort((a, b) => (a.SecretName < b.SecretName ? -1 : 1));
  return { ...body, TaskTemplate: { ...task, ContainerSpec: { ...container, Secrets } } };
}
