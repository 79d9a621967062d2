import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { StepReport } from '../services/ports.ts';
import { sentenceOf, statusOf, toEngineError } from './errors.ts';
import { readJsonLines } from './json-lines.ts';
import { createPullProgress, type ProgressLine } from './progress.ts';
import type { RegistryAuth } from './registry-auth.ts';

export interface PullImage {
  readonly docker: Docker;
  readonly image: string;
  readonly platform?: string | undefined;
  readonly auth: RegistryAuth | undefined;
  readonly report: (progress: StepReport) => void;
  readonly signal: AbortSignal;
}

/** A reference without tag or digest means `:latest`; the engine would otherwise pull every tag there is. */
export const withTag = (image: string): string => (/@sha256:|:[^/]+$/.test(image) ? image : `${image}:latest`);

/**
 * Pulls an image. The engine pulls for as long as the request is open and stops when it is closed (seen on 20.10:
 * test/docker/pull.test.ts), so aborting is closing. Failures after the first byte are lines in the stream, not a status.
 */
export async function pullImage({ docker, image, platform, auth, report, signal }: PullImage): Promise<void> {
  const progress = createPullProgress();
  const options = { fromImage: withTag(image), ...(platform && { platform }), abortSignal: signal };
  const stream = await docker.createImage({ ...auth }, options).catch((error: unknown) => {
    // Refused before the first byte (20.10: the registry cannot be reached); errors of the connection pass by.
    throw statusOf(error) === undefined ? error : pullFailure(image, sentenceOf(error), statusOf(error));
  });
  for await (const line of readJsonLines(stream)) {
    const { error, errorDetail } = line as ProgressLine;
    if (error !== undefined) throw pullFailure(image, errorDetail?.message ?? error);
    const said = progress(line as ProgressLine);
    if (said) report(said);
  }
}

/** "Not found" keeps its own code and hint; all else is a failed pull. */
export function pullFailure(image: string, sentence: string, status?: number): AppFailure {
  const error = toEngineError(`Pulling ${image}`, sentence, status);
  if (error.code === 'image.not-found') return new AppFailure(error);
  return new AppFailure({
    ...error,
    code: 'image.pull-failed',
    ...(error.hint === undefined && { hint: 'Check the network and the registry, then try again.', retry: true }),
  });
}
