import type Docker from 'dockerode';
import type { RegistryAuth } from '../core/registries/login.ts';
import { registryHeader } from './registry-auth.ts';

/*
 * The Swarm part of the Engine API as this room uses it. dockerode's types of it are loose and its update call hides the
 * version; these are the calls as they go over the wire. https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service
 */

export interface SwarmRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With query string, if any. */
  readonly path: string;
  readonly body?: unknown;
  readonly auth?: RegistryAuth | undefined;
  readonly signal: AbortSignal;
}

/** docker-modem takes off the last character of a path with a `?`, where it expects to add a query of its own. */
const toModemPath = (path: string): string => (path.includes('?') ? `${path}&` : path);

/** The answer's JSON. The caller names the shape it relies on. */
export function askSwarm<T>(docker: Docker, { method, path, body, auth, signal }: SwarmRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        method,
        path: toModemPath(path),
        abortSignal: signal,
        statusCodes: { 200: true, 201: true, 204: true },
        ...(body === undefined ? {} : { options: { _query: {}, _body: body } }),
        ...(auth === undefined ? {} : { headers: { 'X-Registry-Auth': registryHeader(auth) } }),
      },
      (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer as T)),
    );
  });
}

/** `?filters=…` of the list calls. */
export const filters = (wanted: Readonly<Record<string, readonly string[]>>): string =>
  `filters=${encodeURIComponent(JSON.stringify(wanted))}`;
