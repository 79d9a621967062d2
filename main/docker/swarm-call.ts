import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { RegistryAuth } from '../core/registries/login.ts';
import { leaderless } from '../core/swarm/quorum.ts';
import { registryHeader } from './registry-auth.ts';

/*
 * Calls to the Swarm part of the API that need a body or a query and for which dockerode sends one as the other
 * (`swarmUpdate`), or has no method (`/swarm/unlock`).
 */

export interface SwarmRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** A query may stand in it already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  /** For the images that nodes will pull. */
  readonly auth?: RegistryAuth | undefined;
  readonly signal: AbortSignal;
}

const success = { 200: true, 201: true, 204: true };

/** The answer's JSON; the caller names the shape it relies on. */
export function sendToSwarm<T>(
  docker: Docker,
  { method, path, query = {}, body, auth, signal }: SwarmRequest,
): Promise<T> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        method,
        path: `${path}${path.includes('?') ? '&' : '?'}`,
        abortSignal: signal,
        statusCodes: success,
        // docker-modem: `_query` becomes the query string, `_body` the JSON body of a POST.
        options: { _query: query, _body: body ?? {} },
        ...(auth === undefined ? {} : { headers: { 'X-Registry-Auth': registryHeader(auth) } }),
      },
      (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer as T)),
    );
  });
}

/** `filters=…` of the list calls. */
export const filters = (wanted: Readonly<Record<string, readonly string[]>>): string =>
  `filters=${encodeURIComponent(JSON.stringify(wanted))}`;

/** For questions that a manager without a leader leaves open for ten seconds and more: then `swarm.no-quorum` instead. */
export async function askSoon<T>(
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
  patience = 4000,
): Promise<T> {
  const late = AbortSignal.timeout(patience);
  try {
    return await ask(AbortSignal.any([signal, late]));
  } catch (error) {
    if (late.aborted && !signal.aborted) throw new AppFailure(leaderless());
    throw error;
  }
}
