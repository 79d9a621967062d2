import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Build, FileReference, Project, Service } from '../compose/project.ts';
import { type BuildKitKey, isUsableBuildx, oldestBuildx, toBuildKitKeys } from './build-keys.ts';
import type { Draft } from './draft.ts';
import { toImageLabels, toImageReference } from './labels.ts';
import type { BuildSecret, Observed } from './plan.ts';
import type { Problem } from './problem.ts';
import { toReference } from './secret-reference.ts';

export interface BuildsInput {
  readonly project: Project;
  readonly observed: Observed;
  readonly options: ActionOptions;
  readonly draft: Draft;
  readonly problems: Problem[];
  /** Environment variables that a secret is taken from and that are not set. */
  readonly unset?: ReadonlySet<string> | undefined;
  /** `up` makes what this engine runs; `build` makes every platform that the file names. */
  readonly platforms: 'own' | 'all';
  /** Brings the image of a service that this one is built from; gives the step, if one is needed. */
  readonly bring: (service: Service) => string | undefined;
}

const servicePrefix = 'service:';

/**
 * Adds the step that builds a service's image, after those that build what it is built from. What the classic builder
 * cannot do goes through buildx; where that is missing it is a problem of the plan, so that nothing is changed.
 */
export function addBuild(input: BuildsInput, service: Service, reference: string, cause: string): string {
  const { project, observed, options, draft, problems } = input;
  if (service.build === undefined) throw new Error(`service ${service.name} has no build section`);
  const { bases, contexts } = resolveContexts(input, service.build);
  const build = toEffectiveBuild(input, { ...service, build: { ...service.build, ...contexts } });
  const keys = toBuildKitKeys(build);
  const dockerfile = observed.builders?.dockerfiles[service.name] ?? [];
  const flags = options.builder === undefined ? [] : ['--builder'];
  const needs = [...keys.map((key) => `build.${key}`), ...dockerfile, ...flags];
  problems.push(...findBuilderProblems(service, { keys, dockerfile }, observed));
  checkPlatform(input, service);
  checkSecrets(input, service);
  const secrets = buildSecretsOf(project, service);
  const digest = observed.buildDigests[service.name];
  return draft.add({
    kind: 'build-image',
    target: reference,
    service: service.name,
    image: reference,
    build,
    cause,
    ...(digest === undefined ? {} : { digest }),
    noCache: options.noCache === true || build.no_cache === true,
    pull: options.pullBases === true || build.pull === true,
    labels: toImageLabels(project.name, service.name),
    ...(needs.length === 0 ? {} : { needs }),
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(options.builder === undefined ? {} : { builder: options.builder }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.push === true ? { push: true } : {}),
    after: bases,
  });
}

/** `service:x` becomes the image of x, which is built before: https://docs.docker.com/reference/compose-file/build/#additional_contexts */
function resolveContexts(
  { project, bring }: BuildsInput,
  build: Build,
): { bases: readonly string[]; contexts: Pick<Build, 'additional_contexts'> } {
  const bases: string[] = [];
  const contexts = new Map<string, string>();
  for (const [name, context] of build.additional_contexts ?? []) {
    const key = context.startsWith(servicePrefix) ? context.slice(servicePrefix.length) : undefined;
    const base = key === undefined ? undefined : (project.services.get(key) ?? project.inactive.get(key));
    if (base === undefined) {
      contexts.set(name, context);
      continue;
    }
    const step = bring(base);
    if (step !== undefined) bases.push(step);
    contexts.set(name, `docker-image://${toImageReference(project.name, base)}`);
  }
  return { bases, contexts: contexts.size === 0 ? {} : { additional_contexts: contexts } };
}

/** The section with what the action and the command line add to it. */
function toEffectiveBuild({ options, platforms }: BuildsInput, { build, platform }: Service): Build {
  const { platforms: written = [], args, ssh = [], ...rest } = build as Build;
  const own = platform === undefined ? [] : [platform];
  const chosen = platforms === 'all' && written.length > 0 ? written : own;
  const given = (options.buildArgs ?? []).map((text): readonly [string, string | null] => {
    const at = text.indexOf('=');
    return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
  });
  const keys = [...ssh, ...(options.ssh ?? [])];
  return {
    ...rest,
    ...(chosen.length === 0 ? {} : { platforms: chosen }),
    ...(args === undefined && given.length === 0 ? {} : { args: new Map([...(args ?? []), ...given]) }),
    ...(keys.length === 0 ? {} : { ssh: keys }),
  };
}

/** The loader has compared what the file says; this one may come from DOCKER_DEFAULT_PLATFORM. */
function checkPlatform({ problems }: BuildsInput, { name, platform, build }: Service): void {
  const written = build?.platforms ?? [];
  if (platform === undefined || written.length === 0 || written.includes(platform)) return;
  problems.push({
    severity: 'error',
    rule: 'build-platform',
    message: `service ${name}: build.platforms does not have ${platform}, which DOCKER_DEFAULT_PLATFORM asks for`,
    hint: 'add it there, or unset the variable',
    at: ['services', name, 'build', 'platforms'],
  });
}

interface Needs {
  readonly keys: readonly BuildKitKey[];
  readonly dockerfile: readonly string[];
}

export const installBuildx =
  'install buildx: `apt-get install docker-buildx` (Debian) or `docker-buildx-plugin` (Docker’s packages), or put it into ~/.docker/cli-plugins (https://docs.docker.com/go/buildx/)';

/** Nothing is said where nobody looked for buildx. */
function findBuilderProblems({ name, build }: Service, needs: Needs, observed: Observed): readonly Problem[] {
  const { builders } = observed;
  if (builders === undefined) return [];
  const { buildx } = builders;
  if (buildx !== undefined && isUsableBuildx(buildx)) return [];
  const dockerfileKey = (['dockerfile_inline', 'dockerfile'] as const).filter((key) => build?.[key] !== undefined);
  const missing =
    buildx === undefined ? 'docker buildx, which is not installed here' : `buildx ${oldestBuildx}; ${buildx} is here`;
  const problem = (what: string, ...at: readonly string[]): Problem => ({
    severity: 'error',
    rule: 'needs-buildx',
    message: `service ${name}: ${what} needs ${missing}`,
    hint: installBuildx,
    at: ['services', name, 'build', ...at],
  });
  return [
    ...needs.keys.map((key) => problem(`build.${key}`, key)),
    ...needs.dockerfile.map((what) => problem(`its Dockerfile's ${what}`, ...dockerfileKey)),
  ];
}

/** `id` is the target where there is one, as docker compose 2.40.3 has it. */
const toSecretId = ({ source, target }: FileReference): string =>
  target === undefined || target === '' ? source : target;

/** Secrets of a build that can be had: from a file, or from a variable that is looked up when the step runs. */
export function buildSecretsOf(project: Project, { build }: Service): readonly BuildSecret[] {
  return (build?.secrets ?? []).flatMap((use): readonly BuildSecret[] => {
    const object = project.secrets.get(use.source);
    const id = toSecretId(use);
    if (object?.file !== undefined) return [{ id, file: object.file }];
    if (object?.environment === undefined) return [];
    return [{ id, value: toReference('secret', object, { environment: object.environment, name: use.source }) }];
  });
}

function checkSecrets({ project, problems, draft, unset }: BuildsInput, { name, build }: Service): void {
  const at = ['services', name, 'build', 'secrets'];
  for (const use of build?.secrets ?? []) {
    const object = project.secrets.get(use.source);
    const what = `service ${name}: build secret ${use.source}`;
    const problem = (rule: string, message: string, hint: string) =>
      problems.push({ severity: 'error', rule, message: `${what} ${message}`, hint, at });
    if (use.uid !== undefined || use.gid !== undefined || use.mode !== undefined) {
      draft.warn({
        severity: 'warning',
        rule: 'build-secret-owner',
        message: `${what}: uid, gid and mode are not used, for BuildKit has none of them`,
        hint: 'write them in the Dockerfile: RUN --mount=type=secret,id=…,uid=…',
        at,
      });
    }
    if (object?.file === undefined && object?.environment === undefined) {
      problem('build-secret', 'must come from a file or from the environment', 'an external secret is for Swarm only');
    } else if (object.environment !== undefined) {
      const { environment } = object;
      const { variable } = toReference('secret', object, { environment });
      if (unset?.has(variable) !== true) continue;
      const hint = `keep it in the keychain: npx claude-env secret set ${variable}; or set ${environment === variable ? 'it' : environment} where claude-env is started, or in .env`;
      problem('value-missing', `needs ${variable}, which is neither set nor in the keychain`, hint);
    }
  }
}
