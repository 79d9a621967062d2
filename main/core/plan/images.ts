import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Project, Service } from '../compose/project.ts';
import { addBuild } from './builds.ts';
import type { Draft } from './draft.ts';
import { buildDigestLabel, toImageReference } from './labels.ts';
import type { Observed, ObservedImage } from './plan.ts';
import type { Problem } from './problem.ts';
import { asksRegistry, prefersPull, pullPolicy, rebuildsWhenChanged, refreshAfter } from './pull-policy.ts';

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
  readonly problems: Problem[];
  readonly unset?: ReadonlySet<string> | undefined;
}

type Wish =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'pull' | 'build'; readonly cause: string; readonly replaces: boolean }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Steps that bring images, one an image, and what they mean for the services' containers. */
export function planImages(input: ImagesInput): ReadonlyMap<string, ImagePlan> {
  const plans = new Map<string, ImagePlan>();
  /** What a service is built from comes first, whether it is among the services or not. */
  const bring = (service: Service): ImagePlan => {
    const known = plans.get(service.name);
    if (known !== undefined) return known;
    // A circle of `service:x` contexts ends here.
    plans.set(service.name, {});
    const plan = planImage(service, input, (base) => bring(base).step);
    plans.set(service.name, plan);
    return plan;
  };
  for (const service of input.services) bring(service);
  return plans;
}

function planImage(service: Service, input: ImagesInput, bring: (service: Service) => string | undefined): ImagePlan {
  const reference = toImageReference(input.project.name, service);
  const image = input.observed.images[reference];
  const wish = toWish(service, reference, image, input);
  if (wish.kind === 'problem') input.problems.push(wish.problem);
  if (wish.kind !== 'pull' && wish.kind !== 'build') return image === undefined ? {} : { image };
  const step =
    wish.kind === 'pull'
      ? addPull(input.draft, service, reference, wish.cause)
      : addBuild({ ...input, platforms: 'own', bring }, service, reference, wish.cause);
  return {
    step,
    ...(wish.replaces ? { replacedBecause: `image will be ${wish.kind === 'pull' ? 'pulled' : 'rebuilt'}` } : {}),
    ...(wish.replaces || image === undefined ? {} : { image }),
  };
}

function toWish(service: Service, reference: string, image: ObservedImage | undefined, input: ImagesInput): Wish {
  const { observed, options } = input;
  const policy = pullPolicy(service, options);
  const builds = service.build !== undefined && !prefersPull(service, policy);
  if (image === undefined && asksRegistry(service, options)) {
    return observed.registryDigests?.[reference] === undefined
      ? { kind: 'build', cause: 'image is not built yet', replaces: true }
      : { kind: 'pull', cause: 'image is not on the engine; its registry has it', replaces: true };
  }
  if (options.noBuild !== true && service.build !== undefined && (builds || options.build === true)) {
    return toBuildWish(service, image, observed, options);
  }
  if (image === undefined) return toMissingWish(service, reference, policy, input);
  const wanted = platformMismatch(service, image);
  if (wanted !== undefined && policy !== 'never') return { kind: 'pull', cause: wanted, replaces: true };
  if (builds) return { kind: 'nothing' };
  return toRefreshWish(service, reference, image, input);
}

function toMissingWish(service: Service, reference: string, policy: string, { options }: ImagesInput): Wish {
  const onlyBuilt = service.build !== undefined && !prefersPull(service, policy);
  if (policy !== 'never' && !onlyBuilt) return { kind: 'pull', cause: 'image is not on the engine', replaces: true };
  const why = onlyBuilt
    ? 'building was ruled out (--no-build)'
    : options.pull === undefined
      ? `pull_policy is ${policy}`
      : `--pull ${policy} was given`;
  const asked = options.pull === 'never' || onlyBuilt;
  return {
    kind: 'problem',
    problem: {
      severity: 'error',
      rule: 'image-missing',
      at: ['services', service.name, 'pull_policy'],
      message: `service ${service.name}: image ${reference} is not on the engine, and ${why}`,
      hint: asked ? 'load it, or go without that option' : 'load or build it, or change pull_policy',
    },
  };
}

/** The registry is asked before the plan is made, so that the plan knows whether there is a newer image. */
function toRefreshWish(
  service: Service,
  reference: string,
  image: ObservedImage,
  { observed, options, draft }: ImagesInput,
): Wish {
  const policy = pullPolicy(service, options);
  const after = refreshAfter(policy);
  if (after === undefined || (image.taggedSeconds !== undefined && image.taggedSeconds < after)) {
    return { kind: 'nothing' };
  }
  const digest = observed.registryDigests?.[reference];
  const said = options.pull === undefined ? `pull_policy: ${policy}` : `--pull ${policy}`;
  if (digest !== undefined) {
    if ((image.digests ?? []).some((own) => own.endsWith(`@${digest}`))) return { kind: 'nothing' };
    return { kind: 'pull', cause: `the registry has a newer image (${said})`, replaces: true };
  }
  // The pull would fail as well, and what was built here may never have been pushed.
  if (service.build !== undefined) return { kind: 'nothing' };
  draft.warn({
    severity: 'warning',
    rule: 'pull-then-plan',
    at: ['services', service.name, 'pull_policy'],
    message: `service ${service.name}: its registry does not say which image ${reference} is now; whether it is newer is known after the pull`,
    hint: 'if it was, plan again: the container is recreated then',
  });
  return { kind: 'pull', cause: said, replaces: false };
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

function platformMismatch(service: Service, image: ObservedImage): string | undefined {
  if (service.platform === undefined || service.build !== undefined) return undefined;
  const [os, arch] = service.platform.split('/');
  if (os === image.os && (arch === undefined || arch === image.arch)) return undefined;
  return `image on the engine is for ${image.os}/${image.arch}, the file says ${service.platform}`;
}

/** `optional`: when it cannot be pulled, what comes after goes on. */
export function addPull(draft: Draft, service: Service, reference: string, cause: string, optional = false): string {
  return draft.add({
    kind: 'pull-image',
    target: reference,
    service: service.name,
    image: reference,
    cause,
    ...(optional ? { optional } : {}),
    ...(service.platform === undefined ? {} : { platform: service.platform }),
  });
}
