import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { label } from '../core/plan/labels.ts';
import type { Step } from '../core/plan/plan.ts';
import { sentenceOf, statusOf } from './errors.ts';

/**
 * Creates the network. One that is there already, with the labels that this one would have, is what a call left that the
 * engine carried out after its program was killed: it is the network that is wanted.
 */
export async function createNetwork(
  docker: Docker,
  { name, body }: Extract<Step, { kind: 'create-network' }>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await docker.createNetwork({ CheckDuplicate: true, ...body, Name: name, abortSignal: signal });
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
    const wanted = (body.Labels ?? {}) as Readonly<Record<string, string>>;
    const there = await docker.listNetworks({ filters: { name: [name] }, abortSignal: signal });
    const identity = [label.project, label.network, label.configHash];
    const isIt = there.some(
      ({ Name, Labels }) => Name === name && identity.every((key) => Labels?.[key] === wanted[key]),
    );
    if (wanted[label.project] === undefined || !isIt) throw error;
  }
}

/** Milliseconds between one try and the next; no event says that the engine is through. */
const releases = [50, 100, 200, 400, 800];

/**
 * Removes the network; one that is not there is no failure. The engine (20.10) now and then refuses with 403, "has active
 * endpoints", though it has just removed the last of its containers, which the network lists no longer: bare calls too,
 * once in some hundred times that ten go at once. That passes. A container that is still connected is said at once.
 */
export async function removeNetwork(docker: Docker, name: string, signal?: AbortSignal): Promise<void> {
  const network = docker.getNetwork(name);
  for (let tries = 0; ; tries += 1) {
    try {
      await network.remove({ abortSignal: signal });
      return;
    } catch (error) {
      if (statusOf(error) === 404) return;
      const pause = releases[tries];
      if (pause === undefined || !/has active endpoints/i.test(sentenceOf(error))) throw error;
      const there = await network.inspect().catch(() => undefined);
      if (Object.keys(there?.Containers ?? {}).length > 0) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
}
