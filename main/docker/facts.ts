import type Docker from 'dockerode';
import type { EngineFacts, RegistryAnswer } from '../core/plan/preflight.ts';
import { kindOfRefusal, registryFailure } from '../core/registries/failure.ts';
import type { LoginAnswer } from '../core/registries/login.ts';
import { dial } from './dial.ts';
import { sentenceOf, statusOf } from './errors.ts';
import { withTag } from './pull.ts';

/* What preflight asks an engine: about itself, and, through it, a registry. */

/** Only what is read of `GET /info`, which dockerode types as `any`. */
interface Info {
  readonly DockerRootDir?: string;
  readonly Runtimes?: Readonly<Record<string, unknown>>;
  readonly DiscoveredDevices?: readonly unknown[] | null;
  readonly NCPU?: number;
}

export async function readFacts(docker: Docker, signal: AbortSignal): Promise<EngineFacts> {
  const info = await dial<Info>(docker, { method: 'GET', path: '/info', signal });
  return {
    rootDir: info.DockerRootDir ?? '',
    runtimes: Object.keys(info.Runtimes ?? {}),
    hasDevices: (info.DiscoveredDevices ?? []).length > 0,
    cpus: info.NCPU ?? 0,
  };
}

export interface AskRegistry {
  readonly docker: Docker;
  readonly image: string;
  readonly login: LoginAnswer;
  readonly signal: AbortSignal;
}

interface Distribution {
  readonly Descriptor?: { readonly digest?: string };
  readonly Platforms?: readonly { readonly architecture?: string; readonly os?: string }[] | null;
}

/**
 * The engine asks the registry as it would for a pull (its mirrors, its proxy, its trust), and nothing is pulled:
 * GET /distribution/{name}/json. Engines word a registry's refusal in their own ways (20.10 answers 500 for some), so the
 * sentence decides where the status does not. Rejects only when `signal` fired.
 */
export async function askRegistry({ docker, image, login, signal }: AskRegistry): Promise<RegistryAnswer> {
  try {
    const found = await new Promise<Distribution>((resolve, reject) => {
      docker.modem.dial(
        {
          method: 'GET',
          path: `/distribution/${withTag(image)}/json`,
          abortSignal: signal,
          statusCodes: { 200: true },
          ...(login.login === undefined ? {} : { authconfig: login.login.auth }),
        },
        (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer as Distribution)),
      );
    });
    return {
      kind: 'found',
      platforms: (found.Platforms ?? []).flatMap(({ os, architecture }) =>
        os && architecture ? [`${os}/${architecture}`] : [],
      ),
      ...(found.Descriptor?.digest ? { digest: found.Descriptor.digest } : {}),
    };
  } catch (error) {
    if (signal.aborted) throw error;
    const [sentence, status] = [sentenceOf(error), statusOf(error)];
    const kind = toKind(status, sentence);
    const refusal =
      kind === 'denied' ? registryFailure({ doing: image, image, sentence, status, answer: login }) : undefined;
    return { kind, message: sentence.slice(0, 300), ...(refusal && { refusal }) };
  }
}

/** Docker Hub says `denied` for a repository that does not exist, as for a private one. */
function toKind(status: number | undefined, message: string): 'not-found' | 'denied' | 'unknown' {
  const kind = kindOfRefusal(message, status);
  if (kind === 'denied' || kind === 'hidden') return 'denied';
  return kind === 'not-found' || /not found/i.test(message) ? 'not-found' : 'unknown';
}
