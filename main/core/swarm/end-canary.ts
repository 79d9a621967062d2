import { AppFailure } from '../app-failure.ts';
import type { CorePlan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { canaryOf, withoutCanary } from './canary-spec.ts';
import { replicasOf } from './converge.ts';
import type { ObservedStack } from './observed.ts';
import { changeStep, chooseServices, planOf, rollbackStep, waitFor } from './operate.ts';
import { deploysOf, type RecordedDeploy } from './record.ts';

/* How a canary ends: its update goes on as the file says, or Swarm goes back to the spec from before it. */

export interface EndCanary {
  readonly end: 'promote' | 'rollback';
  /** None: every one that is open. */
  readonly services: readonly string[];
}

const hint = 'One is opened by `stack deploy --canary N` or `stack update --canary N`.';

/** Throws `usage` where none is open, `stack.not-found`. */
export function planEndCanary(observed: ObservedStack, { end, services }: EndCanary): CorePlan {
  const { stack } = observed;
  const open = chooseServices(observed, services).flatMap((service) => {
    const canary = canaryOf(service.spec);
    if (canary !== undefined) return [{ service, canary }];
    if (services.length === 0) return [];
    throw new AppFailure({ code: 'usage', message: `${service.name} has no canary.`, hint });
  });
  if (open.length === 0)
    throw new AppFailure({ code: 'usage', message: `No canary is open in the stack ${stack}.`, hint });
  const problems: Problem[] = [];
  const steps = open.flatMap(({ service, canary }) => {
    const of = `${canary.tasks} of ${replicasOf(service.spec) ?? 1}`;
    if (end === 'promote') {
      return changeStep(
        observed,
        service,
        withoutCanary(service.spec),
        `its canary (${of}) is promoted: the others follow`,
      );
    }
    if (service.previous === undefined || canaryOf(service.previous) !== undefined) {
      problems.push({
        severity: 'error',
        rule: 'canary',
        message: `${service.name} was changed by somebody else since its canary was opened, and Swarm keeps one spec from before alone`,
        hint: `claude-env stack history -p ${stack} shows what there is a way back to; or deploy the file of before`,
      });
      return [];
    }
    const step = rollbackStep(observed, service, `its canary (${of}) is taken back`);
    return [step, waitFor(observed, service, step.id)];
  });
  return { ...planOf(observed, end === 'promote' ? 'deploy' : 'rollback', steps), problems };
}

/**
 * What the Swarm has when the canaries have ended, as a deploy recorded it: theirs, or the one before. undefined: they came
 * by `stack update`, which leaves no record, or it has been pushed out.
 */
export function recordAfter(observed: ObservedStack, { end, services }: EndCanary): RecordedDeploy | undefined {
  const name = chooseServices(observed, services).flatMap(({ spec }) => canaryOf(spec)?.record ?? [])[0];
  const records = deploysOf(observed);
  const at = records.findIndex(({ id }) => id === name);
  return at < 0 ? undefined : records[end === 'promote' ? at : at + 1];
}
