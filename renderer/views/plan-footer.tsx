import type { Plan } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { actionWords, plural } from '../show/words.ts';
import type { PlanView } from '../store/plans.ts';
import { useReachable } from '../store/use-reachable.ts';

/** The same thing in a terminal, and the button that does it. */
export function PlanFooter({
  plan,
  phase,
  title,
  onConfirm,
}: {
  readonly plan: Plan;
  readonly phase: PlanView['phase'];
  readonly title: string;
  readonly onConfirm: () => void;
}) {
  const destructive = plan.losses.length > 0 || plan.steps.some((step) => step.destructive);
  const reachable = useReachable(plan.stack);
  const blocked = plan.conflicts.length + plan.problems.length;
  const possible = blocked === 0 && plan.steps.length > 0;
  const verb = plan.action === 'up' || plan.action === 'scale' ? 'Apply' : actionWords[plan.action].verb;
  const count = plan.steps.length === 0 ? 'Nothing to do' : `${verb} ${plural(plan.steps.length, 'step')}`;
  return (
    <footer className="plan-foot">
      <CopyLine text={plan.command} what="the command" />
      <Button
        kind={destructive || plan.action === 'down' ? 'danger' : 'primary'}
        busy={phase === 'starting'}
        disabled={!possible || !reachable || phase === 'loading'}
        title={`${actionWords[plan.action].verb} ${title}`}
        onClick={onConfirm}
      >
        {plan.problems.length > 0
          ? plural(blocked, 'thing in the way', 'things in the way')
          : plan.conflicts.length > 0
            ? 'Ports are taken'
            : plan.action === 'down' && possible
              ? `Remove ${title}`
              : count}
      </Button>
    </footer>
  );
}
