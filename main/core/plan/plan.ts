import type { Diagnostic } from '../../../preload/contract/errors.ts';
import type {
  ContainerState,
  Health,
  PlanAction,
  PortConflict,
  PublishedPort,
} from '../../../preload/contract/model.ts';
import type { Build } from '../compose/project.ts';

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
  /** Label com.docker.compose.replace: the container this one was about to replace (an interrupted recreation). */
  readonly replaces?: string;
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
}

export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly configHash?: string;
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
}

export interface Observed {
  readonly engine: { readonly apiVersion: string; readonly os: string; readonly arch: string };
  /** Every container with the project's label, running or not, one-offs too. */
  readonly containers: readonly ObservedContainer[];
  /** The project's networks and every network that the file names as external, by name. */
  readonly networks: Readonly<Record<string, ObservedNetwork>>;
  readonly volumes: Readonly<Record<string, ObservedVolume>>;
  /** By the reference the file writes; a reference that is not on the engine is missing here. */
  readonly images: Readonly<Record<string, ObservedImage>>;
  /** By service with a build section whose context was digested: what the image would be labelled with. */
  readonly buildDigests: Readonly<Record<string, string>>;
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
    | { readonly kind: 'pull-image'; readonly image: string; readonly platform?: string }
    | {
        readonly kind: 'build-image';
        readonly image: string;
        readonly build: Build;
        /** Written on the image as label `io.claude-env.build-digest`. */
        readonly digest?: string;
        readonly noCache: boolean;
        readonly pull: boolean;
        readonly platform?: string;
        readonly labels: Readonly<Record<string, string>>;
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
  );

export interface HookSpec {
  readonly command: readonly string[];
  readonly user?: string;
  readonly privileged: boolean;
  readonly workingDir?: string;
  /** KEY=value */
  readonly environment: readonly string[];
}

export interface CorePlan {
  readonly project: string;
  readonly action: PlanAction;
  readonly steps: readonly Step[];
  readonly losses: readonly string[];
  readonly conflicts: readonly PortConflict[];
  readonly warnings: readonly Diagnostic[];
}

/** Hash function handed in by the host: lower-case hex of SHA-256 over UTF-8. */
export type Sha256 = (text: string) => string;
