import { useState } from 'react';
import { useStore } from 'zustand';
import { shellWord } from '../../preload/contract/shell-word.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { shortName, swarmCommand } from '../show/swarm.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import type { LogSession } from '../store/log-session.ts';
import { OpenLogs } from './logs-view.tsx';
import { useSwarmLogSession } from './use-log-session.ts';

/** What all tasks of a service write, on whichever nodes, by time; a node that does not answer is said to be missing. */
export function TeamLogs({
  engine,
  chosen,
  stack,
  service,
}: {
  readonly engine: string;
  /** As the place has it: absent for the preferred engine. */
  readonly chosen: string | undefined;
  readonly stack: string;
  readonly service: string;
}) {
  const { ui } = useApp();
  const other = useOtherEngine();
  const session = useSwarmLogSession(engine, stack, service);
  const name = shortName({ name: service, stack });
  return (
    <div className="team" data-testid="team-logs">
      <header className="team-head">
        <div className="team-title">
          <h1>
            {name} <span className="muted">of {stack}</span>
          </h1>
        </div>
        <CopyLine
          text={swarmCommand(`stack logs -p ${shellWord(stack)} ${shellWord(name)} --follow`, other)}
          what="command"
        />
        <Button
          onClick={() => ui.actions.go(chosen === undefined ? { view: 'team' } : { view: 'team', engine: chosen })}
        >
          Back to the team
        </Button>
      </header>
      {session === undefined ? null : <Lines session={session} />}
    </div>
  );
}

function Lines({ session }: { readonly session: LogSession }) {
  const sources = useStore(session, (state) => state.sources);
  const [picked, setPicked] = useState<readonly string[]>([]);
  return <OpenLogs services={sources} session={session} picked={picked} onPick={setPicked} />;
}
