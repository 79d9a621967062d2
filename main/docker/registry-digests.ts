import type Docker from 'dockerode';
import type { ObservedImage } from '../core/plan/plan.ts';
import type { RegistryLogins } from '../services/ports.ts';
import { askRegistry } from './facts.ts';
import { mapLimited } from './parallel.ts';

export interface ReadRegistryDigests {
  readonly docker: Docker;
  readonly logins: RegistryLogins;
  /** References, and the seconds after which what is there is due again. */
  readonly refresh: Readonly<Record<string, number>>;
  /** References to ask for when they are not there. */
  readonly wanted: readonly string[];
  readonly images: Readonly<Record<string, ObservedImage>>;
  readonly signal: AbortSignal;
}

/** A plan does not wait longer for a registry that cannot be reached. */
const patience = 5000;

/** Which manifest the registries have now, of images that are due or not there. One that does not say is missing. */
export async function readRegistryDigests(input: ReadRegistryDigests): Promise<Readonly<Record<string, string>>> {
  const { docker, logins, refresh, wanted, images, signal } = input;
  const due = Object.entries(refresh).flatMap(([image, after]) => {
    const there = images[image];
    if (there === undefined || (there.taggedSeconds !== undefined && there.taggedSeconds < after)) return [];
    return [image];
  });
  const missing = wanted.filter((image) => images[image] === undefined);
  const found = await mapLimited([...new Set([...due, ...missing])], 6, async (image) => {
    const hurry = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const login = await logins.ofImage(image);
    const answer = await askRegistry({ docker, image, login, signal: hurry }).catch(() => undefined);
    return answer?.kind === 'found' && answer.digest !== undefined ? ([image, answer.digest] as const) : undefined;
  });
  signal.throwIfAborted();
  return Object.fromEntries(found.filter((entry) => entry !== undefined));
}
