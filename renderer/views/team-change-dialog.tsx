import { useEffect, useRef, useState } from 'react';
import type { Plan } from '../../preload/contract/model.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { onEngine, swarmCommand } from '../show/swarm.ts';
import { type AskedChange, changeTitle, changeVerb, isTakeDown } from '../show/swarm-change.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { PlanBody } from './plan-body.tsx';
import { ChangeOptions } from './team-change-options.tsx';
import { TakeDownFacts } from './team-upkeep.tsx';

/** The plan of a change, which is done only when it is confirmed; one that no longer holds is made anew and shown. */
export function TeamChangeDialog({
  engine,
  asked,
  onClose,
}: {
  readonly engine: string;
  readonly asked: AskedChange;
  readonly onClose: () => void;
}) {
  const { client, ui } = useApp();
  const other = useOtherEngine();
  const [change, setChange] = useState(asked.change);
  const [backup, setBackup] = useState<boolean>();
  /** Options that cannot be read as they are typed: what is shown does without them. */
  const [mistakes, setMistakes] = useState(0);
  const input = {
    engine,
    ...(asked.stack === undefined ? {} : { stack: asked.stack }),
    change,
    ...(backup === undefined ? {} : { backup }),
  };
  const { answer: plan, error, asking, again } = useAnswer('swarm.plan', input);
  const { busy, error: refused, attempt, forget } = useAttempt();

  /** Stays while another one is made, so that nothing jumps. */
  const last = useRef<Plan>(undefined);
  useEffect(() => {
    last.current = plan ?? last.current;
  }, [plan]);
  const shown = plan ?? (asking ? last.current : undefined);
  /** From the first answer on the options stay: one of them may be why there is no plan. */
  const isBeginning = shown === undefined && error === undefined && change === asked.change && backup === undefined;
  const replan = () => {
    forget();
    again();
  };
  const confirm = () =>
    attempt(async () => {
      if (plan === undefined) return;
      // What was shown is what is agreed to.
      const agree = (plan.credentials ?? []).filter(({ agreed }) => !agreed).map(({ name }) => name);
      try {
        await client.call('swarm.run', {
          ...input,
          fingerprint: plan.fingerprint,
          ...(agree.length === 0 ? {} : { agree }),
        });
      } catch (thrown) {
        if (toAppError(thrown).code === 'plan.changed') again();
        throw thrown;
      }
      if (change.kind === 'deploy') ui.actions.rememberFiles(plan.stack, change.files);
    }, onClose);
  const possible =
    plan !== undefined && !asking && mistakes === 0 && plan.problems.length === 0 && plan.steps.length > 0;
  return (
    <Dialog
      title={changeTitle(asked)}
      onClose={onClose}
      footer={
        <>
          <Button data-first onClick={onClose}>
            Cancel
          </Button>
          <Button
            kind={change.kind === 'remove' ? 'danger' : 'primary'}
            busy={busy}
            disabled={!possible}
            onClick={() => void confirm()}
          >
            {changeVerb({ ...asked, change })}
          </Button>
        </>
      }
    >
      <div className="form" aria-busy={asking}>
        {refused === undefined ? null : <ErrorNotice error={refused} />}
        {error === undefined ? null : (
          <ErrorNotice
            title="There is no plan"
            error={error}
            actions={
              <Button busy={asking} onClick={replan}>
                Look again
              </Button>
            }
          />
        )}
        {change.kind === 'remove' && !isTakeDown(asked) ? (
          <p>
            Its services end on every node, and what they used goes with them. Volumes stay on the nodes that have them,
            and so does what is outside of the stack.
          </p>
        ) : null}
        {isTakeDown(asked) ? <TakeDownFacts engine={engine} /> : null}
        {change.kind === 'restore-volume' ? (
          <p>
            The volume becomes what the copy says, once no task uses it. What it holds now is kept as a copy of its own
            first.
          </p>
        ) : null}
        {shown !== undefined ? (
          <PlanBody plan={shown} environment={undefined} sources={{}} onReplan={replan} />
        ) : error === undefined ? (
          <div className="skeleton" role="status" aria-label="Asking the manager what this would do" />
        ) : null}
        {isBeginning ? null : (
          <ChangeOptions
            change={change}
            onChange={setChange}
            backup={backup}
            onBackup={setBackup}
            onMistakes={setMistakes}
            keepsData={[...(shown?.warnings ?? []), ...(shown?.problems ?? [])].some(
              ({ rule }) => rule === 'swarm-backup',
            )}
          />
        )}
        {shown === undefined ? null : (
          <CopyLine
            text={isTakeDown(asked) ? swarmCommand('team down', other) : onEngine(shown.command, other)}
            what="command"
          />
        )}
      </div>
    </Dialog>
  );
}
