import type { Raw } from '../plan/inherit.ts';

/* What a Swarm has, for one stack: made by docker/swarm-observe, read by the planner and the linter. */

/** As Placement.Platforms has it. */
export interface ImagePlatform {
  readonly Architecture?: string;
  readonly OS: string;
}

/** The whole spec as the engine has it, ids and all. */
export const seenSpec = ({ spec, template }: ObservedService): Raw => ({ ...spec, TaskTemplate: template });

export interface ObservedService {
  readonly id: string;
  readonly name: string;
  /** Version index: an update that names an older one is refused. */
  readonly version: number;
  /** As the engine has it, with names where ids were. */
  readonly spec: Raw;
  /** Its task template as it is, ids and all: what tasks are compared with. */
  readonly template: Raw;
  readonly previous?: Raw;
  /** `updating`, `paused`, `completed`, `rollback_started`, `rollback_paused`, `rollback_completed`. */
  readonly update?: { readonly state: string; readonly message: string };
  /** Milliseconds since the epoch, by the manager's clock. */
  readonly updatedAt: number;
}

export interface SeenTask {
  readonly id: string;
  readonly service: string;
  readonly slot?: number;
  readonly node?: string;
  /** `new`, `pending`, `assigned`, `accepted`, `preparing`, `starting`, `running`, `complete`, `failed`, `rejected`, `shutdown`, `orphaned`. */
  readonly state: string;
  readonly desired: string;
  /** Milliseconds since the epoch: of the state, by the node's clock; of its creation, by a manager's. */
  readonly at: number;
  readonly createdAt: number;
  readonly error?: string;
  readonly exitCode?: number;
  readonly container?: string;
  /** Of mode `host`: on its node. */
  readonly ports?: readonly { readonly published: number; readonly target: number; readonly protocol: string }[];
  readonly image: string;
  /** What the task was made from. */
  readonly spec: Raw;
}

export interface SwarmNode {
  readonly id: string;
  readonly hostname: string;
  readonly role: string;
  readonly availability: string;
  readonly state: string;
  /** Milliseconds since the epoch, by a manager's clock: when its state (or a label of it) last became another. */
  readonly changedAt?: number;
  /** How the Swarm knows it. */
  readonly address?: string;
  readonly os: string;
  readonly arch: string;
  readonly nanoCpus: number;
  readonly memoryBytes: number;
  readonly engineVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly engineLabels: Readonly<Record<string, string>>;
}

export interface ObservedFile {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** Base64; of the stack's configs only. */
  readonly data?: string;
}

export interface ObservedStack {
  readonly stack: string;
  readonly engine: { readonly apiVersion: string };
  /** Of the manager that was asked, milliseconds since the epoch. */
  readonly now: number;
  readonly services: readonly ObservedService[];
  /** Jobs of a deploy that runs or was interrupted; they are none of its services. */
  readonly jobs?: readonly ObservedService[];
  readonly tasks: readonly SeenTask[];
  readonly nodes: readonly SwarmNode[];
  /** Every network that a service can be attached to, and the engine's own. */
  readonly networks: readonly {
    readonly id: string;
    readonly name: string;
    readonly scope: string;
    /** Between nodes its traffic is encrypted, by kernels that can. */
    readonly encrypted?: boolean;
    readonly labels: Readonly<Record<string, string>>;
  }[];
  /** The team wants its networks encrypted, as its Swarm's label says. */
  readonly encryptOverlays?: boolean;
  /** All of the Swarm. */
  readonly secrets: readonly ObservedFile[];
  readonly configs: readonly ObservedFile[];
  /** Ports that the Swarm's services publish. */
  readonly ports: readonly {
    readonly port: number;
    readonly target?: number;
    readonly protocol: string;
    readonly mode: string;
    readonly service: string;
  }[];
  /** By image: why its registry did not say, where that is a matter of the login. */
  readonly denied?: Readonly<Record<string, { readonly message: string; readonly hint?: string | undefined }>>;
  /** Of those wanted: their registries have no such image, and say so. */
  readonly absentImages?: readonly string[];
  /** By image as the file writes it: the platforms it is for, as its registry says. */
  readonly platforms?: Readonly<Record<string, readonly ImagePlatform[]>>;
  /** By image as the file writes it: the digest its registry has now. */
  readonly digests: Readonly<Record<string, string>>;
  /** Id of the node that was asked. */
  readonly node?: string;
  /** By image as the file writes it: its id on the asked node, of those wanted that no registry has. */
  readonly imageIds?: Readonly<Record<string, string>>;
  /** Images that the asked node has, of those wanted that no registry has. */
  readonly localImages: readonly string[];
}
