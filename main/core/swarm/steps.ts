import type { Raw } from '../plan/inherit.ts';
import type { SecretReference } from '../plan/plan.ts';

/* What a plan for a Swarm is made of besides networks; one engine call a step, see docker/swarm-execute.ts. */

/** Where the bytes of a secret come from when its step runs. */
export type SecretSource =
  | { readonly from: 'file'; readonly path: string }
  | SecretReference
  | { readonly from: 'text'; readonly text: string };

/**
 * `version` and `seen`: the spec that the plan is for, and its index. The index also rises when Swarm notes how an update
 * goes; where the spec is still the one that was seen, that is nobody's change.
 */
export type SwarmStep =
  | {
      readonly kind: 'create-service';
      /** Body of POST /services/create with networks, secrets and configs by name. */
      readonly body: Raw;
      /** Whose registry login goes along. */
      readonly image: string;
      /** The same deploy pushes it: its digest is known when the step runs. */
      readonly pushed?: true;
    }
  | {
      readonly kind: 'update-service';
      readonly body: Raw;
      readonly image: string;
      readonly pushed?: true;
      readonly serviceId: string;
      readonly version: number;
      readonly seen: Raw;
    }
  /** Back to the spec that the engine keeps from before the last change. */
  | { readonly kind: 'rollback-service'; readonly serviceId: string; readonly version: number; readonly seen: Raw }
  | { readonly kind: 'remove-service'; readonly serviceId: string }
  | {
      readonly kind: 'create-secret';
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly source?: SecretSource;
      /** Driver and Templating, as the Engine API has them. */
      readonly more: Raw;
    }
  | { readonly kind: 'create-config'; readonly name: string; readonly body: Raw }
  | { readonly kind: 'remove-secret' | 'remove-config'; readonly name: string }
  | {
      readonly kind: 'wait-converged';
      readonly stack: string;
      /** Its name on the engine. */
      readonly name: string;
      /** It follows an update of ours. */
      readonly changed: boolean;
      /** When it does not come up: back to what ran before, so that the old secret stays in use. */
      readonly rollback: boolean;
      /** Seconds; absent: as long as it takes. */
      readonly timeout?: number;
    }
  /** To a node whose engine this machine is connected to, from the engine that is asked; under a tag of its own on both. */
  | {
      readonly kind: 'send-image';
      /** Its id. */
      readonly image: string;
      readonly tag: string;
      readonly hostname: string;
      /** The node's engine, as this machine's list has it. */
      readonly engine: string;
    }
  /** From the engine that is asked to the team's registry, under a name that stays. */
  | {
      readonly kind: 'push-image';
      /** Its id. */
      readonly image: string;
      /** With registry and tag. */
      readonly as: string;
    }
  /** On each of these nodes a task tries to have the image, and runs nothing of it; fails with the nodes that cannot. */
  | {
      readonly kind: 'check-image';
      readonly stack: string;
      readonly body: Raw;
      readonly image: string;
      readonly nodes: readonly { readonly id: string; readonly hostname: string }[];
    }
  /** What a volume holds, from the node that has it to a file of this machine. */
  | {
      readonly kind: 'backup-volume';
      readonly stack: string;
      readonly volume: string;
      /** Hostname and id of its node. */
      readonly node: string;
      readonly nodeId: string;
      /** The node's engine, as this machine's list has it. */
      readonly engine: string;
      /** What the service runs. */
      readonly image: string;
      /** Tasks run. */
      readonly inUse: boolean;
      readonly reason: string;
    }
  /** The volume becomes what a copy on this machine says; what it holds now is copied first. */
  | {
      readonly kind: 'restore-volume';
      readonly volume: string;
      readonly node: string;
      /** The copy's id. */
      readonly backup: string;
    }
  /** A job: made, waited for and removed. */
  | {
      readonly kind: 'run-job';
      readonly stack: string;
      /** Its name on the engine. */
      readonly name: string;
      readonly job: 'migrate' | 'smoke';
      readonly body: Raw;
      readonly image: string;
      /** Seconds. */
      readonly timeout: number;
      /** When it fails: services that go back to what was seen of them. */
      readonly undo: readonly {
        readonly target: string;
        readonly name: string;
        readonly serviceId: string;
        readonly seen: Raw;
      }[];
      /** When it fails: services that this deploy changed and that stay, which is said. */
      readonly stays: readonly string[];
    }
  /** Until no task of the stack's removed services is left. */
  | { readonly kind: 'wait-removed'; readonly stack: string; readonly services: readonly string[] };
