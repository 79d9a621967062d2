import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { StepReport } from '../services/ports.ts';
import { toEngineError } from './errors.ts';
import type { Host } from './host.ts';
import { readJsonLines } from './json-lines.ts';
import { createPullProgress, type ProgressLine } from './progress.ts';
import { readRegistryAuth } from './registry-auth.ts';

export interface PushImage {
  readonly docker: Docker;
  readonly host: Pick<Host, 'env' | 'home' | 'readText'>;
  readonly image: string;
  readonly report: (progress: StepReport) => void;
  readonly signal: AbortSignal;
}

/** Pushes what was built, with the login that `docker login` left. Throws what the registry or the engine refuses with. */
export async function pushImage({ docker, host, image, report, signal }: PushImage): Promise<void> {
  report({ message: `Pushing ${image}` });
  const auth = (await readRegistryAuth(host, image)) ?? { serveraddress: '' };
  const progress = createPullProgress();
  const options = { authconfig: auth, abortSignal: signal } as Docker.ImagePushOptions;
  const stream = await docker.getImage(image).push(options);
  for await (const part of readJsonLines(stream)) {
    const line = part as ProgressLine;
    if (line.error !== undefined) throw new AppFailure(toEngineError(`Pushing ${image}`, line.error));
    const said = progress(line);
    if (said?.message) report({ message: said.message });
  }
}
