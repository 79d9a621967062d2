import type { AppError } from '../../preload/contract/errors.ts';
import { toStackId } from '../../preload/contract/ids.ts';
import type { TeamStackRun } from '../../preload/contract/team-stack.ts';
import { teamStackName } from '../../preload/contract/team-stack-name.ts';
import { Button, IconButton } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { ErrorNotice, Hint, Notice } from '../components/notice.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Elapsed } from '../components/time.tsx';
import { stepLook } from '../show/aggregate.ts';
import { isLinked, mayAs } from '../show/team-services.ts';
import { isActiveRun, runStages } from '../show/team-stack.ts';
import { useApp, useOperations, useTeamServices } from '../store/context.ts';
import { selectOperation } from '../store/operations.ts';
import { useAttempt } from '../store/use-attempt.ts';

interface Props {
  readonly engine: string;
  readonly run: TeamStackRun;
  readonly onAgain: () => void;
  readonly onInvite: () => void;
}

/** How far the services are, and what came of it; it stays until it is closed. */
export function TeamUpRun({ engine, run, onAgain, onInvite }: Props) {
  const { client } = useApp();
  const { busy, error, attempt } = useAttempt();
  const close = () => void attempt(() => client.call('teamStack.dismiss', { engine }));
  if (isActiveRun(run)) {
    return (
      <section className="team-run" data-testid="team-run" data-phase={run.phase} aria-label="Bringing up the services">
        <strong role="status">Bringing up {run.team}’s services</strong>
        <ol className="team-run-stages">
          {runStages(run).map(({ title, look }) => (
            <li key={title}>
              <StateShape look={look} labelled />
              {title}
            </li>
          ))}
        </ol>
        <Elapsed since={run.since} until={undefined} />
        <Button
          icon="close"
          busy={busy}
          onClick={() => void attempt(() => client.call('teamStack.cancel', { engine }))}
        >
          Cancel
        </Button>
        <Hint text={error?.message} />
      </section>
    );
  }
  return (
    <div className="team-notices" data-testid="team-run" data-phase={run.phase}>
      {run.phase === 'done' ? (
        <Done addresses={run.addresses} team={run.team} onInvite={onInvite} onClose={close} />
      ) : run.phase === 'failed' ? (
        <Failed engine={engine} team={run.team} error={run.error} onAgain={onAgain} onClose={close} />
      ) : (
        <Notice
          severity="note"
          title="It was cancelled. What was made by then is kept, and is not made again."
          actions={<Button onClick={onAgain}>Go on…</Button>}
          onClose={close}
        />
      )}
    </div>
  );
}

/** What the operation below tells whole is not told twice. */
function Failed({
  engine,
  team,
  error,
  onAgain,
  onClose,
}: Pick<Props, 'engine' | 'onAgain'> & {
  readonly team: string;
  readonly error: AppError;
  readonly onClose: () => void;
}) {
  const told = useOperations(
    (operations) => selectOperation(operations, toStackId(engine, teamStackName))?.error?.message === error.message,
  );
  const shown = {
    title: `${team}’s services could not be brought up`,
    actions: <Button onClick={onAgain}>Go on…</Button>,
    onClose,
  };
  if (!told) return <ErrorNotice error={error} {...shown} />;
  return (
    <Notice severity="bad" {...shown}>
      <p>What was made by then is kept. The steps below say what went wrong.</p>
    </Notice>
  );
}

function Done({
  team,
  addresses,
  onInvite,
  onClose,
}: {
  readonly team: string;
  readonly addresses: readonly string[];
  readonly onInvite: () => void;
  readonly onClose: () => void;
}) {
  const link = useTeamServices((state) => state.link);
  const isYours = isLinked(link) && link.team === team;
  return (
    <section className="notice good team-done" aria-label="The services are up">
      <StateShape look={stepLook.done} />
      <div className="notice-body">
        <div className="notice-title" role="status">
          {team}’s services are up
        </div>
        <ul className="team-addresses">
          {addresses.map((address) => (
            <li key={address}>
              <code>https://{address}</code>
              <CopyButton text={`https://${address}`} what="the address" />
            </li>
          ))}
        </ul>
        <p>
          {isYours
            ? `This machine is linked to them: you are ${link.me.name}, ${link.me.role}. Next, let people in.`
            : 'This machine is not linked to them: an operator’s invite lets you in.'}
        </p>
        {isYours && mayAs(link, 'operator') ? (
          <div className="notice-actions">
            <Button kind="primary" icon="plus" onClick={onInvite}>
              Invite a person…
            </Button>
          </div>
        ) : null}
      </div>
      <IconButton icon="close" label="Close" onClick={onClose} />
    </section>
  );
}
