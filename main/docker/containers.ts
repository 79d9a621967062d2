import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { statusOf } from './errors.ts';
import { mapLimited } from './parallel.ts';

/** Enough to hide the round trips of an ssh connection, few enough not to start dozens of ssh processes. */
const parallelism = 6;

/** Inspects; one that is gone meanwhile is missing in the answer. */
export async function inspectAll(
  docker: Docker,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly ContainerInspectInfo[]> {
  const found = await mapLimited(ids, parallelism, (id) => inspectContainer(docker, id, signal));
  return found.filter((info) => info !== undefined);
}

/** undefined when there is no such container. */
export async function inspectContainer(
  docker: Docker,
  id: string,
  signal: AbortSignal,
): Promise<ContainerInspectInfo | undefined> {
  try {
    return await docker.getContainer(id).inspect({ abortSignal: signal });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
