import { AppFailure } from '../../core/app-failure.ts';
import { toImagePlace } from '../../core/registries/names.ts';
import type { EngineConnection } from '../ports.ts';

/** A plan does not wait longer for a registry that does not answer (milliseconds). */
const patience = 8000;

/**
 * The team's registry, asked before anything is made or built: what it would refuse is said now and not after minutes. It has
 * to answer whenever the services are planned, because it tells under which digest it has their images.
 * @throws `usage`, `registry.denied`, `registry.failed`
 */
export async function mustTakeImages(
  connection: Pick<EngineConnection, 'askRegistry'>,
  registry: string,
): Promise<void> {
  const place = toImagePlace(registry);
  if (place === undefined) {
    throw new AppFailure({
      code: 'usage',
      message: `${registry} is no place for images.`,
      hint: 'It is HOST[:PORT][/PREFIX], such as registry.example.com:5000/team.',
    });
  }
  const signal = AbortSignal.timeout(patience);
  const answer = await connection.askRegistry(`${place}/claude-env/gateway:0.1.0`, signal).catch(() => undefined);
  if (answer?.kind === 'found' || answer?.kind === 'not-found') return;
  if (answer?.kind === 'denied' && answer.refusal !== undefined) {
    const { message, hint } = answer.refusal;
    throw new AppFailure({ code: 'registry.denied', message, ...(hint === undefined ? {} : { hint }) });
  }
  const why = answer?.message ?? `no answer within ${patience / 1000} s`;
  throw new AppFailure({
    code: 'registry.failed',
    message: `The team’s registry ${place} does not answer the engine. Nothing was changed.`,
    hint: `${hintFor(why)} Or take another one (--registry), or none (--no-registry).`,
    detail: why,
  });
}

const hintFor = (why: string): string =>
  /x509|certificate/i.test(why)
    ? 'Every server’s engine has to believe its certificate: the authority’s PEM as /etc/docker/certs.d/HOST:PORT/ca.crt.'
    : /HTTP response to HTTPS client/i.test(why)
      ? 'It speaks no TLS: give it a certificate, or list it in insecure-registries of every server’s engine.'
      : 'Is it on, and can the servers reach it?';
