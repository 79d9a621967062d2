import type { Plan } from '../../preload/contract/model.ts';
import type { TeamStackOptions, TeamStackPlan, TeamStackStep } from '../../preload/contract/team-stack.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { Prose } from '../components/prose.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { changedOptions, stackStepWords, upWords } from '../show/team-stack.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { usePlanned } from '../store/use-planned.ts';
import { PlanBody } from './plan-body.tsx';
import { PlanNotices } from './plan-notices.tsx';
import { Warnings } from './team-parts.tsx';

interface Props {
  readonly title: string;
  readonly engine: string;
  readonly options: TeamStackOptions;
  /** As they were chosen before. */
  readonly before: TeamStackOptions;
  /** They are not there yet. */
  readonly isNew: boolean;
  readonly onOptions: () => void;
  readonly onClose: () => void;
}

/** What is made, built and deployed, each with its cause; it is done only when it is confirmed. */
export function TeamUpPlan({ title, engine, options, before, isNew, onOptions, onClose }: Props) {
  const { client } = useApp();
  const other = useOtherEngine();
  const input = { engine, options: changedOptions(options, before) };
  const planned = usePlanned('teamStack.plan', input);
  const { plan, shown, error, asking, busy, replan } = planned;
  const confirm = () =>
    planned.confirm(({ fingerprint }) => client.call('teamStack.run', { ...input, fingerprint }), onClose);
  const isPossible = plan !== undefined && !asking && canRun(plan);
  const command = swarmCommand(upWords(options, before), other);
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button data-first onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={onOptions}>Options…</Button>
          <Button kind="primary" busy={busy} disabled={!isPossible} onClick={() => void confirm()}>
            {isNew ? 'Set up' : 'Update'}
          </Button>
        </>
      }
    >
      <div className="form" aria-busy={asking}>
        <PlanNotices planned={planned} />
        {shown === undefined ? (
          error === undefined ? (
            <div className="skeleton" role="status" aria-label="Asking the manager what is missing" />
          ) : null
        ) : (
          <UpPlanBody plan={shown} asking={asking} command={command} onReplan={replan} />
        )}
        {shown?.trouble === undefined ? <CopyLine text={command} what="command" /> : null}
      </div>
    </Dialog>
  );
}

const hasNothing = ({ steps, build, deploy }: TeamStackPlan): boolean =>
  steps.length === 0 && build === undefined && deploy?.steps.length === 0;
const isBlocked = (plan: Plan | undefined): boolean =>
  plan !== undefined && plan.problems.length + plan.conflicts.length > 0;
const canRun = (plan: TeamStackPlan): boolean =>
  plan.trouble === undefined && !isBlocked(plan.build) && !isBlocked(plan.deploy) && !hasNothing(plan);

/** The plan in its three parts; only the last is there where nothing has to be made or built. */
export function UpPlanBody({
  plan,
  asking,
  command,
  onReplan,
}: {
  readonly plan: TeamStackPlan;
  readonly asking: boolean;
  /** The same in a terminal. */
  readonly command: string;
  readonly onReplan: () => void;
}) {
  const { steps, build, deploy, notes, trouble } = plan;
  const body = { environment: undefined, sources: {}, onReplan };
  return (
    <>
      {trouble === undefined ? null : (
        <ErrorNotice
          title="What has to be made cannot be kept on this machine"
          error={trouble}
          actions={
            <Button icon="restart" busy={asking} onClick={onReplan}>
              Look again
            </Button>
          }
        />
      )}
      {trouble === undefined ? null : (
        <p>
          Keys, passwords and your token belong in the system’s keychain. Set up from a machine that has one, by a
          docker context. Or do it here in a terminal, with the command below: it hands out an invite that lets you in
          from a machine with a keychain.
        </p>
      )}
      {trouble === undefined ? null : <CopyLine text={command} what="command" />}
      <Warnings texts={notes} />
      {deploy === undefined ? null : deploy.steps.length + deploy.problems.length === 0 && hasNothing(plan) ? (
        <Empty title="Nothing to do">
          <p>The services are what their files say, and nothing has to be made anew.</p>
        </Empty>
      ) : (
        <PlanBody plan={deploy} {...body} />
      )}
      {steps.length === 0 ? null : <Preparations steps={steps} />}
      {build === undefined ? null : (
        <section className="form" aria-labelledby="team-up-images">
          <h3 id="team-up-images" className="field-label">
            Images, on the engine that is asked
          </h3>
          <PlanBody plan={build} {...body} />
        </section>
      )}
      {deploy === undefined ? (
        <p className="muted">
          Then the stack claude-team is deployed at {plan.addresses.join(', ')}. Its own plan is made when these are
          there, and its steps are shown as they go.
        </p>
      ) : null}
    </>
  );
}

function Preparations({ steps }: { readonly steps: readonly TeamStackStep[] }) {
  return (
    <section aria-labelledby="team-up-made">
      <h3 id="team-up-made" className="field-label">
        Made first; keys and passwords stay in this machine’s keychain
      </h3>
      <ol className="steps team-up-steps" aria-label="What is made">
        {steps.map(({ kind, target, cause }, index) => (
          <li key={`${kind} ${target}`} className="step">
            <span className="step-number number">{index + 1}</span>
            <span className="step-kind">{stackStepWords[kind]}</span>
            <span className="step-target">{target}</span>
            <span className="step-cause">
              <Prose text={cause} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
