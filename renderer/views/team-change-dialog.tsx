import { useState } from 'react';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { onEngine, swarmCommand } from '../show/swarm.ts';
import { type AskedChange, changeTitle, changeVerb, isTakeDown } from '../show/swarm-change.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { agreeing } from '../store/plans.ts';
import { usePlanned } from '../store/use-planned.ts';
import { PlanBody } from './plan-body.tsx';
import { PlanNotices } from './plan-notices.tsx';
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
  const planned = usePlanned('swarm.plan', input);
  const { plan, shown, error, asking, busy, replan } = planned;
  /** From the first answer on the options stay: one of them may be why there is no plan. */
  const isBeginning = shown === undefined && error === undefined && change === asked.change && backup === undefined;
  const confirm = () =>
    planned.confirm(async (agreed) => {
      await client.call('swarm.run', { ...input, fingerprint: agreed.fingerprint, ...agreeing(agreed) });
      if (change.kind === 'deploy') ui.actions.rememberFiles(agreed.stack, change.files);
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
        <PlanNotices planned={planned} />
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
