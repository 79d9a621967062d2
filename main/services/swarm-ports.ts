import type { Problem } from '../core/plan/problem.ts';
import type { ObservedStack } from '../core/swarm/observed.ts';
import {
  type MeshKernels,
  type PortAnswer,
  type PortNode,
  type PublishedPort,
  portFindings,
  publishedPorts,
  type TriedPort,
} from '../core/swarm/published-ports.ts';
import { connectTo } from './engine-choice.ts';
import { knownNodes } from './node-engines.ts';
import type { EngineConnection, Engines, MachineNetwork } from './ports.ts';
import { findProbeImage, imagesThatRun } from './probe-image.ts';
import type { SettingsService } from './settings.ts';
import { encryptionFindings } from './swarm-encryption.ts';

export interface TryPorts {
  readonly engines: Engines;
  readonly network: Pick<MachineNetwork, 'tcp'>;
  readonly settings: Pick<SettingsService, 'get'>;
  readonly connection: EngineConnection;
  readonly observed: ObservedStack;
  /** Only these services, by their keys. */
  readonly services?: readonly string[];
}

export interface PortReport {
  readonly ports: readonly TriedPort[];
  readonly findings: readonly Problem[];
}

/** Ports that every node of a Swarm listens on; one that answers says that the node can be reached. */
const swarmPort = 7946;
/** The mesh takes tasks in turn: as many tries reach as many of them. */
const mostTries = 3;

/**
 * Tries the stack's published TCP ports once on each node where they should answer, from this machine: each try ends after three
 * seconds. Kernels are asked only where the mesh does not answer, and only of nodes whose engines are known here.
 */
export async function tryPorts(input: TryPorts): Promise<PortReport> {
  const { engines, network, connection, observed, services } = input;
  const isLocal = engines.list().find(({ id }) => id === connection.id)?.local !== false;
  const reach = createReach(network);
  const candidates = ({ id, address }: PortNode): readonly string[] => {
    const loopback = /^(127\.|::1$|localhost$)/.test(address);
    const here = isLocal && id === observed.node;
    return [...(address === '' || (loopback && !here) ? [] : [address]), ...(here && !loopback ? ['127.0.0.1'] : [])];
  };
  const tried = await Promise.all(
    publishedPorts(observed)
      .filter(({ service }) => services === undefined || services.includes(service))
      .map(async (port): Promise<TriedPort> => {
        const nodes = port.nodes.map(async (node) => ({
          ...node,
          answer: await answerOf(port, candidates(node), reach),
        }));
        return { ...port, nodes: await Promise.all(nodes) };
      }),
  );
  const blind = tried.flatMap(({ mode, nodes }) =>
    mode === 'ingress'
      ? nodes.filter(({ answer }) => answer === 'refused' || answer === 'silent').map(({ id }) => id)
      : [],
  );
  const kernels = blind.length === 0 ? new Map() : await askKernels(input, new Set(blind));
  return { ports: tried, findings: [...portFindings(tried, kernels), ...(await encryptionFindings(input))] };
}

interface Reach {
  readonly tcp: (address: string, port: number) => Promise<'open' | 'refused' | 'silent'>;
  /** Whether anything at all answers there. */
  readonly node: (address: string) => Promise<boolean>;
}

function createReach(network: TryPorts['network']): Reach {
  const known = new Map<string, Promise<boolean>>();
  const ask = async (address: string) => (await network.tcp(address, swarmPort)) !== 'silent';
  return {
    tcp: network.tcp,
    node: (address) => {
      const asked = known.get(address) ?? ask(address);
      known.set(address, asked);
      return asked;
    },
  };
}

async function answerOf(
  port: Pick<PublishedPort, 'published' | 'protocol' | 'mode' | 'tasks'>,
  [address, ...others]: readonly string[],
  reach: Reach,
): Promise<PortAnswer> {
  const { published, protocol, mode, tasks } = port;
  if (protocol !== 'tcp' || address === undefined) return 'untried';
  const tries = mode === 'ingress' ? Math.min(mostTries, tasks) : 1;
  const answers = await Promise.all(Array.from({ length: tries }, () => reach.tcp(address, published)));
  const open = answers.filter((one) => one === 'open').length;
  if (open > 0) return open === tries ? 'yes' : 'partly';
  if (answers.includes('refused')) return 'refused';
  if (await reach.node(address)) return 'silent';
  return others.length === 0 ? 'unreachable' : answerOf(port, others, reach);
}

async function askKernels(input: TryPorts, wanted: ReadonlySet<string>): Promise<MeshKernels> {
  const { engines, connection, observed, settings } = input;
  const known = await knownNodes(engines, connection, observed);
  const asked = await Promise.allSettled(
    known
      .filter(({ node }) => wanted.has(node))
      .map(async ({ node, engine }) => {
        const { membership } = await connectTo(engines, engine);
        const image = await findProbeImage(membership, settings, imagesThatRun(observed));
        return [node, image === undefined ? 'unknown' : await membership.routes(image)] as const;
      }),
  );
  // One that cannot be asked says nothing.
  return new Map(asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
}
