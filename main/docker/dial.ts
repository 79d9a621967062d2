import type { IncomingMessage } from 'node:http';
import type Docker from 'dockerode';

/*
 * The few calls for which dockerode has no method, or whose types (@types/dockerode 4.0.2) leave out the abort signal.
 */

export interface DialRequest {
  readonly method: 'GET' | 'POST' | 'HEAD';
  /** With query string, if any. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/** docker-modem takes off the last character of a path with a `?`, where it expects to add a query of its own. */
const toModemPath = (path: string): string => (path.includes('?') ? `${path}&` : path);

const success = { 200: true, 201: true, 204: true };

/** The answer's JSON (or a Buffer when it is none). The caller names the shape it relies on. */
export function dial<T>(docker: Docker, { method, path, signal }: DialRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      { method, path: toModemPath(path), abortSignal: signal, statusCodes: success },
      (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer as T)),
    );
  });
}

/** The answer while it arrives. */
export function dialStream(docker: Docker, { method, path, signal }: DialRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      { method, path: toModemPath(path), abortSignal: signal, isStream: true, statusCodes: success },
      (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer as IncomingMessage)),
    );
  });
}
