import { useEffect, useState } from 'react';
import type { TeamStackRun } from '../../preload/contract/team-stack.ts';
import { useApp } from './context.ts';

/** The run that sets up or updates the team's services by this engine, as long as somebody looks; null: there is none. */
export function useTeamStackRun(engine: string | undefined): TeamStackRun | null {
  const { client } = useApp();
  const [seen, setSeen] = useState<{ readonly engine: string; readonly run: TeamStackRun | null }>();
  useEffect(() => {
    if (engine === undefined) return;
    return client.subscribe(
      'teamStack',
      { engine },
      {
        onFrame: ({ run }) => setSeen({ engine, run }),
        // Nobody tells any more how far it is; the operations and the Swarm still do.
        onEnd: () => setSeen({ engine, run: null }),
      },
    );
  }, [client, engine]);
  return seen?.engine === engine ? (seen?.run ?? null) : null;
}
