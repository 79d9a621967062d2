import type { Diagnostic, SourceLocation } from '../../preload/contract/errors.ts';
import type { Environment, Plan, PlanStep } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { DiagnosticList } from '../components/diagnostics.tsx';
import { Notice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { Prose } from '../components/prose.tsx';
import { plural, stepWords } from '../show/words.ts';
import { ConflictList } from './conflict-list.tsx';
import { MissingValues, PlanCredentials } from './plan-values.tsx';

/** What is missing and stands in the way, which credentials are given, what would be lost, what to know, then the steps. */
export function PlanBody({
  plan,
  environment,
  sources,
  onOpen,
  onReplan,
}: {
  readonly plan: Plan;
  readonly environment: Environment | undefined;
  readonly sources: Readonly<Record<string, string>>;
  /** Shows a place in the files; absent where they are not shown. */
  readonly onOpen?: ((where: SourceLocation) => void) | undefined;
  readonly onReplan: () => void;
}) {
  const opening =
    onOpen === undefined ? {} : { onOpen: ({ where }: Diagnostic) => where !== undefined && onOpen(where) };
  return (
    <>
      <MissingValues plan={plan} onOpen={onOpen} onSaved={onReplan} />
      {plan.problems.length === 0 ? null : (
        <Notice
          severity="bad"
          title={`${plural(plan.problems.length, 'thing stands', 'things stand')} in the way; nothing is changed until ${plan.problems.length === 1 ? 'it is' : 'they are'} mended`}
          actions={<Button onClick={onReplan}>Look again</Button>}
        >
          <DiagnosticList diagnostics={plan.problems} sources={sources} {...opening} />
        </Notice>
      )}
      {plan.conflicts.length === 0 ? null : (
        <ConflictList conflicts={plan.conflicts} environment={environment} onChanged={onReplan} onOpen={onOpen} />
      )}
      <PlanCredentials credentials={plan.credentials ?? []} />
      {plan.losses.length === 0 ? null : (
        <Notice severity="bad" title="This would be lost for good">
          <ul className="losses">
            {plan.losses.map((loss) => (
              <li key={loss}>
                <Prose text={loss} />
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {plan.warnings.length === 0 ? null : (
        <Notice severity="warn" title={plural(plan.warnings.length, 'thing to know', 'things to know')}>
          <DiagnosticList diagnostics={plan.warnings} sources={sources} {...opening} />
        </Notice>
      )}
      {plan.steps.length === 0 ? (
        plan.problems.length > 0 ? null : (
          <Empty title="Nothing to do">
            <p>
              {plan.action === 'up' || plan.action === 'deploy'
                ? 'What runs is what the file says.'
                : 'It is already like that.'}
            </p>
          </Empty>
        )
      ) : (
        <ol className="steps" aria-label="Steps">
          {plan.steps.map((step, index) => (
            <Step key={step.id} step={step} number={index + 1} />
          ))}
        </ol>
      )}
    </>
  );
}

function Step({ step, number }: { readonly step: PlanStep; readonly number: number }) {
  return (
    <li
      className={`step ${step.destructive ? 'destructive' : ''}`}
      data-testid={`step-${step.id}`}
      data-state="planned"
    >
      <span className="step-number number">{number}</span>
      <span className="step-kind">{stepWords[step.kind]}</span>
      <code className="step-target ellipsis" title={step.target}>
        {step.target}
      </code>
      <span className="step-cause ellipsis" title={step.cause}>
        <Prose text={step.cause} />
      </span>
      {step.destructive ? <span className="tag bad">loses data</span> : null}
    </li>
  );
}
