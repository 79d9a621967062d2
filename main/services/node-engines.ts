import type { RegistryAnswer } from '../core/plan/preflight.ts';
import type { KnownEngine } from '../core/swarm/data-care.ts';
import { type NodeEngine, unregistered } from '../core/swarm/node-images.ts';
import type { ObservedStack } from '../core/swarm/observed.ts';
import { namesInRegistry, type TeamRegistry } from '../core/swarm/push-images.ts';
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
  if (ids.length === 0) return [];
  const signal = AbortSignal.timeout(patience);
  const found = await otherNodes(engines, own, observed, signal);
  const seen = await Promise.allSettled(
    found.map(async ({ node, engine }): Promise<NodeEngine> => {
      const connection = engines.get(engine);
      const has = await Promise.all(
        ids.map(async (id) => ((await connection.image(id, signal)) === undefined ? [] : [id])),
      );
      return { node, engine, images: has.flat() };
    }),
  );
  // One that does not answer cannot be given an image: the plan says so of its node.
  return seen.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** Which engines of this machine's list, the asked one too, are which nodes of the Swarm; who does not answer is none. */
export const knownNodes = async (
  engines: Engines,
  own: Pick<EngineConnection, 'id'>,
  observed: Pick<ObservedStack, 'nodes' | 'node'>,
): Promise<readonly KnownEngine[]> => [
  ...(observed.node === undefined ? [] : [{ node: observed.node, engine: own.id }]),
  ...(await otherNodes(engines, own, observed)),
];

async function otherNodes(
  engines: Engines,
  own: Pick<EngineConnection, 'id'>,
  { nodes, node: asked }: Pick<ObservedStack, 'nodes' | 'node'>,
  signal = AbortSignal.timeout(patience),
): Promise<readonly KnownEngine[]> {
  if (nodes.length < 2) return [];
  const known = new Set(nodes.map(({ id }) => id));
  const look = async (engine: EngineConnection): Promise<KnownEngine | undefined> => {
    await settled(engines, engine.id, signal);
    if (engine.state().kind !== 'connected') return undefined;
    const { nodeId: node } = await engine.membership.self();
    return known.has(node) && node !== asked ? { node, engine: engine.id } : undefined;
  };
  const others = engines.list().filter(({ id }) => id !== own.id);
  const seen = await Promise.allSettled(others.map(({ id }) => look(engines.get(id))));
  const found = seen.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
  return [...new Map(found.map((one) => [one.node, one])).values()];
}

/** What the team's registry says of the images that no other has, under their names there. A place of undefined: there is none. */
export async function askTeamRegistry(
  own: Pick<EngineConnection, 'askRegistry'>,
  place: string | undefined,
  observed: ObservedStack,
): Promise<TeamRegistry | undefined> {
  if (place === undefined) return undefined;
  const answers = new Map<string, RegistryAnswer>();
  await Promise.all(
    [...namesInRegistry(place, observed).values()].map(async (name) => {
      // One that does not answer in time takes nothing: the plan says so.
      const answer = await own.askRegistry(name, AbortSignal.timeout(patience)).catch(() => undefined);
      if (answer !== undefined) answers.set(name, answer);
    }),
  );
  return { place, answers };
}
