import { useState } from 'react';
import type { SwarmChange } from '../../preload/contract/swarm-change.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { CheckField } from '../components/field.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { type AskedChange, changeTitle, changeVerb, changeWords } from '../show/swarm-change.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { PlanBody } from './plan-body.tsx';

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
  const input = { engine, ...(asked.stack === undefined ? {} : { stack: asked.stack }), change };
  const { answer: plan, error, asking, again } = useAnswer('swarm.plan', input);
  const { busy, error: refused, attempt, forget } = useAttempt();

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
      onClose();
    });
  const possible = plan !== undefined && !asking && plan.problems.length === 0 && plan.steps.length > 0;
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
            {changeVerb(change)}
          </Button>
        </>
      }
    >
      <div className="form">
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
        {change.kind === 'remove' ? (
          <p>
            Its services end on every node, and what they used goes with them. Volumes stay on the nodes that have them,
            and so does what is outside of the stack.
          </p>
        ) : null}
        {plan === undefined ? (
          error === undefined && (
            <div className="skeleton" role="status" aria-label="Asking the manager what this would do" />
          )
        ) : (
          <PlanBody plan={plan} environment={undefined} sources={{}} onReplan={replan} />
        )}
        <ChangeOptions change={change} onChange={setChange} />
        <CopyLine text={swarmCommand(changeWords({ ...asked, change }), other)} what="command" />
      </div>
    </Dialog>
  );
}

/** What a deploy, or going back to one, does beyond the services that it has. */
function ChangeOptions({
  change,
  onChange,
}: {
  readonly change: SwarmChange;
  readonly onChange: (change: SwarmChange) => void;
}) {
  if (change.kind !== 'deploy' && change.kind !== 'go-back') return null;
  const { options } = change;
  const deploys = change.kind === 'deploy';
  return (
    <fieldset className="choices">
      <legend>What else</legend>
      <CheckField
        label={deploys ? 'Remove what the files no longer have' : 'Remove what was not there then'}
        help="Once everything else has succeeded."
        checked={options.prune === true}
        onChange={(event) => onChange({ ...change, options: { ...options, prune: event.target.checked } })}
      />
      <CheckField
        label={deploys ? 'Set replicas to what the files say' : 'Set replicas to what they were'}
        help="Numbers that were set by hand are kept otherwise."
        checked={options.resetScale === true}
        onChange={(event) => onChange({ ...change, options: { ...options, resetScale: event.target.checked } })}
      />
      {deploys ? (
        <CheckField
          label="Start in order"
          help="A service starts once what it depends on runs; a Swarm does not care otherwise."
          checked={change.options.ordered === true}
          onChange={(event) => onChange({ ...change, options: { ...change.options, ordered: event.target.checked } })}
        />
      ) : null}
    </fieldset>
  );
}
