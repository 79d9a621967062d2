import type { Project } from '../compose/project.ts';
import type { Draft } from './draft.ts';
import type { Observed, ObservedContainer } from './plan.ts';

export interface OrphansInput {
  readonly project: Project;
  readonly observed: Observed;
  readonly draft: Draft;
  readonly remove: boolean;
  /** Not worth a warning: several files share the project's name. */
  readonly ignore: boolean;
  readonly timeout: number | undefined;
  readonly stops: Map<string, string>;
}

/**
 * Containers of services that the file no longer has: said, and removed only when told. A service whose profile is not
 * active is no orphan. One-off containers count only when they are over, and are not worth a warning. Answers with what goes.
 */
export function planOrphans(input: OrphansInput): readonly ObservedContainer[] {
  const { project, observed, draft, stops } = input;
  const orphans = observed.containers.filter((container) => {
    if (container.state === 'removing') return false;
    if (container.oneOff) return input.remove && (container.state === 'exited' || container.state === 'dead');
    return !project.services.has(container.service) && !project.inactive.has(container.service);
  });
  if (orphans.length === 0) return [];
  if (!input.remove) {
    if (input.ignore) return [];
    draft.warn({
      severity: 'warning',
      rule: 'orphans',
      message: `the project has containers of services that the file does not have: ${orphans.map((container) => container.name).join(', ')}`,
      hint: 'remove them with --remove-orphans, or put the services back',
    });
    return [];
  }
  for (const container of orphans) {
    const cause = container.oneOff
      ? 'a one-off container that is over'
      : `the file has no service ${container.service}`;
    const stop = draft.stop(container, cause, { timeout: input.timeout });
    if (stop !== undefined) stops.set(container.id, stop);
    draft.remove(container, cause, { destructive: !container.oneOff, after: stop === undefined ? [] : [stop] });
    if (!container.oneOff) draft.lose(`container ${container.name}`);
  }
  return orphans;
}
