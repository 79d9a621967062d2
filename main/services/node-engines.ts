import { type NodeEngine, unregistered } from '../core/swarm/node-images.ts';
import type { ObservedStack } from '../core/swarm/observed.ts';
import { settled } from './engine-choice.ts';
import type { EngineConnection, Engines } from './ports.ts';

/** A plan does not wait longer for an engine that does not answer (milliseconds). */
const patience = 8000;

/**
 * The engines of this machine's list that are other nodes of the Swarm, and which of the stack's unregistered images they
 * have. None is asked when there is no such image, or no other node.
 */
export async function findNodeEngines(
  engines: Engines,
  own: EngineConnection,
  observed: ObservedStack,
): Promise<readonly NodeEngine[]> {
  const ids = [...new Set(unregistered(observed).values())];
  if (ids.length === 0 || observed.nodes.length < 2) return [];
  const nodes = new Set(observed.nodes.map(({ id }) => id));
  const signal = AbortSignal.timeout(patience);
  const look = async (engine: EngineConnection): Promise<NodeEngine | undefined> => {
    await settled(engines, engine.id, signal);
    if (engine.state().kind !== 'connected') return undefined;
    const { nodeId: node } = await engine.membership.self();
    if (!nodes.has(node) || node === observed.node) return undefined;
    const found = await Promise.all(
      ids.map(async (id) => ((await engine.image(id, signal)) === undefined ? [] : [id])),
    );
    return { node, engine: engine.id, images: found.flat() };
  };
  const others = engines.list().filter(({ id }) => id !== own.id);
  // One that does not answer cannot be given an image: the plan says so of its node.
  const seen = await Promise.allSettled(others.map(({ id }) => look(engines.get(id))));
  const known = new Map<string, NodeEngine>();
  for (const one of seen) {
    if (one.status === 'fulfilled' && one.value !== undefined) known.set(one.value.node, one.value);
  }
  return [...known.values()];
}
