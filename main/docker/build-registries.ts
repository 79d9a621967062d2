import { AppFailure } from '../core/app-failure.ts';
import { kindOfRefusal, registryFailure } from '../core/registries/failure.ts';
import { hub, registryOf } from '../core/registries/names.ts';
import type { RegistryLogins } from '../services/ports.ts';

export interface ExplainBuild {
  readonly image: string;
  /** What the build pulls, and where it pushes to. */
  readonly images: readonly string[];
  readonly logins: RegistryLogins;
}

/**
 * A build that failed because a registry refused to give it an image: said as a pull would say it. Logins are asked for
 * once more, which happens for a failed build only. Anything else stays what it is.
 */
export async function explainBuild(error: unknown, { image, images, logins }: ExplainBuild): Promise<unknown> {
  if (!(error instanceof AppFailure) || error.error.code !== 'image.build-failed') return error;
  const { message, detail, where } = error.error;
  // What a command of the file says is not a registry's word.
  if (/\bRUN\b/.test(message)) return error;
  // Of the image that is built only what is said about it counts: it may have the name of one that is pulled.
  const said = message.replace(`Building ${image}`, '');
  const kind = kindOfRefusal(said);
  if (kind === 'unknown' || kind === 'not-found' || kind === 'unreachable') return error;
  // A stage that is called `base` is in many words; the longest name is the one that was meant.
  const names = images.toSorted((a, b) => b.length - a.length);
  const mentioned = names.find((one) => said.includes(one)) ?? names.find((one) => mentions(said, registryOf(one)));
  if (mentioned === undefined) return error;
  const answer = await logins.ofImage(mentioned);
  const refused = registryFailure({ doing: `Building ${image}`, image: mentioned, sentence: said, answer });
  if (refused === undefined) return error;
  const code = refused.code === 'registry.denied' ? refused.code : 'image.build-failed';
  return new AppFailure(
    { ...refused, code, ...(detail === undefined ? {} : { detail }), ...(where === undefined ? {} : { where }) },
    { cause: error },
  );
}

const mentions = (text: string, registry: string): boolean => text.includes(registry === hub ? 'docker.io' : registry);
