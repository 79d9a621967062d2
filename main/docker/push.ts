import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import { registryFailure } from '../core/registries/failure.ts';
import type { RegistryLogins, StepReport } from '../services/ports.ts';
import { toEngineError } from './errors.ts';
import { readJsonLines } from './json-lines.ts';
import { createPullProgress, type ProgressLine } from './progress.ts';

export interface PushImage {
  readonly docker: Docker;
  readonly logins: RegistryLogins;
  readonly image: string;
  readonly report: (progress: StepReport) => void;
  readonly signal: AbortSignal;
}

/** Pushes what was built, with the registry's login. Throws what the registry or the engine refuses with. */
export async function pushImage({ docker, logins, image, report, signal }: PushImage): Promise<void> {
  report({ message: `Pushing ${image}` });
  const answer = await logins.ofImage(image);
  const auth = answer.login?.auth ?? { serveraddress: '' };
  const progress = createPullProgress();
  const options = { authconfig: auth, abortSignal: signal } as Docker.ImagePushOptions;
  const stream = await docker.getImage(image).push(options);
  for await (const part of readJsonLines(stream)) {
    const line = part as ProgressLine;
    if (line.error !== undefined) {
      const doing = `Pushing ${image}`;
      throw new AppFailure(
        registryFailure({ doing, image, sentence: line.error, answer }) ?? toEngineError(doing, line.error),
      );
    }
    const said = progress(line);
    if (said?.message) report({ message: said.message });
  }
}
