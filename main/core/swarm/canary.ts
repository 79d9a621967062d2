import type { Raw } from '../plan/inherit.ts';
import type { Problem } from '../plan/problem.ts';
import { type Canary, canaryOf, withCanary } from './canary-spec.ts';
import { replicasOf, tasksReplaced } from './converge.ts';
import { toKey } from './names.ts';
import type { ObservedService, ObservedStack } from './observed.ts';

/* What a deploy or update with a canary asks for, and what stands in its way. canary-spec.ts has the mechanism. */

export interface AskCanary extends Omit<Canary, 'since'> {
  readonly key: string;
  readonly there: ObservedService;
  /** What the service is to be in the end. */
  readonly body: Raw;
}

/** The body to ask for: the same where no task is replaced. A problem where the service cannot have a canary. */
export function toCanary({
  key,
  there,
  body,
  ...canary
}: AskCanary): { readonly body: Raw } | { readonly problem: Problem } {
  if (!tasksReplaced(there.spec, body)) return { body };
  const refuse = (message: string, hint: string) => ({
    problem: {
      severity: 'error',
      rule: 'canary',
      message: `service ${key}: ${message}`,
      hint,
      at: ['services', key],
    } as const,
  });
  const [is, wanted] = [replicasOf(there.spec), replicasOf(body)];
  if (is === undefined || wanted === undefined) {
    return refuse('only replicated services can have a canary', 'deploy it without --canary');
  }
  if (is !== wanted) {
    return refuse(
      `its replicas change as well (${is} → ${wanted}), and what is added would be new at once`,
      'scale it first, or deploy without --canary',
    );
  }
  if (canary.tasks >= is) {
    return refuse(
      `it has ${is} ${is === 1 ? 'task' : 'tasks'}: ${canary.tasks} with the new version would be all of them`,
      'scale it first, or deploy without --canary',
    );
  }
  const data = dataOf(body);
  if (data.length > 0) {
    return refuse(
      `it keeps data (${data.join(', ')}), on which two versions would work at once`,
      'deploy it without --canary',
    );
  }
  return { body: withCanary(body, canary) };
}

/** Volumes and folders that it may write to. */
function dataOf(body: Raw): readonly string[] {
  const { ContainerSpec } = body.TaskTemplate as {
    readonly ContainerSpec: { readonly Mounts?: readonly Raw[] };
  };
  return (ContainerSpec.Mounts ?? [])
    .filter(({ Type, ReadOnly }) => (Type === 'volume' || Type === 'bind') && ReadOnly !== true)
    .map(({ Source, Target }) => String(Source ?? Target));
}

/** Before what changes, in the cause of a step. */
export const canaryCause = (body: Raw, cause: string): string => {
  const canary = canaryOf(body);
  return canary === undefined ? cause : `canary, ${canary.tasks} of ${replicasOf(body) ?? 1}: ${cause}`;
};

/** Of each service with one: a problem for whatever else would change it. */
export const canariesOf = (
  { stack }: Pick<ObservedStack, 'stack'>,
  services: readonly ObservedService[],
): readonly Problem[] =>
  services.flatMap(({ name, spec }): readonly Problem[] => {
    const canary = canaryOf(spec);
    if (canary === undefined) return [];
    const key = toKey(stack, name);
    const since = `${canary.since.slice(0, 10)} ${canary.since.slice(11, 16)} UTC`;
    return [
      {
        severity: 'error',
        rule: 'canary-open',
        message: `service ${key}: ${canary.by} has a canary open since ${since} (${canary.tasks} of ${replicasOf(spec) ?? 1})`,
        hint: `claude-env stack canary promote -p ${stack} gives every task the new version; claude-env stack canary rollback -p ${stack} takes it back`,
        at: ['services', key],
      },
    ];
  });
