import type { Step } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { stackImageLabel, toScopedName } from './names.ts';
import type { ImagePlatform, ObservedStack } from './observed.ts';
import { eligibleNodes } from './placement.ts';
import type { DeployInput } from './plan.ts';
import { labelsOf } from './spec-image.ts';

/*
 * Images that no registry has, and how each node that may run them gets them. Such a service names its image by id: nodes
 * then pull nothing (moby daemon/cluster/executor: an image named by a digest of its own is not pulled), nothing else can
 * be meant, and an image that was built again is another one.
 */

/** An engine of this machine's list that is a node of the Swarm. */
export interface NodeEngine {
  readonly node: string;
  readonly engine: string;
  /** Ids of those wanted that it has. */
  readonly images: readonly string[];
}

/** What stands for an image in a service's spec. */
export interface PlacedImage {
  readonly image: string;
  /** As its registry says. */
  readonly platforms?: readonly ImagePlatform[];
}

export interface PlannedImages {
  /** By service. */
  readonly images: ReadonlyMap<string, PlacedImage>;
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
}

/** Under this tag a node keeps it: no prune takes it, and the tag that people use on that node stays theirs. */
export const keptTag = (image: string, id: string): string =>
  `${image.replace(/:[^:/]+$/, '')}:claude-env-${id.replace(/^sha256:/, '').slice(0, 12)}`;

/** Images that the asked node has and no registry, by name: the ids that other nodes may need. */
export const unregistered = ({ imageIds = {}, digests }: ObservedStack): ReadonlyMap<string, string> =>
  new Map(Object.entries(imageIds).filter(([image]) => digests[image] === undefined && !image.includes('@sha256:')));

/**
 * One step an image and node that lacks it. An image goes by id where all its nodes are engines that this machine reaches;
 * otherwise by name, as `docker stack` leaves it, with a warning about the nodes that nobody here can look at: where a
 * service changes they are tried first (check-images.ts). `pushed`: what the team's registry has; it needs no other way.
 */
export function planImages(input: DeployInput, pushed: ReadonlyMap<string, PlacedImage> = new Map()): PlannedImages {
  const { project, observed, options, engines = [] } = input;
  const wanted = unregistered(observed);
  const travelling = new Map<string, PlacedImage>(pushed);
  const steps = new Map<string, Step>();
  const problems: Problem[] = [];
  for (const [key, service] of project.services) {
    const { image = '' } = service;
    const id = wanted.get(image);
    if (id === undefined || pushed.has(image)) continue;
    const others = eligibleNodes(service, observed.nodes).filter((node) => node.id !== observed.node);
    if (others.length === 0 && options.pinImages === true)
      travelling.set(image, travelling.get(image) ?? { image: id });
    if (others.length === 0 || others.every(({ id: node }) => runsThere(observed, key, image, node))) continue;
    const unseen = others.filter((node) => !engines.some((one) => one.node === node.id));
    if (unseen.length > 0) {
      const names = unseen.map(({ hostname }) => hostname).join(', ');
      problems.push({
        severity: 'warning',
        rule: 'swarm-image',
        message: `service ${key}: no registry has ${image}, and whether ${names} ${unseen.length === 1 ? 'has' : 'have'} it cannot be seen from here: it is tried there before anything changes`,
        hint: `push it to a registry that every node reaches, or let --registry do it; or add a docker context for ${names}, and the image is copied; or pin the service with deploy.placement.constraints`,
        at: ['services', key, 'image'],
      });
      continue;
    }
    travelling.set(image, { image: id });
    for (const node of others) {
      const known = engines.find((one) => one.node === node.id);
      if (known === undefined || known.images.includes(id)) continue;
      const step = `send-image ${id} ${node.id}`;
      steps.set(step, {
        id: step,
        target: image,
        service: key,
        cause: `no registry has it, and ${node.hostname} does not either`,
        destructive: false,
        after: [],
        kind: 'send-image',
        image: id,
        tag: keptTag(image, id),
        hostname: node.hostname,
        engine: known.engine,
      });
    }
  }
  // A service that stays on this node has the same image as one that does not.
  const images = new Map(
    [...project.services].flatMap(([key, { image = '' }]): [string, PlacedImage][] => {
      const placed = travelling.get(image);
      return placed === undefined ? [] : [[key, placed]];
    }),
  );
  return { images, steps: [...steps.values()], problems };
}

/** It was deployed by name, and that node runs a task of it: it has come there some way that is not ours to change. */
export function runsThere(observed: ObservedStack, key: string, image: string, node: string): boolean {
  const there = observed.services.find(({ name }) => name === toScopedName(observed.stack, key));
  if (there === undefined || labelsOf(there.spec)[stackImageLabel] !== image) return false;
  return observed.tasks.some(
    (task) =>
      task.service === there.id && task.node === node && task.state === 'running' && !task.image.startsWith('sha256:'),
  );
}
