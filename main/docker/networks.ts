import type Docker from 'dockerode';
import { label } from '../core/plan/labels.ts';
import type { Step } from '../core/plan/plan.ts';
import { statusOf } from './errors.ts';

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
