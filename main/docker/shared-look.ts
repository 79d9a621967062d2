import type Docker from 'dockerode';
import type { ImageInspectInfo } from 'dockerode';
import { inspectImage } from './observe.ts';

type Answer = Promise<ImageInspectInfo | undefined>;

const asked = new WeakMap<Docker, Map<string, Answer>>();

/**
 * `inspectImage`, asked once by all who ask within one turn of the event loop: for them it is the same moment. Ten
 * containers of one image are made at once, and their ten looks at it kept the engine from making them.
 */
export async function inspectImageTogether(docker: Docker, reference: string, signal: AbortSignal): Answer {
  const ofEngine = asked.get(docker) ?? new Map<string, Answer>();
  asked.set(docker, ofEngine);
  const together = ofEngine.get(reference);
  if (together !== undefined) {
    // Whoever asked first may have been cancelled; that is not our failure.
    return together.catch(() => inspectImage(docker, reference, signal));
  }
  const answer = inspectImage(docker, reference, signal);
  ofEngine.set(reference, answer);
  setImmediate(() => ofEngine.delete(reference));
  return answer;
}
