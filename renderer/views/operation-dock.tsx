import { type ReactNode, useEffect, useRef, useState } from 'react';
import { splitId } from '../../preload/contract/ids.ts';
import type { Operation } from '../../preload/contract/model.ts';
import { toAppError } from '../client/call-error.ts';
import { Button, IconButton } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Elapsed } from '../components/time.tsx';
import { operationLook } from '../show/aggregate.ts';
import { operationReport } from '../show/operation-text.ts';
import { operationTitle, stepWords } from '../show/words.ts';
import { useApp, useLive, useOperations, usePlans, useUi } from '../store/context.ts';
import { isActive, selectOperation, summarize } from '../store/operations.ts';
import { OperationSteps } from './operation-steps.tsx';

/** Good news goes by itself after this long; errors stay until they are closed. */
const goodNewsFor = 12_000;

/** Below the tabs, whichever is open: calls that failed, and the stack's operation with its steps. */
export function OperationDock({
  stack,
  offer,
}: {
  readonly stack: string;
  /** What can be done about how it ended. */
  readonly offer?: (operation: Operation) => ReactNode;
}) {
  const { plans } = useApp();
  const failures = usePlans((state) => state.failures).filter((failure) => failure.stack === stack);
  const operation = useOperations((operations) => selectOperation(operations, stack));
  return (
    <div className="dock">
      {failures.map((failure) => (
        <ErrorNotice
          key={failure.id}
          title={failure.title}
          error={failure.error}
          onClose={() => plans.actions.close(failure.id)}
        />
      ))}
      {operation === undefined ? null : (
        <OperationPanel key={operation.id} operation={operation} offer={offer?.(operation)} />
      )}
    </div>
  );
}

/** Hides a finished, well-ended operation after a while, unless its steps are being looked at. */
function useFaded(operation: Operation, open: boolean): boolean {
  const [faded, setFaded] = useState(false);
  const good = operation.state === 'done' && !open;
  useEffect(() => {
    if (!good) return;
    const timer = window.setTimeout(() => setFaded(true), goodNewsFor);
    return () => window.clearTimeout(timer);
  }, [good]);
  return faded && good;
}

function OperationPanel({ operation, offer }: { readonly operation: Operation; readonly offer: ReactNode }) {
  const { ui } = useApp();
  const title = useLive((live) => live.stacks[operation.stack]?.title) ?? splitId(operation.stack).project;
  const byHand = useUi((state) => state.openOperations[operation.id]);
  const quick = operation.action === 'start' || operation.action === 'stop' || operation.action === 'restart';
  const open = byHand ?? (operation.state === 'failed' || (!quick && operation.state !== 'done'));
  const faded = useFaded(operation, open);
  const { done, total, fraction } = summarize(operation);
  if (faded) return null;
  return (
    <section className="operation" data-testid="operation" data-state={operation.state} aria-label="Operation">
      <div className="operation-head">
        <IconButton
          icon={open ? 'down' : 'right'}
          label={open ? 'Hide the steps' : 'Show the steps'}
          aria-expanded={open}
          onClick={() => ui.actions.toggleOperation(operation.id, !open)}
        />
        <StateShape look={operationLook[operation.state]} />
        <strong className="ellipsis" role="status">
          {operationTitle(operation, title)}
        </strong>
        <span className="operation-now ellipsis">
          {isActive(operation) ? <CurrentStep operation={operation} /> : null}
        </span>
        {isActive(operation) ? <progress className="progress" value={fraction} max={1} aria-label="Progress" /> : null}
        <span className="number muted">
          {done}/{total}
        </span>
        <Elapsed since={operation.startedAt} until={operation.endedAt} />
        {offer}
        <OperationButtons operation={operation} title={title} />
      </div>
      {open ? <OperationSteps operation={operation} /> : null}
    </section>
  );
}

function CurrentStep({ operation }: { readonly operation: Operation }) {
  const { current } = summarize(operation);
  const step = operation.steps.find((candidate) => candidate.id === current);
  if (step === undefined) return null;
  const message = operation.progress[step.id]?.message;
  return `${stepWords[step.kind]} ${step.target}${message === undefined ? '' : `: ${message}`}`;
}

function OperationButtons({ operation, title }: { readonly operation: Operation; readonly title: string }) {
  const { client, plans } = useApp();
  const [asked, setAsked] = useState(false);
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  const send = async (method: 'operations.cancel' | 'operations.dismiss', failed: string) => {
    setAsked(true);
    try {
      await client.call(method, { operation: operation.id });
    } catch (thrown) {
      if (mounted.current) setAsked(false);
      plans.actions.report(operation.stack, failed, toAppError(thrown));
    }
  };
  if (isActive(operation)) {
    return (
      <Button
        icon="close"
        busy={asked || operation.state === 'cancelling'}
        onClick={() => void send('operations.cancel', 'Could not cancel')}
      >
        Cancel
      </Button>
    );
  }
  return (
    <>
      {operation.state === 'failed' ? (
        <CopyButton text={operationReport(operation, title)} what="details" label="Copy details" />
      ) : null}
      <IconButton
        icon="close"
        label="Close"
        onClick={() => void send('operations.dismiss', 'Could not close the operation')}
      />
    </>
  );
}
