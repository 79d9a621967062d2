import type Docker from 'dockerode';

/*
 * Calls to the Swarm part of the API that need a body or a query and for which dockerode sends one as the other
 * (`swarmUpdate`), or has no method (`/swarm/unlock`).
 */

export interface SwarmRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

const success = { 200: true, 201: true, 204: true };

/** The answer's JSON; the caller names the shape it relies on. */
export function sendToSwarm<T>(docker: Docker, { method, path, query = {}, body, signal }: SwarmRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        method,
        path: `${path}?`,
        abortSignal: signal,
        statusCodes: success,
        // docker-modem: `_query` becomes the query string, `_body` the JSON body of a POST.
        options: { _query: query, _body: body ?? {} },
      },
      (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer as T)),
    );
  });
}
