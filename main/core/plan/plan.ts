import type {
  ContainerState,
  Health,
  PlanAction,
  PortConflict,
  PublishedPort,
} from '../../../preload/contract/model.ts';
import type { Build } from '../compose/project.ts';
import type { SecretOrigin } from '../compose/x-claude-env.ts';
import type { SwarmStep } from '../swarm/steps.ts';
import type { Raw } from './inherit.ts';
import type { Problem } from './problem.ts';

/*
 * Snapshot, pure plan, dumb executor. `Observed` is what the engine has for one project; a planner turns a Project and
 * an Observed into steps; `docker/execute` makes one engine call a step. Objects that a step creates are referred to by
 * name, because their id is not known when the plan is made; the engine takes names wherever it takes ids.
 */

export interface ObservedContainer {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly service: string;
  readonly number: number;
  readonly oneOff: boolean;
  readonly state: ContainerState;
  readonly health: Health;
  readonly exitCode?: number;
  /** Labels com.docker.compose.config-hash and .image; absent when missing (made by something else). */
  readonly configHash?: string;
  readonly imageLabel?: string;
  /** Image the container was made from, as the engine says. */
  readonly imageId: string;
  readonly dependsOn?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Network name → the container's aliases there. */
  readonly networks: Readonly<Record<string, { readonly id: string; readonly aliases: readonly string[] }>>;
  readonly mounts: readonly {
    readonly type: string;
    readonly name?: string;
    readonly source?: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
  readonly ports: readonly PublishedPort[];
  readonly hasHealthcheck: boolean;
  /** Files of secrets that were kept in memory and are gone, while it runs: whoever started it could not bring them. */
  readonly missingSecrets?: readonly string[];
  /** All of it, as the engine says it; absent where somebody described a container by hand. */
  readonly details?: ContainerDetails;
}

/** Of inspect: Config, HostConfig and NetworkSettings.Networks, in the Engine API's own spelling. */
export interface ContainerDetails {
  readonly config: Raw;
  readonly hostConfig: Raw;
  readonly networks: Readonly<Record<string, Raw>>;
}

export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly configHash?: string;
  /** Ids of further networks with this name and the project's label: the engine allows that, and then starts nothing in them. */
  readonly twins?: readonly string[];
  /** Running containers of others that are connected: while they are, the network cannot be removed. */
  readonly guests?: readonly string[];
}
export interface ObservedVolume {
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly configHash?: string;
}
export interface ObservedImage {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly os: string;
  readonly arch: string;
  /** The image brings a health check of its own. */
  readonly hasHealthcheck: boolean;
  /** Paths that the image declares as anonymous volumes. */
  readonly volumes: readonly string[];
  /** What its containers inherit, as the engine says it. */
  readonly config?: Raw;
  /** `name@sha256:…` of the manifests it was pulled by; empty for what was built here. */
  readonly digests?: readonly string[];
  /** Seconds since it was last tagged or pulled; absent where the engine does not say. */
  readonly taggedSeconds?: number;
}

export interface Observed {
  readonly engine: {
    /** As the handshake names it: `Docker Engine`, `Podman`, ... */
    readonly product: string;
    readonly apiVersion: string;
    readonly os: string;
    readonly arch: string;
  };
  /** Every container with the project's label, running or not, one-offs too. */
  readonly containers: readonly ObservedContainer[];
  /** The project's networks and every network that the file names as external, by name. */
  readonly networks: Readonly<Record<string, ObservedNetwork>>;
  readonly volumes: Readonly<Record<string, ObservedVolume>>;
  /** By the reference the file writes; a reference that is not on the engine is missing here. */
  readonly images: Readonly<Record<string, ObservedImage>>;
  /** By reference: the manifest that its registry has now. Only what a pull policy makes due, and where the registry says. */
  readonly registryDigests?: Readonly<Record<string, string>>;
  /** By service with a build section whose context was digested: what the image would be labelled with. */
  readonly buildDigests: Readonly<Record<string, string>>;
  /** Absent: nobody looked. */
  readonly builders?: {
    /** Version of the CLI's plugin on this machine, where it is there. */
    readonly buildx?: string;
    /** By service: what of its Dockerfile only BuildKit can build. */
    readonly dockerfiles: Readonly<Record<string, readonly string[]>>;
  };
  /** Names of containers that are not the project's. `owner` is what a message calls them. */
  readonly foreignNames: readonly { readonly name: string; readonly owner: string }[];
  /** Published ports on this engine's host that something else holds now. */
  readonly takenPorts: readonly TakenPort[];
}

export interface TakenPort {
  readonly hostIp: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly owner: string;
  /** Id of the container that publishes it, so that a plan which replaces that container is not in conflict with itself. */
  readonly containerId?: string;
  readonly alternative?: number;
}

interface StepBase {
  /** Stable within a plan and readable: `create-container webshop-web-1`. */
  readonly id: string;
  readonly target: string;
  readonly service?: string;
  /** Why, in one clause: `image changed`, `not there yet`, `depends_on db: service_healthy`. */
  readonly cause: string;
  readonly destructive: boolean;
  /** Steps that must have succeeded before. */
  readonly after: readonly string[];
}

/** Body of POST /containers/create, in the Engine API's own spelling; made by container-spec.ts. */
export type CreateBody = Readonly<Record<string, unknown>>;

export type Step = StepBase &
  (
    | {
        readonly kind: 'pull-image';
        readonly image: string;
        readonly platform?: string;
        /** Its failure is said and nothing waits for it. */
        readonly optional?: boolean;
      }
    | {
        readonly kind: 'build-image';
        readonly image: string;
        readonly build: Build;
        /** Written on the image as label `io.claude-env.build-digest`. */
        readonly digest?: string;
        readonly noCache: boolean;
        readonly pull: boolean;
        readonly labels: Readonly<Record<string, string>>;
        /** What only BuildKit does (`build.secrets`, `RUN --mount (line 7)`): goes through buildx. Absent: the classic builder. */
        readonly needs?: readonly string[];
        readonly secrets?: readonly BuildSecret[];
        /** buildx' builder; absent: the engine's own. */
        readonly builder?: string;
        /** Bytes that a build container may have. */
        readonly memory?: number;
        readonly push?: boolean;
      }
    | { readonly kind: 'create-network'; readonly name: string; readonly body: Readonly<Record<string, unknown>> }
    | { readonly kind: 'remove-network'; readonly name: string }
    | { readonly kind: 'create-volume'; readonly name: string; readonly body: Readonly<Record<string, unknown>> }
    | { readonly kind: 'remove-volume'; readonly name: string }
    | {
        readonly kind: 'create-container';
        readonly name: string;
        /** Reference whose id the executor looks up at this moment and writes into label com.docker.compose.image. */
        readonly image: string;
        readonly platform?: string;
        readonly body: CreateBody;
        /**
         * Networks to connect before the start besides the one in the body (API < 1.44 takes only one at creation),
         * as bodies of POST /networks/{name}/connect.
         */
        readonly connect: readonly { readonly network: string; readonly body: Readonly<Record<string, unknown>> }[];
        /** Container whose anonymous volumes are inherited. */
        readonly replaces?: string;
        /** The same, of one that is gone by then: the volumes themselves. */
        readonly inherits?: readonly { readonly name: string; readonly target: string; readonly readOnly: boolean }[];
        /** Ids that are not known yet, and the hash that depends on them; see later-ids.ts. */
        readonly later?: LaterIds;
      }
    | {
        /** Before a start: files whose contents come from values, see deliveries.ts. */
        readonly kind: 'deliver-files';
        readonly container: string;
        readonly files: readonly DeliveredFile[];
        /** Where those with `inMemory` go: a volume on tmpfs, and where it is mounted; see secret-volumes.ts. */
        readonly memory?: { readonly volume: string; readonly target: string };
      }
    | { readonly kind: 'start-container'; readonly container: string }
    | {
        readonly kind: 'stop-container';
        readonly container: string;
        readonly timeout?: number;
        /** pre_stop hooks, run before the stop. */
        readonly hooks: readonly HookSpec[];
      }
    | { readonly kind: 'restart-container'; readonly container: string; readonly timeout?: number }
    | { readonly kind: 'kill-container'; readonly container: string; readonly signal: string }
    | { readonly kind: 'pause-container' | 'unpause-container'; readonly container: string }
    | { readonly kind: 'remove-container'; readonly container: string; readonly removeVolumes: boolean }
    | { readonly kind: 'rename-container'; readonly container: string; readonly to: string }
    | {
        readonly kind: 'connect-network';
        readonly network: string;
        readonly container: string;
        readonly body: Readonly<Record<string, unknown>>;
      }
    | { readonly kind: 'disconnect-network'; readonly network: string; readonly container: string }
    /** `optional`: a dependency with `required: false`; its failure is a warning and later steps go on. */
    | {
        readonly kind: 'wait-healthy';
        readonly container: string;
        readonly timeout?: number;
        readonly optional: boolean;
        /**
         * The image is not there when the plan is made, so nobody knows yet whether it brings a health check: where the
         * container turns out to have none, running is enough. Without this, no health check is a failure.
         */
        readonly orRunning?: boolean;
        /** It is unhealthy when the wait begins, and what mends it has just been done: only the timeout is a failure. */
        readonly mayRecover?: boolean;
      }
    | {
        readonly kind: 'wait-completed';
        readonly container: string;
        readonly timeout?: number;
        readonly optional: boolean;
      }
    | {
        readonly kind: 'wait-running';
        readonly container: string;
        readonly timeout?: number;
        readonly optional: boolean;
      }
    | { readonly kind: 'run-hook'; readonly container: string; readonly hook: HookSpec }
    | SwarmStep
  );

export interface LaterIds {
  /** Mark in the body and in `hashed` → name of the container whose id goes there. */
  readonly names: Readonly<Record<string, string>>;
  /** Text whose SHA-256 becomes the label config-hash. */
  readonly hashed: string;
}

/** A value that the core knows by name only; the service layer has it looked up when the step runs. */
export interface SecretReference {
  readonly from: 'environment';
  /** Name of the variable, or of the keychain's entry where `origin` says so. */
  readonly variable: string;
  /** Where the file says that it comes from; absent: the environment, then the keychain. */
  readonly origin?: SecretOrigin;
  /** With the keychain as origin: the variable that stands in for an entry that is not there. */
  readonly fallback?: string;
  /** What it is in the file, for messages. */
  readonly kind: 'secret' | 'config' | 'variable';
  readonly name: string;
}

/** What `RUN --mount=type=secret,id=…` finds. */
export type BuildSecret =
  | { readonly id: string; readonly file: string }
  | { readonly id: string; readonly value: SecretReference };

export interface DeliveredFile {
  /** Absolute, in the container. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly source:
    | SecretReference
    | { readonly from: 'text'; readonly text: string }
    /** What `docker login` left on this machine, as a config.json; no file when there is none. */
    | { readonly from: 'registry-logins' };
  /** Kept in memory: its place in the step's volume. Where that is another one than `path`, that is a link to it. */
  readonly inMemory?: string;
}

export interface HookSpec {
  readonly command: readonly string[];
  readonly user?: string;
  readonly privileged: boolean;
  readonly workingDir?: string;
  /** KEY=value */
  readonly environment: readonly string[];
}

export type Conflict = PortConflict & Pick<Problem, 'at'>;

export interface CorePlan {
  readonly project: string;
  readonly action: PlanAction;
  readonly steps: readonly Step[];
  readonly losses: readonly string[];
  readonly conflicts: readonly Conflict[];
  /** What stands in the way besides ports: errors, by the key they are about. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Hash function handed in by the host: lower-case hex of SHA-256 over UTF-8. */
export type Sha256 = (text: string) => string;
