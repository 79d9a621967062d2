import type { Project } from '../compose/project.ts';
import type { Observed, ObservedContainer } from './plan.ts';
import type { Problem } from './problem.ts';
import type { Decision } from './reconcile.ts';

export interface NamesInput {
  readonly project: Project;
  readonly observed: Observed;
  readonly decisions: ReadonlyMap<string, readonly Decision[]>;
  /** Containers that go because the file does not have their service. */
  readonly orphans: readonly ObservedContainer[];
  readonly problems: Problem[];
}

/**
 * A container's name is its own on the whole engine. Answers with the step that frees each name which another container
 * of the project still has; a name that stays taken is a problem, said while nothing has been changed: docker compose
 * removes the old container first and fails at the rename (seen with 2.40.3).
 */
export function claimNames(input: NamesInput): ReadonlyMap<string, string> {
  const { observed, decisions, problems } = input;
  const strangers = new Map(observed.foreignNames.map(({ name, owner }) => [name, owner]));
  const own = new Map(
    observed.containers.filter(({ state }) => state !== 'removing').map((container) => [container.name, container]),
  );
  const going = goingAway(input);
  const freed = new Map<string, string>();
  for (const [service, each] of decisions) {
    for (const decision of each) {
      const name = wantedName(decision);
      if (name === undefined) continue;
      const holder = own.get(name);
      const stranger = strangers.get(name);
      if (stranger !== undefined) {
        problems.push({
          severity: 'error',
          rule: 'container-name-taken',
          at: ['services', service],
          message: `service ${service}: the name ${name} is taken by ${stranger}`,
          hint: `rename or remove that one (docker rename ${name} NEW), or change the project's name or container_name`,
        });
      } else if (holder !== undefined && !('container' in decision && decision.container.id === holder.id)) {
        if (going.has(holder.id)) freed.set(name, `remove-container ${name}`);
        else problems.push(heldByOwn(service, name, holder, input.project));
      }
    }
  }
  return freed;
}

function wantedName(decision: Decision): string | undefined {
  if (decision.kind === 'create' || decision.kind === 'recreate') return decision.name;
  return decision.kind === 'remove' ? undefined : decision.rename;
}

function goingAway({ decisions, orphans }: NamesInput): ReadonlySet<string> {
  const replaced = [...decisions.values()]
    .flat()
    .flatMap((decision) => (decision.kind === 'remove' || decision.kind === 'recreate' ? [decision.container.id] : []));
  return new Set([...replaced, ...orphans.map(({ id }) => id)]);
}

function heldByOwn(service: string, name: string, holder: ObservedContainer, project: Project): Problem {
  const isOrphan = !project.services.has(holder.service) && !project.inactive.has(holder.service);
  return {
    severity: 'error',
    rule: 'container-name-taken',
    at: ['services', service],
    message: `service ${service}: the name ${name} is taken by the container of service ${holder.service}${isOrphan ? ', which the file does not have' : ''}`,
    hint: isOrphan ? 'remove it with --remove-orphans, or choose another name' : `bring ${holder.service} up as well`,
  };
}
