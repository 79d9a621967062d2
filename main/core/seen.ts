import type { ContainerState, Health, PublishedPort } from '../../preload/contract/model.ts';
import type { FileAdvice } from './secret-files.ts';

/** One container as the live view needs it; taken from an inspect. */
export interface SeenContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: ContainerState;
  readonly health: Health;
  readonly exitCode?: number;
  readonly oomKilled: boolean;
  /** The engine's own sentence when it could not start the container. */
  readonly error?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly restarts: number;
  readonly restartPolicy?: string;
  readonly image: string;
  readonly ports: readonly PublishedPort[];
  readonly healthOutput?: string;
  /** Files of secrets that were kept in memory and are gone, while it runs or is started again. */
  readonly missingSecrets?: readonly string[];
  /** Secrets in its environment that its image would read from files. */
  readonly fileAdvice?: readonly FileAdvice[];
}

export interface EngineEvent {
  /** `service` and `node`: of a Swarm, told by its managers. */
  readonly type: 'container' | 'network' | 'volume' | 'image' | 'service' | 'node';
  /** `start`, `die`, `health_status: healthy`, … as the engine writes it. */
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch, as a string. */
  readonly timeNano: string;
}
/** `gap`: events may have been missed since the last one; take a fresh snapshot. Sent after every (re)connection. */
export type EngineSignal = { readonly kind: 'event'; readonly event: EngineEvent } | { readonly kind: 'gap' };
