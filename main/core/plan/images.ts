import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Diagnostic } from '../../../preload/contract/errors.ts';
import type { Project, Service } from '../compose/project.ts';
import type { Draft } from './draft.ts';
import { buildDigestLabel, toImageLabels, toImageReference } from './labels.ts';
import type { Observed, ObservedImage } from './plan.ts';

export interface ImagePlan {
  /** Step that brings the image; absent: it is there. */
  readonly step?: string;
  /** Why containers made from what is there now are recreated: the image is going to be another one. */
  readonly replacedBecause?: string;
  /** The image that containers will run, where it is known now. */
  readonly image?: ObservedImage;
}

export interface ImagesInput {
  readonly project: Project;
  readonly services: Iterable<Service>;
  readonly observed: Observed;
  readonly options: ActionOptions;
  readonly draft: Draft;
  readonly problems: Diagnostic[];
}

type Wish =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'pull' | 'build'; readonly cause: string; readonly replaces: boolean }
  | { readonly kind: 'problem'; readonly problem: Diagnostic };

/** Steps that bring images, one an image, and what they mean for the services' containers. */
export function planImages(input: ImagesInput): ReadonlyMap<string, ImagePlan> {
  const plans = new Map<string, ImagePlan>();
  for (const service of input.services) {
    const reference = toImageReference(input.project.name, service);
    const image = input.observed.images[reference];
    const wish = toWish(service, reference, image, input);
    if (wish.kind === 'problem') input.problems.push(wish.problem);
    if (wish.kind !== 'pull' && wish.kind !== 'build') {
      plans.set(service.name, image === undefined ? {} : { image });
      continue;
    }
    const step =
      wish.kind === 'pull'
        ? addPull(input.draft, service, reference, wish.cause)
        : addBuild(input, service, reference, wish.cause);
    plans.set(service.name, {
      step,
      ...(wish.replaces ? { replacedBecause: `image will be ${wish.kind === 'pull' ? 'pulled' : 'rebuilt'}` } : {}),
      ...(wish.replaces || image === undefined ? {} : { image }),
    });
  }
  return plans;
}

/** Whether a service's image is pulled rather than built when it has both. */
export const prefersPull = (service: Service): boolean =>
  service.build === undefined || ['always', 'missing', 'if_not_present'].includes(service.pull_policy ?? '');

function toWish(
  service: Service,
  reference: string,
  image: ObservedImage | undefined,
  { observed, options, draft }: ImagesInput,
): Wish {
  const policy = service.pull_policy ?? '';
  const builds = service.build !== undefined && !prefersPull(service);
  if (service.build !== undefined && (builds || options.build === true)) {
    return toBuildWish(service, image, observed, options);
  }
  if (image === undefined) {
    if (policy !== 'never') return { kind: 'pull', cause: 'image is not on the engine', replaces: true };
    return {
      kind: 'problem',
      problem: {
        severity: 'error',
        rule: 'image-missing',
        message: `service ${service.name}: image ${reference} is not on the engine, and pull_policy is never`,
        hint: `load or build it, or change pull_policy`,
      },
    };
  }
  const wanted = platformMismatch(service, image);
  if (wanted !== undefined) return { kind: 'pull', cause: wanted, replaces: true };
  if (policy === 'always') {
    draft.warn({
      severity: 'warning',
      rule: 'pull-then-plan',
      message: `service ${service.name}: pull_policy is always, so whether ${reference} is newer is known only after the pull`,
      hint: 'if it was, plan again: the container is recreated then',
    });
    return { kind: 'pull', cause: 'pull_policy: always', replaces: false };
  }
  if (/^(daily|weekly|every_)/.test(policy)) {
    draft.warn({
      severity: 'warning',
      rule: 'pull-policy-refresh',
      message: `service ${service.name}: pull_policy ${policy} pulls only when the image is missing; its age is not looked at`,
      hint: 'pull newer images when you want them: claude-env pull',
    });
  }
  return { kind: 'nothing' };
}

function toBuildWish(
  service: Service,
  image: ObservedImage | undefined,
  observed: Observed,
  options: ActionOptions,
): Wish {
  if (image === undefined) return { kind: 'build', cause: 'image is not built yet', replaces: true };
  const digest = observed.buildDigests[service.name];
  const built = image.labels[buildDigestLabel];
  const changed = digest !== undefined && digest !== built;
  if (options.build === true) {
    // With the same context the builder's cache gives the same image, so containers may stay.
    return {
      kind: 'build',
      cause: changed ? 'build context changed' : 'a build was asked for',
      replaces: changed || digest === undefined || options.noCache === true,
    };
  }
  if (!rebuildsWhenChanged(service)) return { kind: 'nothing' };
  if (changed) {
    const cause = built === undefined ? 'image was not built from this context by claude-env' : 'build context changed';
    return { kind: 'build', cause, replaces: true };
  }
  if (digest === undefined && service.pull_policy === 'build') {
    return { kind: 'build', cause: 'pull_policy: build', replaces: false };
  }
  return { kind: 'nothing' };
}

/**
 * `x-claude-env: {rebuild: changed}` under build or on the service, or `pull_policy: build`. docker compose runs the build
 * at every `up` for the latter and leaves it to the cache; ours compares the digest of the context and builds only then.
 */
export function rebuildsWhenChanged(service: Service): boolean {
  const says = (extensions: Readonly<Record<string, unknown>> | undefined): boolean => {
    const own: unknown = extensions?.['x-claude-env'];
    const rebuild =
      own instanceof Map
        ? (own as ReadonlyMap<string, unknown>).get('rebuild')
        : (own as { readonly rebuild?: unknown } | undefined)?.rebuild;
    return rebuild === 'changed';
  };
  return service.pull_policy === 'build' || says(service.build?.extensions) || says(service.extensions);
}

function platformMismatch(service: Service, image: ObservedImage): string | undefined {
  if (service.platform === undefined || service.build !== undefined) return undefined;
  const [os, arch] = service.platform.split('/');
  if (os === image.os && (arch === undefined || arch === image.arch)) return undefined;
  return `image on the engine is for ${image.os}/${image.arch}, the file says ${service.platform}`;
}

export function addPull(draft: Draft, service: Service, reference: string, cause: string): string {
  return draft.add({
    kind: 'pull-image',
    target: reference,
    service: service.name,
    image: reference,
    cause,
    ...(service.platform === undefined ? {} : { platform: service.platform }),
  });
}

export function addBuild(
  input: Pick<ImagesInput, 'project' | 'observed' | 'options' | 'draft'>,
  service: Service,
  reference: string,
  cause: string,
): string {
  const { project, observed, options, draft } = input;
  if (service.build === undefined) throw new Error(`service ${service.name} has no build section`);
  const digest = observed.buildDigests[service.name];
  const bases = [...(service.build.additional_contexts?.values() ?? [])].flatMap((context) => {
    const base = context.startsWith('service:') ? project.services.get(context.slice('service:'.length)) : undefined;
    const id = base === undefined ? '' : `build-image ${toImageReference(project.name, base)}`;
    return draft.has(id) ? [id] : [];
  });
  return draft.add({
    kind: 'build-image',
    target: reference,
    service: service.name,
    image: reference,
    build: service.build,
    cause,
    ...(digest === undefined ? {} : { digest }),
    noCache: options.noCache === true || service.build.no_cache === true,
    pull: service.build.pull === true,
    ...(service.platform === undefined ? {} : { platform: service.platform }),
    labels: toImageLabels(project.name, service.name),
    after: bases,
  });
}
