import type { App } from '../../main/hosts/shared/create-app.ts';
import type { SwarmState } from '../../preload/contract/swarm.ts';
import { applySwarmPatch, unseenSwarm } from '../../preload/contract/swarm-state.ts';

/** A Swarm as a page that is open shows it. */
export interface SeenSwarm {
  readonly engine: string;
  readonly state: () => SwarmState;
  /** State of the node with this hostname. */
  readonly node: (hostname: string) => SwarmState['nodes'][string]['state'] | undefined;
  /** Resolves with the seconds since `begun` once it is so; rejects with what was there instead when that takes longer than `limit`. */
  readonly within: (limit: number, begun: number, what: string, fits: () => boolean) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Follows the Swarm of the app's engine. */
export async function watchSwarm({ services }: App): Promise<SeenSwarm> {
  const { engine } = await services.team.view({});
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  let state: SwarmState = unseenSwarm;
  const over = services.swarmLive.follow(
    engine,
    (frame) => {
      state = frame.kind === 'snapshot' ? frame.state : frame.patches.reduce(applySwarmPatch, state);
      for (const look of [...waiting]) look();
    },
    closing.signal,
  );
  const within: SeenSwarm['within'] = (limit, begun, what, fits) =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        waiting.delete(look);
        settle();
      };
      const look = () => {
        if (!fits()) return;
        const seconds = (performance.now() - begun) / 1000;
        console.log(`${what}: seen after ${seconds.toFixed(1)} s, promised ${limit} s`);
        end(() => resolve(seconds));
      };
      const late = () =>
        end(() => reject(new Error(`${what}: not seen within ${limit} s, but ${JSON.stringify(brief(state))}`)));
      const timer = setTimeout(late, begun + limit * 1000 - performance.now());
      waiting.add(look);
      look();
    });
  return {
    engine,
    state: () => state,
    node: (hostname) => Object.values(state.nodes).find((node) => node.hostname === hostname)?.state,
    within,
    close: async () => {
      closing.abort();
      await over;
    },
  };
}

const brief = ({ part, nodes, services }: SwarmState) => ({
  part,
  nodes: Object.values(nodes).map(({ hostname, state, leader }) => [hostname, state, leader]),
  services: Object.values(services).map(({ name, aggregate, running, reason }) => [name, aggregate, running, reason]),
});
