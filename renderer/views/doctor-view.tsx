import type { CheckResult } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { aggregateLook, type Look } from '../show/aggregate.ts';
import { plural } from '../show/words.ts';
import { useAnswer } from '../store/use-answer.ts';

const looks: Readonly<Record<CheckResult['status'], Look>> = {
  ok: { ...aggregateLook.healthy, label: 'fine' },
  warning: { ...aggregateLook.degraded, label: 'warning' },
  problem: { ...aggregateLook.failed, label: 'problem' },
  skipped: { ...aggregateLook.stopped, label: 'skipped' },
};

const report = (checks: readonly CheckResult[]): string =>
  checks
    .map(
      (check) =>
        `${check.status}: ${check.title}: ${check.found}${check.nextStep === undefined ? '' : ` -> ${check.nextStep}`}`,
    )
    .join('\n');

function summary(checks: readonly CheckResult[]): string {
  const problems = checks.filter(({ status }) => status === 'problem').length;
  const warnings = checks.filter(({ status }) => status === 'warning').length;
  if (problems + warnings === 0) return `All ${checks.length} checks are fine.`;
  const parts = [problems > 0 ? plural(problems, 'problem') : '', warnings > 0 ? plural(warnings, 'warning') : ''];
  return `${parts.filter((part) => part !== '').join(' and ')} in ${checks.length} checks.`;
}

/** What the app needs of this machine: what was looked at, what was found, what to do. */
export function DoctorView() {
  const { answer, error, asking, again } = useAnswer('app.doctor', {});
  const checks = answer?.checks;
  return (
    <Page
      title="Doctor"
      lead={checks === undefined ? 'Looking at this machine.' : summary(checks)}
      actions={
        <>
          {checks === undefined ? null : <CopyButton text={report(checks)} what="report" label="Copy report" />}
          <Button icon="restart" busy={asking} onClick={again}>
            Check again
          </Button>
        </>
      }
    >
      {error === undefined ? null : <ErrorNotice title="The checks could not be made" error={error} />}
      <ul className="checks" aria-busy={asking}>
        {(checks ?? []).map((check) => (
          <li key={check.id} data-status={check.status}>
            <StateShape look={looks[check.status]} labelled />
            <span className="check-title">{check.title}</span>
            <span className="check-found">
              <Prose text={check.found} />
              {check.nextStep === undefined ? null : (
                <span className="hint">
                  <Prose text={check.nextStep} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Page>
  );
}
