import { useEffect } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { ActionOptions } from '../../preload/contract/api.ts';
import type { Plan, PlanAction } from '../../preload/contract/model.ts';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { Segments } from '../components/segments.tsx';
import { actionWords } from '../show/words.ts';
import { useApp, useLive, useOperations, usePlans, useResources } from '../store/context.ts';
import { isActive, selectOperation } from '../store/operations.ts';
import { environmentOf } from '../store/resources.ts';
import { LocateNotice } from './locate-notice.tsx';
import { PlanBody } from './plan-body.tsx';
import { PlanFooter } from './plan-footer.tsx';
import { PlanOptions } from './plan-options.tsx';
import { useSources } from './use-sources.ts';

const withFile: readonly PlanAction[] = ['up', 'start', 'stop', 'restart', 'build', 'pull', 'down'];
const withoutFile: readonly PlanAction[] = ['start', 'stop', 'restart', 'down'];

/** What an action would do, each step with its cause, before it is done. */
export function PlanView({ stack }: { readonly stack: string }) {
  const { plans, ui } = useApp();
  const view = usePlans((state) => state.views[stack]);
  const filesFound = useLive((live) => live.stacks[stack]?.filesFound ?? true);
  const title = useLive((live) => live.stacks[stack]?.title) ?? stack;
  const environment = useResources((resources) => environmentOf(resources, stack));
  const running = useOperations(
    useShallow((operations) => {
      const operation = selectOperation(operations, stack);
      return { active: operation !== undefined && isActive(operation), id: operation?.id };
    }),
  );
  const sources = useSources(stack, view?.error?.code === 'file.invalid' || hasDiagnostics(view?.plan));
  const wanted = filesFound ? 'up' : 'stop';

  // Asked for when the tab opens, and again when an operation has ended: an old plan may no longer hold.
  useEffect(() => {
    if (running.active) return;
    const now = plans.getState().views[stack];
    if (now === undefined) void plans.actions.request(stack, wanted);
    else if (now.phase === 'ready') void plans.actions.request(stack, now.action, now.options);
  }, [plans, stack, wanted, running.active]);

  const request = (action: PlanAction, options: ActionOptions = {}) =>
    void plans.actions.request(stack, action, options);
  if (running.active) {
    return (
      <Empty title="An operation is running">
        <p>Its steps are below. The next plan is made when it has ended, from what is there then.</p>
      </Empty>
    );
  }
  if (view === undefined) return <PlanSkeleton />;
  const { plan, error, phase } = view;
  return (
    <div className="plan">
      <div className="plan-bar">
        <Segments
          label="Action"
          options={(filesFound ? withFile : withoutFile).map((action) => [action, actionWords[action].verb])}
          value={view.action}
          onChange={request}
        />
        <PlanOptions
          action={view.action}
          options={view.options}
          warnings={view.plan?.warnings ?? []}
          onChange={(options) => request(view.action, options)}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard */}
      <section className="plan-scroll" tabIndex={0} aria-label="What would be done" aria-busy={phase === 'loading'}>
        {filesFound ? null : <LocateNotice stack={stack} purpose="so there is no redeploy" />}
        {view.changed ? (
          <Notice severity="warn" title="Things changed since the plan was shown, so nothing was done.">
            <p>This is the plan for how it is now.</p>
          </Notice>
        ) : null}
        {error === undefined ? null : (
          <ErrorNotice
            title={
              error.code === 'file.invalid'
                ? 'The compose file has mistakes; nothing was changed'
                : `Could not ${actionWords[view.action].infinitive} ${title}`
            }
            error={error}
            sources={sources}
            onOpenDiagnostic={({ where }) => where !== undefined && ui.actions.showFile(stack, where)}
            actions={
              <button type="button" className="button" onClick={() => request(view.action, view.options)}>
                Plan again
              </button>
            }
          />
        )}
        {plan === undefined ? (
          phase === 'loading' ? (
            <PlanSkeleton />
          ) : null
        ) : (
          <PlanBody
            plan={plan}
            environment={environment}
            sources={sources}
            onOpen={(where) => ui.actions.showFile(stack, where)}
            onReplan={() => request(view.action, view.options)}
          />
        )}
      </section>
      {plan === undefined || error !== undefined ? null : (
        <PlanFooter plan={plan} phase={phase} title={title} onConfirm={() => void plans.actions.confirm(stack)} />
      )}
    </div>
  );
}

const hasDiagnostics = (plan: Plan | undefined): boolean =>
  plan !== undefined && plan.warnings.length + plan.problems.length > 0;

function PlanSkeleton() {
  return (
    <div className="skeleton-page" role="status" aria-label="Planning">
      <div className="skeleton row" />
      <div className="skeleton row" />
      <div className="skeleton row" />
    </div>
  );
}
