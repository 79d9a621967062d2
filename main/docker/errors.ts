import type { AppError } from '../../preload/contract/errors.ts';
import { AppFailure } from '../core/app-failure.ts';

/*
 * What the engine (or the way to it) says, in the terms of AppError. The engine knows few status codes and many
 * sentences: the sentences below were seen on engine 20.10 and read in moby's sources up to 28.
 */

/** What dockerode throws for an HTTP answer that is not a success. */
interface HttpFailure extends Error {
  readonly statusCode: number;
  readonly reason?: unknown;
  readonly json?: unknown;
}

const isHttpFailure = (error: unknown): error is HttpFailure =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';

/** The HTTP status of an engine's refusal; undefined for anything else. */
export const statusOf = (error: unknown): number | undefined => {
  const cause = error instanceof AppFailure ? error.cause : error;
  return isHttpFailure(cause) ? cause.statusCode : undefined;
};

/** The engine's own sentence, without the decoration that docker-modem puts around it. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isHttpFailure(error)) return error.message;
  const { json } = error;
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
    return json.message.trim();
  }
  const prefix = `(HTTP code ${error.statusCode}) ${typeof error.reason === 'string' ? error.reason : 'unexpected'} - `;
  return (error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message).trim();
}

type Rule = readonly [pattern: RegExp, make: (match: RegExpExecArray) => Omit<AppError, 'message'>];

/** First match wins. */
const sentences: readonly Rule[] = [
  [
    /port is already allocated|address already in use|ports are not available|failed to bind host port/i,
    () => ({
      code: 'port.taken',
      hint: 'Stop what holds the port, or publish another one.',
    }),
  ],
  [
    /no space left on device|disk quota exceeded/i,
    () => ({
      code: 'engine.error',
      hint: 'The engine’s disk is full: `docker system df` shows what takes the room, `docker system prune` frees it.',
    }),
  ],
  [
    /no such image|manifest unknown|manifest for .* not found|pull access denied|repository .* not found|does not match the specified platform/i,
    () => ({
      code: 'image.not-found',
      hint: 'Check the image’s name and tag, build it, or log in to its registry with `docker login`.',
    }),
  ],
  [
    /is already in use by container "?([0-9a-f]{12})?/i,
    (match) => ({
      code: 'engine.conflict',
      hint: `Remove or rename that container${match[1] ? ` (\`docker rm ${match[1]}\`)` : ''}, or choose another name.`,
    }),
  ],
  [
    /bind source path does not exist|invalid mount config|is not shared from the host|not a directory: unknown/i,
    () => ({
      code: 'engine.error',
      hint: 'Check the path on the engine’s machine; with Docker Desktop, also its list of shared folders.',
    }),
  ],
  [
    /executable file not found|no such file or directory: unknown|exec format error/i,
    () => ({
      code: 'engine.error',
      hint: 'The command is not in the image, or the image is for another processor architecture.',
    }),
  ],
  [
    /could not find an available.*address pool|all predefined address pools have been fully subnetted/i,
    () => ({ code: 'engine.error', hint: 'Remove networks that nothing uses: `docker network prune`.' }),
  ],
  [
    /pool overlaps with other one/i,
    () => ({ code: 'engine.conflict', hint: 'Another network has this address range; choose another subnet.' }),
  ],
  [
    /has active endpoints/i,
    () => ({ code: 'engine.conflict', hint: 'Containers are still connected to this network; remove them first.' }),
  ],
  [
    /volume is in use/i,
    () => ({ code: 'engine.conflict', hint: 'A container still uses this volume; remove it first.' }),
  ],
  [
    /client version .* is too old/i,
    () => ({
      code: 'unsupported',
      hint: 'This engine no longer speaks a version that claude-env knows; update claude-env.',
    }),
  ],
  [
    /unauthorized|authentication required|no basic auth credentials|denied: /i,
    () => ({ code: 'engine.error', hint: 'Log in to the registry with `docker login`.' }),
  ],
];

const byStatus = (status: number): Omit<AppError, 'message'> => {
  if (status === 409) return { code: 'engine.conflict' };
  if (status === 503) return { code: 'engine.error', retry: true };
  return { code: 'engine.error' };
};

/** Turns an engine's sentence into an AppError; `doing` ("Starting container web") opens the message. */
export function toEngineError(doing: string, sentence: string, status?: number): AppError {
  for (const [pattern, make] of sentences) {
    const match = pattern.exec(sentence);
    if (match) return { ...make(match), message: `${doing}: ${sentence}` };
  }
  return { ...byStatus(status ?? 500), message: `${doing}: ${sentence}` };
}

export const cancelledFailure = (doing: string): AppFailure =>
  new AppFailure({ code: 'cancelled', message: `${doing}: cancelled.` });

export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || ('code' in error && error.code === 'ABORT_ERR'));

/** The AppFailure for anything thrown while `doing`; an AppFailure stays what it is. */
export function toFailure(doing: string, error: unknown): AppFailure {
  if (error instanceof AppFailure) return error;
  return new AppFailure(toEngineError(doing, sentenceOf(error), statusOf(error)), { cause: error });
}
