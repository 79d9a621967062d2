import { asHeard, type Heard, type Hearing, isSilent, listen } from '../../core/swarm/hearing.ts';
import type { SwarmNode } from '../../core/swarm/membership.ts';
import type { Clock, MachineNetwork, SwarmMembership } from '../ports.ts';

/** Where engines of a Swarm hear each other. */
const gossipPort = 7946;

/** Nodes as they are known to be by whom an engine hears; remembers for each engine who was heard before. */
export function createHearings({
  clock,
  network,
}: {
  readonly clock: Clock;
  readonly network: Pick<MachineNetwork, 'tcp'>;
}) {
  const hearings = new Map<string, Hearing>();
  return async (engine: string, nodes: readonly SwarmNode[], heard: Heard): Promise<readonly SwarmNode[]> => {
    const now = clock.now();
    const hearing = listen(hearings.get(engine), nodes, heard, now);
    hearings.set(engine, hearing);
    /*
     * One that was cut off for less than Swarm waits is back without a word from Swarm, and the gossip takes up to a minute. Where
     * this machine reaches it, it answers; where not, nothing is known by that. A first silence is not held up for that.
     */
    const before = nodes.filter((node) => isSilent(hearing, node, now) && hearing.missing.get(node.id)?.since !== now);
    const answers = await Promise.all(before.map(({ address }) => network.tcp(address, gossipPort)));
    const back = new Set(before.filter((_node, at) => answers[at] === 'open').map(({ id }) => id));
    return nodes.map((node) => (back.has(node.id) ? node : asHeard(hearing, node, now)));
  };
}

/** Nobody waits longer for machines that say nothing. */
const patience = 500;

/**
 * Whom an engine hears, without those that refuse this machine: where several die at once, the gossip takes 10 s and more. Only
 * an engine of this machine's own is in the network that the addresses are of.
 */
export async function whoAnswers(
  { clock, network }: { readonly clock: Clock; readonly network: Pick<MachineNetwork, 'tcp'> },
  { local, swarm }: { readonly local: boolean; readonly swarm: Pick<SwarmMembership, 'heard'> },
): Promise<Heard> {
  const heard = await swarm.heard();
  if (!local || heard === undefined) return heard;
  const gone = new Set<string>();
  const tried = heard.map(async (address) => {
    if ((await network.tcp(address, gossipPort)) === 'refused') gone.add(address);
  });
  await Promise.race([Promise.all(tried), clock.sleep(patience)]);
  return heard.filter((address) => !gone.has(address));
}
