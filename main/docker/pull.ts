import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import { registryFailure } from '../core/registries/failure.ts';
import type { LoginAnswer } from '../core/registries/login.ts';
import type { StepReport } from '../services/ports.ts';
import { sentenceOf, statusOf, toEngineError } from './errors.ts';
import { readJsonLines } from './json-lines.ts';
import { createPullProgress, type ProgressLine } from './progress.ts';

export interface PullImage {
  readonly docker: Docker;
  readonly image: string;
  readonly platform?: string | undefined;
  readonly answer: LoginAnswer;
  readonly report: (progress: StepReport) => void;
  readonly signal: AbortSignal;
}

/** A reference without tag or digest means `:latest`; the engine would otherwise pull every tag there is. */
export const withTag = (image: string): string => (/@sha256:|:[^/]+$/.test(image) ? image : `${image}:latest`);

/**
 * Pulls an image. The engine pulls for as long as the request is open and stops when it is closed (seen on 20.10:
 * test/docker/pull.test.ts), so aborting is closing. Failures after the first byte are lines in the stream, not a status.
 */
export async function pullImage({ docker, image, platform, answer, report, signal }: PullImage): Promise<void> {
  const progress = createPullProgress();
  const options = { fromImage: withTag(image), ...(platform && { platform }), abortSignal: signal };
  const stream = await docker.createImage({ ...answer.login?.auth }, options).catch((error: unknown) => {
    // Refused before the first byte (20.10: the registry cannot be reached); errors of the connection pass by.
    throw statusOf(error) === undefined ? error : pullFailure(image, answer, sentenceOf(error), statusOf(error));
  });
  for await (const line of readJsonLines(stream)) {
    const { error, errorDetail } = line as ProgressLine;
    if (error !== undefined) throw pullFailure(image, answer, errorDetail?.message ?? error);
    const said = progress(line as ProgressLine);
    if (said) report(said);
  }
}

/** What the registry's refusal means with this login; else what the engine's sentence does. */
function pullFailure(image: string, answer: LoginAnswer, sentence: string, status?: number): AppFailure {
  const refused = registryFailure({ doing: `Pulling ${image}`, image, sentence, status, answer });
  if (refused !== undefined) return new AppFailure(refused);
  const error = toEngineError(`Pulling ${image}`, sentence, status);
  if (error.code === 'image.not-found') return new AppFailure(error);
  return new AppFailure({
    ...error,
    code: 'image.pull-failed',
    ...(error.hint === undefined && { hint: 'Check the network and the registry, then try again.', retry: true }),
  });
}
