import { AppFailure } from '../core/app-failure.ts';
import type { Project } from '../core/compose/project.ts';
import { registryHint, registryIn } from '../core/compose/x-claude-env-jobs.ts';
import type { OpaqueValue } from '../core/opaque.ts';
import type { CorePlan } from '../core/plan/plan.ts';
import { toImagePlace } from '../core/registries/names.ts';
import { imagesByName } from '../core/swarm/deployed.ts';
import { type EndCanary, planEndCanary, recordAfter } from '../core/swarm/end-canary.ts';
import { backTo, findDeploy, type GoBack, planGoBack } from '../core/swarm/go-back.ts';
import type { ObservedStack } from '../core/swarm/observed.ts';
import {
  imagesOf,
  planRestartStack,
  planRollbackStack,
  planScaleStack,
  planUpdateStack,
  type UpdateRequest,
} from '../core/swarm/operate.ts';
import { type DeployOptions, planDeploy } from '../core/swarm/plan.ts';
import { planRemove } from '../core/swarm/prune.ts';
import { withRecord } from '../core/swarm/record.ts';
import type { LoadedTarget } from './load-target.ts';
import { askTeamRegistry, findNodeEngines } from './node-engines.ts';
import { invalidFile } from './obstacles.ts';
import type { EngineConnection, Engines, Files, Ids, SecretStore, SwarmValues } from './ports.ts';
import { readConfigs, readDeployed, readVerdicts, secretValues, writeRecord } from './swarm-files.ts';
import type { VolumeBackups } from './volume-backups.ts';

/* From what is asked of a stack on a Swarm to a plan: looks, reads values and files, and hands them to core/swarm. */

/** What is asked of a stack on a Swarm. Only a deploy needs its file. `backup`: volumes of what changes are copied first. */
export type StackRequest = StackWish & { readonly backup?: boolean };
type StackWish =
  | { readonly kind: 'deploy'; readonly options: DeployOptions }
  | { readonly kind: 'remove' }
  | { readonly kind: 'rollback'; readonly services: readonly string[] }
  /** The whole stack, to what a recorded deploy made of it: by its number, or its record's name. */
  | { readonly kind: 'go-back'; readonly to: string; readonly options: GoBack['options'] }
  /** Fresh tasks of the same spec, in the way of its update_config; of every service but jobs where none is named. */
  | { readonly kind: 'restart'; readonly services: readonly string[] }
  /** The canaries of these services, or of all: every task gets the new version, or none has it any more. */
  | ({ readonly kind: 'canary' } & EndCanary)
  | { readonly kind: 'scale'; readonly replicas: Readonly<Record<string, number>> }
  | ({ readonly kind: 'update' } & UpdateRequest)
  /** From a copy on this machine, by its id. */
  | { readonly kind: 'restore-volume'; readonly from: string };

export interface LoadedStack extends LoadedTarget {
  readonly arguments: readonly string[];
  readonly files: readonly string[];
  readonly secrets: SecretStore;
  readonly opaque: ReadonlyMap<string, OpaqueValue>;
}

export interface PlanRequest {
  readonly request: StackRequest;
  readonly engines: Engines;
  readonly files: Files;
  readonly ids: Ids;
  readonly values: SwarmValues;
  readonly connection: EngineConnection;
  /** Looks at the stack; the registries of these images are asked. */
  readonly observe: (images: readonly string[]) => Promise<ObservedStack>;
  /** The stack's file, where one was named. */
  readonly loaded: LoadedStack | undefined;
  readonly opaque: ReadonlyMap<string, OpaqueValue>;
  readonly backups: Pick<VolumeBackups, 'planRestore'>;
}

export interface PlannedRequest {
  readonly plan: CorePlan;
  /** What it was planned from. */
  readonly observed: ObservedStack;
}

/** Throws `usage`, `file.invalid`, `stack.not-found` for what cannot be planned at all. */
export async function planRequest(input: PlanRequest): Promise<PlannedRequest> {
  const { request, observe } = input;
  switch (request.kind) {
    case 'deploy':
      return planDeployRequest(input, request.options);
    case 'go-back':
      return planGoBackRequest(input, request);
    case 'update': {
      const { image } = request;
      const observed = await observe(image === undefined ? imagesOf(await observe([])) : [image]);
      return { plan: planUpdateStack(observed, request, input.values.operator), observed };
    }
    case 'canary':
      return planCanaryRequest(input, request);
    case 'restore-volume': {
      const observed = await observe([]);
      const { connection, backups } = input;
      return { plan: await backups.planRestore(request.from, { connection, observed }), observed };
    }
    default: {
      const observed = await observe([]);
      return { plan: planWithoutFile(observed, request), observed };
    }
  }
}

const repeated = (flag: string, values: readonly string[] = []): readonly string[] =>
  values.flatMap((value) => [flag, value]);
const flag = (name: string, value: string | number | boolean | undefined): readonly string[] =>
  value === undefined || value === false ? [] : value === true ? [name] : [name, String(value)];

/** What asks for the same in a terminal: the words after `stack`, without files and the stack's name. */
export function wordsOf(request: StackRequest): readonly string[] {
  const care = request.backup === undefined ? [] : [request.backup ? '--backup' : '--no-backup'];
  switch (request.kind) {
    case 'deploy':
    case 'go-back': {
      const { options } = request;
      const deploy: DeployOptions = options;
      return [
        ...(request.kind === 'deploy' ? ['deploy'] : ['rollback', '--to', request.to]),
        ...flag('--prune', options.prune),
        ...flag('--reset-scale', options.resetScale),
        ...flag('--timeout', options.timeout),
        ...flag('--ordered', deploy.ordered),
        ...repeated('--force', deploy.force),
        ...repeated('--rotate', deploy.rotate),
        ...flag('--keep-secrets', deploy.keepSecrets),
        ...flag('--canary', deploy.canary),
        ...flag('--jobs', deploy.jobs),
        ...flag('--registry', deploy.registry),
        ...flag('--pin-images', deploy.pinImages),
        ...flag('--resolve-image', deploy.resolveImage),
        ...care,
      ];
    }
    case 'remove':
      return ['rm'];
    case 'scale':
      return ['scale', ...Object.entries(request.replicas).map(([name, count]) => `${name}=${count}`)];
    case 'canary':
      return ['canary', request.end, ...request.services];
    case 'restore-volume':
      return ['restore-volume', request.from];
    case 'update': {
      const { services, image, canary, force } = request;
      return [
        'update',
        ...services,
        ...flag('--image', image),
        ...flag('--canary', canary),
        ...flag('--force', force),
        ...care,
      ];
    }
    default:
      return [request.kind, ...request.services, ...care];
  }
}

function planWithoutFile(
  observed: ObservedStack,
  request: Exclude<StackRequest, { readonly kind: 'deploy' | 'go-back' | 'update' | 'canary' | 'restore-volume' }>,
): CorePlan {
  switch (request.kind) {
    case 'remove':
      return planRemove(observed);
    case 'rollback':
      return planRollbackStack(observed, request.services);
    case 'scale':
      return planScaleStack(observed, request.replicas);
    case 'restart':
      return planRestartStack(observed, request.services);
  }
}

async function planDeployRequest(input: PlanRequest, options: DeployOptions): Promise<PlannedRequest> {
  const { loaded, observe, values, files, engines, connection, ids } = input;
  const { project, loaded: file } = needProject(loaded);
  const never = options.resolveImage === 'never';
  const images = never ? [] : [...project.services.values()].flatMap(({ image }) => image ?? []);
  const [observed, configData, texts] = await Promise.all([
    observe(images),
    readConfigs(project, values, file.secrets),
    Promise.all(file.files.map((path) => files.readText(path))),
  ]);
  const [verdicts, nodes, registry] = await Promise.all([
    readVerdicts({
      project,
      observed,
      values,
      secrets: file.secrets,
      keeps: (key) => options.keepSecrets === true && options.rotate?.includes(key) !== true,
    }),
    findNodeEngines(engines, connection, observed),
    askTeamRegistry(connection, toPlace(options.registry) ?? registryIn(project), observed),
  ]);
  const plan = planDeploy({
    project,
    observed,
    options,
    engines: nodes,
    operator: values.operator,
    ...(registry === undefined ? {} : { registry }),
    configData: configData.data,
    secretVerdicts: verdicts.secretVerdicts,
    unreadable: [...configData.problems, ...verdicts.problems],
  });
  const secret = secretValues(project, file.variables);
  const record = await writeRecord({ deployed: plan.deployed, files: texts, secret, ids, values });
  return { plan: withRecord(plan, record, observed), observed };
}

/** Throws `usage`. */
function toPlace(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const place = toImagePlace(written);
  if (place !== undefined) return place;
  const hint = `${registryHint.slice(0, 1).toUpperCase()}${registryHint.slice(1)}.`;
  throw new AppFailure({ code: 'usage', message: `--registry ${written}: that is no place for images.`, hint });
}

async function planGoBackRequest(
  { observe, values, ids, opaque }: PlanRequest,
  { to, options }: Extract<StackRequest, { readonly kind: 'go-back' }>,
): Promise<PlannedRequest> {
  const seen = await observe([]);
  const record = findDeploy(seen, to);
  const deployed = await readDeployed(record, values);
  const named = imagesByName(deployed);
  const observed = named.length === 0 ? seen : await observe(named);
  const plan = planGoBack({ observed, deployed, options, opaque });
  const written = { deployed: plan.deployed, files: deployed.files, hash: record.hash, note: backTo(record) };
  return { plan: withRecord(plan, await writeRecord({ ...written, ids, values }), observed), observed };
}

/** Recorded as what it comes to: a deploy that was recorded already. */
async function planCanaryRequest({ observe, values }: PlanRequest, asked: EndCanary): Promise<PlannedRequest> {
  const observed = await observe([]);
  const plan = planEndCanary(observed, asked);
  const as = recordAfter(observed, asked);
  if (as?.data === undefined) return { plan, observed };
  const note = asked.end === 'promote' ? 'canary promoted' : `canary taken back, ${backTo(as)}`;
  const { hash, names, data } = as;
  return { plan: withRecord(plan, { who: values.operator, hash, names, data, note }, observed), observed };
}

function needProject(loaded: LoadedStack | undefined): { readonly project: Project; readonly loaded: LoadedStack } {
  if (loaded === undefined) {
    throw new AppFailure({ code: 'usage', message: 'A deploy needs the stack’s file.', hint: 'Give it with -f.' });
  }
  if (loaded.project === undefined) throw invalidFile(loaded.diagnostics, loaded.files);
  return { project: loaded.project, loaded };
}

/**
 * Whether a task has come up between plan and run is no other plan, and neither is the index that Swarm raises while an
 * update goes on: the spec that was seen is in the step.
 */
export const withoutWaits = (plan: CorePlan): CorePlan => {
  const waits = new Set(plan.steps.filter(({ kind }) => kind.startsWith('wait-')).map(({ id }) => id));
  const steps = plan.steps.filter(({ id }) => !waits.has(id));
  return {
    ...plan,
    steps: steps.map((step) => ({
      ...step,
      after: step.after.filter((id) => !waits.has(id)),
      ...('version' in step ? { version: 0 } : {}),
    })),
  };
};
