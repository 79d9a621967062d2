import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import { kindOfRefusal, registryFailure } from '../core/registries/failure.ts';
import type { RegistryAuth } from '../core/registries/login.ts';
import { registryTitle } from '../core/registries/names.ts';
import { sentenceOf, statusOf } from './errors.ts';

/** Only what is read of the answer. */
interface AuthAnswer {
  readonly IdentityToken?: string;
}

/**
 * POST /auth: the engine asks the registry's /v2/, answers its challenge (Basic, or a token from where it points to), and
 * says what came of it, over the very way that a pull will go. 20.10 answers 500 for a wrong password (seen), so the
 * sentence decides.
 */
export async function checkLogin({
  docker,
  auth,
  signal,
}: {
  readonly docker: Docker;
  readonly auth: RegistryAuth;
  readonly signal: AbortSignal;
}): Promise<{ readonly identityToken?: string }> {
  try {
    const found = await new Promise<AuthAnswer>((resolve, reject) => {
      docker.modem.dial(
        {
          method: 'POST',
          path: '/auth',
          abortSignal: signal,
          statusCodes: { 200: true, 204: true },
          options: { ...auth },
        },
        (error: Error | null, answer: unknown) => (error ? reject(error) : resolve((answer ?? {}) as AuthAnswer)),
      );
    });
    return found.IdentityToken ? { identityToken: found.IdentityToken } : {};
  } catch (error) {
    const [sentence, status] = [sentenceOf(error), statusOf(error)];
    if (status === undefined) throw error;
    const title = registryTitle(auth.serveraddress);
    if (['denied', 'hidden'].includes(kindOfRefusal(sentence, status))) {
      throw new AppFailure({
        code: 'registry.denied',
        message: `${title} does not know ${auth.username ?? 'this user'} with this password.`,
        hint: 'Check both. Some registries want a token instead of the password: GitHub, GitLab, and Docker Hub with two factors.',
        detail: sentence,
      });
    }
    const answer = { registry: auth.serveraddress, problems: [] };
    const refused = registryFailure({ doing: `Logging in to ${title}`, sentence, status, answer });
    throw refused === undefined ? error : new AppFailure(refused);
  }
}
