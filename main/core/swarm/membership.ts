import type { MachineRole, SwarmRole } from './invite.ts';

/* What membership is made of, as the engine tells it. */

/** This engine's own part, from GET /info: any engine answers that, also a worker's. */
export interface SwarmSelf {
  /** `error`: it tries to be a member and cannot; `problem` says why. */
  readonly state: 'inactive' | 'pending' | 'active' | 'error' | 'locked';
  readonly nodeId: string;
  /** How the others know it. */
  readonly address: string;
  /** Managers can be asked about the Swarm. */
  readonly manager: boolean;
  readonly problem: string;
  readonly managers: readonly { readonly id: string; readonly address: string }[];
  readonly hostname: string;
  readonly product: string;
  readonly rootDir: string;
}

export interface SwarmNode {
  readonly id: string;
  readonly hostname: string;
  readonly address: string;
  readonly role: SwarmRole;
  readonly availability: 'active' | 'pause' | 'drain';
  readonly state: 'ready' | 'down' | 'disconnected' | 'unknown';
  /** In the Swarm's own words, when it is not ready. */
  readonly message: string;
  /** When the Swarm last wrote down anything of it, by a manager's clock: milliseconds since the epoch; 0: not known. */
  readonly changedAt: number;
  readonly manager?: { readonly leader: boolean; readonly reachable: boolean; readonly address: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly engine: string;
  /** `linux/x86_64`, as the node says it. */
  readonly platform: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** The Swarm itself, which only managers know. */
export interface SwarmState {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly autolock: boolean;
  /** PEM. */
  readonly rootCa: string;
  /** Secrets. */
  readonly tokens: Readonly<Record<SwarmRole, string>>;
  readonly dataPathPort: number;
  readonly addressPools: readonly string[];
}

export interface SwarmInit {
  readonly advertise: string;
  readonly dataPathPort?: number;
  readonly addressPool?: { readonly base: string; readonly size: number };
  readonly autolock: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Goes on alone with what this manager knows: the others are forgotten. */
  readonly forceNew?: true;
}

export interface SwarmJoin {
  readonly managers: readonly string[];
  /** A secret. */
  readonly token: string;
  /** undefined: the engine chooses, where it has only one. */
  readonly advertise?: string;
}

export interface SwarmChange {
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly autolock?: boolean;
  readonly rotate?: SwarmRole | 'unlock-key';
}

export interface NodeChange {
  readonly role?: SwarmRole;
  readonly availability?: SwarmNode['availability'];
  /** undefined takes a label away. */
  readonly labels?: Readonly<Record<string, string | undefined>>;
}

export interface ProbeResponder {
  readonly image: string;
  /** The manager it runs on. */
  readonly nodeId: string;
  readonly seconds: number;
  readonly encrypted: boolean;
}
export interface ProbeCall {
  readonly image: string;
  readonly seconds: number;
}
/**
 * `both`: overlay traffic flows in both directions; `name`: the other end was not found at all; `traffic`: found, and nothing
 * comes back; `back`: it cannot call this machine; `no-network`: the team has no network for the test, or not yet here.
 */
export type ProbeVerdict = 'both' | 'name' | 'traffic' | 'back' | 'no-network';

/** Labels of the Swarm and its nodes; in the Swarm, so that every operator's program reads the same. */
export const teamLabels = {
  team: 'io.claude-env.team',
  /** `true` or `false`: whether networks of stacks are encrypted unless they say otherwise. */
  encrypted: 'io.claude-env.overlay-encrypted',
  /** JSON of the issued invites, without their tokens. */
  invites: 'io.claude-env.invites',
  /** Of a node: `server` or `laptop`. */
  machine: 'io.claude-env.role',
} as const;

/** A node without the label is nobody's server: services of the team are constrained to servers. */
export const toMachineRole = (labels: Readonly<Record<string, string>>): MachineRole | undefined => {
  const found = labels[teamLabels.machine];
  return found === 'server' || found === 'laptop' ? found : undefined;
};
