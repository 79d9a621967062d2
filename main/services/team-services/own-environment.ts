import type { Aggregate, Service, Stack } from '../../../preload/contract/model.ts';
import type { EnvironmentState } from '../../../preload/contract/team-services.ts';
import type { OwnEnvironment } from './live.ts';

/** The service of the stack we ship that is the environment itself. */
const devContainer = 'claude-env';

const states: Readonly<Record<Aggregate, EnvironmentState>> = {
  healthy: 'running',
  degraded: 'running',
  working: 'starting',
  failed: 'failed',
  stopped: 'stopped',
  completed: 'stopped',
  unknown: 'unknown',
};
/** Of several environments, the one that most is going on in. */
const order: readonly EnvironmentState[] = ['running', 'starting', 'failed', 'unknown', 'stopped'];

/** What of the live state counts. */
interface Looked {
  readonly stacks: Readonly<Record<string, Pick<Stack, 'kind'>>>;
  readonly services: Readonly<Record<string, Pick<Service, 'stack' | 'name' | 'aggregate'>>>;
}

/** Pure. How this machine's environment is; where none has been looked at, nobody knows. */
export function environmentState({ stacks, services }: Looked): EnvironmentState {
  const found = new Set(
    Object.values(services).flatMap(({ stack, name, aggregate }) =>
      name === devContainer && stacks[stack]?.kind === 'local' ? [states[aggregate]] : [],
    ),
  );
  return order.find((state) => found.has(state)) ?? 'unknown';
}

export interface OwnEnvironmentOptions {
  readonly live: {
    readonly state: () => Looked;
    readonly subscribe: (listener: () => void) => () => void;
  };
  readonly machine: string;
  /** What of the team's configuration is applied here; undefined: nothing is known. */
  readonly applied: () => Promise<{ readonly revision?: string; readonly drifted: readonly string[] } | undefined>;
  readonly onApplied: (listener: () => void) => () => void;
  /** This machine's name in the Swarm; undefined: it is no node. */
  readonly node: () => Promise<string | undefined>;
  /** Called when it joined a Swarm or left it. */
  readonly onNode: (listener: () => void) => () => void;
}

/** What the team is told of this machine: told again when it is another state, or another configuration. */
export function createOwnEnvironment(options: OwnEnvironmentOptions) {
  const { live, machine, applied, onApplied, node, onNode } = options;
  return {
    environment: async (): Promise<OwnEnvironment> => {
      const [configuration, name] = await Promise.all([applied(), node()]);
      return {
        // As long as a host's name may be.
        machine: machine.slice(0, 63),
        state: environmentState(live.state()),
        ...configuration,
        ...(name === undefined ? {} : { node: name }),
      };
    },
    onEnvironment: (listener: () => void): (() => void) => {
      let before = environmentState(live.state());
      const look = (): void => {
        const now = environmentState(live.state());
        if (now === before) return;
        before = now;
        listener();
      };
      const stops = [live.subscribe(look), onApplied(listener), onNode(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
