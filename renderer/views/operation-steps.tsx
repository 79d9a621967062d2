import { memo, useEffect, useRef } from 'react';
import type { Operation, PlanStep, StepProgress } from '../../preload/contract/model.ts';
import { ErrorNotice } from '../components/notice.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Elapsed } from '../components/time.tsx';
import { stepLook } from '../show/aggregate.ts';
import { stepWords } from '../show/words.ts';
import { summarize } from '../store/operations.ts';

/** The steps as they were planned, in place, each with how far it is. What is being done stays in sight. */
export function OperationSteps({ operation }: { readonly operation: Operation }) {
  const list = useRef<HTMLOListElement>(null);
  const { current } = summarize(operation);
  useEffect(() => {
    if (current === undefined) return;
    const row = list.current?.querySelector(`[data-testid="${CSS.escape(`step-${current}`)}"]`);
    row?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const own = operation.error;
  const told = Object.values(operation.progress).some(({ error }) => error?.message === own?.message);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
    <section className="operation-body" tabIndex={0} aria-label="Steps of the operation">
      {own === undefined || told ? null : <ErrorNotice error={own} />}
      <ol className="steps running" ref={list}>
        {operation.steps.map((step) => (
          <StepRow key={step.id} step={step} progress={operation.progress[step.id]} />
        ))}
      </ol>
    </section>
  );
}

/** The operations store keeps the identity of progress that did not change, so only the changed row renders. */
const StepRow = memo(function StepRow({
  step,
  progress,
}: {
  readonly step: PlanStep;
  readonly progress: StepProgress | undefined;
}) {
  const state = progress?.state ?? 'waiting';
  return (
    <li className="step" data-testid={`step-${step.id}`} data-state={state}>
      <StateShape look={stepLook[state]} labelled />
      <span className="step-kind">{stepWords[step.kind]}</span>
      <code className="step-target ellipsis" title={step.target}>
        {step.target}
      </code>
      <span className="step-cause ellipsis" title={progress?.message ?? step.cause}>
        {state === 'running' && progress?.message !== undefined ? progress.message : step.cause}
      </span>
      {state === 'running' && progress?.fraction !== undefined ? (
        <progress className="progress small" value={progress.fraction} max={1} aria-label="Progress of this step" />
      ) : null}
      {progress?.startedAt === undefined ? (
        <span className="elapsed" />
      ) : (
        <Elapsed since={progress.startedAt} until={progress.endedAt} />
      )}
      {progress?.error === undefined ? null : <ErrorNotice error={progress.error} />}
    </li>
  );
});
