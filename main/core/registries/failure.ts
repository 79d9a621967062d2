import type { AppError } from '../../../preload/contract/errors.ts';
import { type LoginAnswer, sourceTitle } from './login.ts';
import { registryArgument, registryTitle } from './names.ts';

/*
 * Why a registry did not give what was asked of it. Engines pass on sentences of the registry, of Go's network code and of
 * its TLS: those below were seen on 20.10 with docker-registry 2.8, and read in moby, distribution and Go's crypto/tls.
 */

export type Refusal =
  /** Login wrong, missing, or not enough. */
  | 'denied'
  /** As Docker Hub words it: there is none of that name, or it is not for this user. */
  | 'hidden'
  | 'not-found'
  | 'limited'
  | 'tls'
  | 'unreachable'
  | 'unknown';

const words: readonly (readonly [RegExp, Refusal])[] = [
  [/toomanyrequests|rate limit|429 Too Many Requests/i, 'limited'],
  [/pull access denied|repository does not exist or may require/i, 'hidden'],
  [
    /unauthorized|authentication required|no basic auth credentials|incorrect username or password|\bdenied\b|\b40[13] (?:Unauthorized|Forbidden)/i,
    'denied',
  ],
  [/manifest unknown|manifest for .* not found|name unknown|no such manifest|repository .* not found/i, 'not-found'],
  [/x509|certificate|server gave HTTP response to HTTPS|tls: |first record does not look like a TLS/i, 'tls'],
  [
    /connection refused|no such host|i\/o timeout|dial tcp|network is unreachable|no route to host|deadline exceeded|TLS handshake timeout|Client\.Timeout|connection reset|\bEOF\b/i,
    'unreachable',
  ],
];

export function kindOfRefusal(sentence: string, status?: number): Refusal {
  // "TLS handshake timeout" is the network's fault, whatever it mentions.
  if (/handshake timeout/i.test(sentence)) return 'unreachable';
  const [, kind] = words.find(([pattern]) => pattern.test(sentence)) ?? [];
  if (kind !== undefined) return kind;
  if (status === 404) return 'not-found';
  return status === 401 || status === 403 ? 'denied' : 'unknown';
}

export interface RegistryRefusal {
  /** `Pulling ghcr.io/team/app:1`; opens the message. */
  readonly doing: string;
  readonly image?: string | undefined;
  readonly sentence: string;
  readonly status?: number | undefined;
  readonly answer: LoginAnswer;
}

/** undefined: the registry has no part in it, as far as the words tell. */
export function registryFailure(refusal: RegistryRefusal): AppError | undefined {
  const { doing, image, sentence, status, answer } = refusal;
  const title = registryTitle(answer.registry);
  const failed = image === undefined ? 'registry.failed' : 'image.pull-failed';
  const make = (code: AppError['code'], what: string, hint: string, more: Partial<AppError> = {}): AppError => ({
    code,
    message: `${doing}: ${what}`,
    hint: [hint, ...answer.problems].join(' '),
    detail: sentence,
    ...more,
  });
  switch (kindOfRefusal(sentence, status)) {
    case 'denied':
      return answer.login === undefined
        ? make('registry.denied', `${title} asks for a login, and there is none.`, loginHint(answer))
        : make('registry.denied', `${title} refused ${whose(answer)}.`, loginHint(answer));
    case 'hidden':
      return make(
        'image.not-found',
        `${title} has no ${image ?? 'such image'}, or does not show it ${answer.login === undefined ? 'without a login' : `to ${whose(answer)}`}.`,
        `Check the image’s name and tag. ${loginHint(answer)}`,
      );
    case 'not-found':
      return make(
        'image.not-found',
        `${title} has no ${image ?? 'such image'}.`,
        'Check the image’s name and tag, or build it. The login is not the reason: the registry answered.',
      );
    case 'limited':
      return make(
        failed,
        `${title} gives no more for now: too many requests.`,
        answer.login === undefined ? `With a login more is allowed. ${loginHint(answer)}` : 'Try again later.',
        { retry: true },
      );
    case 'tls':
      return make(
        failed,
        `The engine does not trust the connection to ${title}: ${sentence}`,
        `Give the engine the registry’s CA certificate (/etc/docker/certs.d/${title}/ca.crt), or name it under insecure-registries in the engine’s daemon.json.`,
      );
    case 'unreachable':
      return make(
        failed,
        `The engine cannot reach ${title}: ${sentence}`,
        'Check the registry’s name, the network and the engine’s proxy, then try again.',
        { retry: true },
      );
    case 'unknown':
      return undefined;
  }
}

function whose({ login }: LoginAnswer): string {
  if (login === undefined) return 'nobody’s login';
  const { auth, source } = login;
  const who = auth.identitytoken === undefined ? `the login of ${auth.username ?? 'nobody'}` : 'the identity token';
  return `${who} (from ${sourceTitle(source)})`;
}

/** How the one that was used, or is missing, is replaced. */
function loginHint({ registry, login }: LoginAnswer): string {
  const ours = `npx claude-env registry login${registryArgument(registry)}`;
  if (login === undefined) return `Log in: ${ours}`;
  if (login.source.kind === 'keychain') return `Log in again, or as somebody who may: ${ours}`;
  return `Log in again: docker login${registryArgument(registry)}; or keep another login in the keychain, which comes first: ${ours}`;
}
