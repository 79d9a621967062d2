import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Notice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { servicesAre } from '../show/team-stack.ts';
import { plural } from '../show/words.ts';
import { useOtherEngine } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { Warnings } from './team-parts.tsx';

/** What a manager can do about the team's services as a stack of its Swarm. */
export interface Upkeep {
  readonly team: string | undefined;
  /** Services of the stack that the Swarm has; 0: it is not deployed. */
  readonly count: number;
  readonly onUp: () => void;
  readonly onDown: () => void;
}

/** A manager's Swarm has no services yet: what they are, and the one press that leads to them. */
export function NoServicesYet({ upkeep, onJoin }: { readonly upkeep: Upkeep; readonly onJoin: () => void }) {
  const other = useOtherEngine();
  return (
    <Empty title={`${upkeep.team ?? 'This Swarm'} has no services of its own yet`}>
      <p>{servicesAre}</p>
      <p>
        They run as one stack on the servers of this Swarm, from images that come with claude-env and are built here.
        You see what is made before anything is, and become their first operator, who lets the others in.
      </p>
      <div className="team-ways">
        <Button kind="primary" onClick={upkeep.onUp}>
          Set up the team’s services…
        </Button>
        <Button onClick={onJoin}>Join with an invite…</Button>
      </div>
      <p className="muted">Or in a terminal:</p>
      <CopyLine text={swarmCommand('team up', other)} what="command" />
    </Empty>
  );
}

/** They run here, and this user has no way into them. */
export function NotLetIn({ upkeep, onJoin }: { readonly upkeep: Upkeep; readonly onJoin: () => void }) {
  const other = useOtherEngine();
  return (
    <Empty title={`${upkeep.team ?? 'This Swarm'} has services, and this machine is not linked to them`}>
      <p>
        {plural(upkeep.count, 'service')} of the stack claude-team {upkeep.count === 1 ? 'is' : 'are'} on this Swarm. An
        operator’s invite lets you in; as a manager you can bring them up to date or take them down without one.
      </p>
      <div className="team-ways">
        <Button kind="primary" onClick={onJoin}>
          Join with an invite…
        </Button>
        <Button onClick={upkeep.onUp}>Update…</Button>
        <Button onClick={upkeep.onDown}>Take down…</Button>
      </div>
      <p className="muted">Or in a terminal:</p>
      <CopyLine text={swarmCommand('team join', other)} what="command" />
      <CopyLine text={swarmCommand('team up', other)} what="command" />
    </Empty>
  );
}

/** They are on their way. */
export const OnTheirWay = () => (
  <Empty title="The services are on their way">
    <p>It goes on whether this page is open or not. What is built and deployed is shown below, step by step.</p>
  </Empty>
);

/** This user is linked to them, and they are not on the Swarm any more. */
export const TakenDown = ({ upkeep }: { readonly upkeep: Upkeep }) => (
  <Notice
    severity="note"
    title={`${upkeep.team ?? 'This Swarm'}’s services are not deployed. Their data and what the keychain has go on with them.`}
    actions={
      <Button kind="primary" onClick={upkeep.onUp}>
        Set up the team’s services…
      </Button>
    }
  />
);

/** Above the plan that takes them down: what goes and what stays, and what nobody would have any more. */
export function TakeDownFacts({ engine }: { readonly engine: string }) {
  const { answer } = useAnswer('teamStack.look', { engine });
  const only = answer?.only ?? [];
  return (
    <>
      <p>
        Its services end on every node, and their secrets leave the Swarm. Nobody reaches the MCP servers, the
        configuration and the controller from then on; dev containers keep what was applied. The data stay in the
        volumes claude-team_postgres-data and claude-team_sync-data of their node, and this machine’s values in its
        keychain, so that setting up again goes on with the same people.
      </p>
      {only.length === 0 ? null : (
        <Warnings
          texts={[
            `What this Swarm alone has goes with it: ${only.join(', ')}. Without that nobody opens the data again. Take the services down on the machine that made it, if there is one.`,
          ]}
        />
      )}
    </>
  );
}
