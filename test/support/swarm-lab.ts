import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Docker from 'dockerode';

/*
 * Engines of a test file's own, as the machines of a team (scripts/lab.mjs): real ones, in network namespaces on a bridge.
 * Root on Linux. They go away with `down`, or when the next lab finds that their test run has died.
 */

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/lab.mjs', import.meta.url));

export interface LabNode {
  /** `n1`, …; its hostname, too. */
  readonly name: string;
  /** Where it was born; `move` gives it another one. */
  readonly address: string;
  readonly socket: string;
  readonly netns: string;
  readonly dir: string;
  readonly docker: Docker;
  /** Runs a program on that machine, that is: in its network, with DOCKER_HOST set; code and both outputs. */
  readonly exec: (
    command: readonly string[],
    options?: { readonly env?: NodeJS.ProcessEnv },
  ) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  readonly cut: () => Promise<void>;
  readonly heal: () => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Another address in the lab's network, as a laptop that woke up elsewhere. */
  readonly move: (address: string) => Promise<void>;
}

export interface SwarmLab {
  readonly name: string;
  /** `10.77.3`: nodes are `.2`, `.3`, …, and the rest up to 254 is free for `move`. */
  readonly subnet: string;
  readonly nodes: readonly LabNode[];
  /** The n-th machine, from 1. */
  readonly node: (number: number) => LabNode;
  /** Makes them one Swarm by the engines' own calls: the first `managers` are managers, the others workers. */
  readonly form: (options?: { readonly managers?: number }) => Promise<void>;
  readonly down: () => Promise<void>;
}

interface NodeState {
  readonly name: string;
  readonly address: string;
  readonly socket: string;
  readonly netns: string;
  readonly dir: string;
}

/** @param options `image`: load claude-env/base into each engine (2 s a node); yes unless told otherwise */
export async function startSwarmLab(options: { readonly nodes: number; readonly image?: boolean }): Promise<SwarmLab> {
  const name = `t${randomBytes(4).toString('hex')}`;
  const lab = async (...args: readonly string[]) => {
    const { stdout } = await run(process.execPath, [script, ...args, '--name', name], { maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  };
  const image = options.image === false ? ['--no-image'] : [];
  const text = await lab('up', String(options.nodes), '--json', '--owner', String(process.pid), ...image);
  const state: { readonly index: number; readonly nodes: readonly NodeState[] } = JSON.parse(text);
  const nodes = state.nodes.map((node) => toLabNode(node, lab));
  const node = (number: number): LabNode => {
    const found = nodes[number - 1];
    if (found === undefined) throw new Error(`The lab has ${nodes.length} machines.`);
    return found;
  };
  return {
    name,
    subnet: `10.77.${state.index}`,
    nodes,
    node,
    form: ({ managers = 1 } = {}) => formSwarm(nodes, managers),
    down: async () => {
      await lab('down');
    },
  };
}

function toLabNode(state: NodeState, lab: (...args: readonly string[]) => Promise<string>): LabNode {
  const { name, netns, socket } = state;
  const act =
    (action: string) =>
    async (...args: readonly string[]) => {
      await lab(action, name, ...args);
    };
  return {
    ...state,
    docker: new Docker({ socketPath: socket }),
    exec: async (command, { env = process.env } = {}) => {
      const args = [`--net=/var/run/netns/${netns}`, '--', ...command];
      try {
        const output = await run('nsenter', args, { env: { ...env, DOCKER_HOST: `unix://${socket}` } });
        return { code: 0, ...output };
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) throw error;
        const { stdout, stderr } = error as unknown as { readonly stdout: string; readonly stderr: string };
        return { code: error.code, stdout, stderr };
      }
    },
    cut: act('cut'),
    heal: act('heal'),
    kill: act('kill'),
    stop: act('stop'),
    start: act('start'),
    move: act('address'),
  };
}

async function formSwarm(nodes: readonly LabNode[], managers: number): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  await first.docker.swarmInit({ AdvertiseAddr: first.address, ListenAddr: '0.0.0.0:2377' });
  const swarm: unknown = await first.docker.swarmInspect();
  const { JoinTokens } = swarm as { readonly JoinTokens: { readonly Manager: string; readonly Worker: string } };
  // One after the other: managers that join at the same moment may find no quorum.
  for (const [at, node] of others.entries()) {
    await node.docker.swarmJoin({
      AdvertiseAddr: node.address,
      ListenAddr: '0.0.0.0:2377',
      RemoteAddrs: [`${first.address}:2377`],
      JoinToken: at + 1 < managers ? JoinTokens.Manager : JoinTokens.Worker,
    });
  }
}
