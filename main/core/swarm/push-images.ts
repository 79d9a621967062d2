import type { Raw } from '../plan/inherit.ts';
import type { Step } from '../plan/plan.ts';
import type { RegistryAnswer } from '../plan/preflight.ts';
import type { Problem } from '../plan/problem.ts';
import { withDigest, withoutDigest } from './names.ts';
import { keptTag, type PlacedImage, unregistered } from './node-images.ts';
import type { ObservedService, ObservedStack } from './observed.ts';
import { toImagePlatform } from './placement.ts';
import type { DeployInput } from './plan.ts';
import { imageOf, withImageOf } from './spec-image.ts';

/*
 * Images that no registry has, through the team's own: pushed from the engine that is asked, under a tag made of the id, so
 * that what is there is never another image, and nothing is pushed twice. The service gets the digest.
 */

/** The team's registry, `HOST[:PORT][/PREFIX]`, and what it says of the images under the names that they would have there. */
export interface TeamRegistry {
  readonly place: string;
  readonly answers: ReadonlyMap<string, RegistryAnswer>;
}

/** `shop/web:dev` → `registry.example/team/shop/web:claude-env-0123456789ab`; one that is for another registry loses that one's name. */
export function nameInRegistry(place: string, image: string, id: string): string {
  const kept = keptTag(image, id);
  if (kept.startsWith(`${place}/`)) return kept;
  const [first = '', ...rest] = kept.split('/');
  const isHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return `${place}/${isHost ? rest.join('/') : kept}`;
}

/** By image as the file writes it: the name that it has, or would have, in the team's registry. */
export const namesInRegistry = (place: string, observed: ObservedStack): ReadonlyMap<string, string> =>
  new Map([...unregistered(observed)].map(([image, id]) => [image, nameInRegistry(place, image, id)]));

export interface PlannedPushes {
  /** By image as the file writes it. */
  readonly images: ReadonlyMap<string, PlacedImage>;
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
}

/** One step an image that the registry lacks. What it does not take is left to the other ways, and the plan says why. */
export function planPushes({ project, observed, registry }: DeployInput): PlannedPushes {
  const images = new Map<string, PlacedImage>();
  const steps: Step[] = [];
  const problems: Problem[] = [];
  if (registry === undefined) return { images, steps, problems };
  const ids = unregistered(observed);
  for (const [image, as] of namesInRegistry(registry.place, observed)) {
    const service = [...project.services.values()].find((one) => one.image === image);
    if (service === undefined) continue;
    const answer = registry.answers.get(as);
    if (answer?.kind === 'found' && answer.digest !== undefined) {
      images.set(image, { image: withDigest(as, answer.digest), platforms: answer.platforms.map(toImagePlatform) });
    } else if (answer?.kind === 'not-found') {
      images.set(image, { image: as });
      steps.push({
        id: `push-image ${as}`,
        target: as,
        service: service.name,
        cause: `no registry has ${image}`,
        destructive: false,
        after: [],
        kind: 'push-image',
        image: ids.get(image) ?? '',
        as,
      });
    } else {
      const why = answer === undefined || answer.kind === 'found' ? 'it does not answer' : answer.message;
      const refusal = answer?.kind === 'denied' ? answer.refusal : undefined;
      problems.push({
        severity: 'warning',
        rule: 'team-registry',
        message: `service ${service.name}: ${image} does not go through ${registry.place}: ${refusal?.message ?? why}`,
        hint: refusal?.hint ?? 'it is copied to the nodes that this machine is connected to',
        at: ['services', service.name, 'image'],
      });
    }
  }
  return { images, steps, problems };
}

/** Came to the nodes by a deploy of ours: by its id, or under a tag made of it. */
export const isBrought = (image: string): boolean =>
  image.startsWith('sha256:') || /:claude-env-[0-9a-f]{12}$/.test(withoutDigest(image));

/** A record was written before the registry had said the digest: where the very same tag runs, its digest is that one's. */
export function withKnownDigest(body: Raw, there: ObservedService | undefined): Raw {
  if (there === undefined) return body;
  const [image, running] = [imageOf(body), imageOf(there.spec)];
  if (image === running || !isBrought(image) || withoutDigest(running) !== image) return body;
  return withImageOf(body, there.spec);
}
