import { Button } from '../components/button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import type { Planned } from '../store/use-planned.ts';

/** Above a plan: why what was confirmed was not begun, and why there is none. */
export function PlanNotices({
  planned: { refused, error, asking, replan },
}: {
  readonly planned: Pick<Planned<unknown>, 'refused' | 'error' | 'asking' | 'replan'>;
}) {
  return (
    <>
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
    </>
  );
}
