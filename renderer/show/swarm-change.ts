import { splitId } from '../../preload/contract/ids.ts';
import type { Operation } from '../../preload/contract/model.ts';
import type { SwarmService, SwarmState } from '../../preload/contract/swarm.ts';
import type { SwarmChange } from '../../preload/contract/swarm-change.ts';
import { teamStackName } from '../../preload/contract/team-stack-name.ts';
import { shortName } from './swarm.ts';

/* Words for changes of a Swarm's stacks, and what of their operations is asked on the Team page. Pure. */

export interface AskedChange {
  /** Absent: a deploy takes it from its files. */
  readonly stack?: string;
  readonly change: SwarmChange;
}

/** The team's own services are ended. */
export const isTakeDown = ({ stack, change }: { readonly stack?: string | undefined; readonly change: SwarmChange }) =>
  change.kind === 'remove' && stack === teamStackName;

export function changeTitle({ stack, change }: AskedChange): string {
  const named = (services: readonly string[]) => services.map((name) => shortName({ name, stack })).join(', ');
  switch (change.kind) {
    case 'deploy':
      return `Deploy ${stack ?? 'a stack'}`;
    case 'remove':
      return isTakeDown({ stack, change }) ? 'Take down the team’s services' : `Remove the stack ${stack}`;
    case 'scale':
      return `Scale ${named([change.service])} to ${change.replicas}`;
    case 'canary':
      return change.end === 'promote'
        ? `Give all tasks of ${named(change.services)} the new version`
        : `Take the canary of ${named(change.services)} back`;
    case 'restart':
      return `Restart ${named(change.services)}`;
    case 'rollback':
      return `Roll ${named(change.services)} back`;
    case 'restore-volume':
      return `Restore a volume of ${stack}`;
    case 'go-back':
      return `Take ${stack} back to deploy ${change.to}`;
  }
}

const verbs: Readonly<Record<Exclude<SwarmChange['kind'], 'canary'>, string>> = {
  deploy: 'Deploy',
  remove: 'Remove',
  scale: 'Scale',
  restart: 'Restart',
  rollback: 'Roll back',
  'go-back': 'Roll back',
  'restore-volume': 'Restore',
};
export const changeVerb = ({ stack, change }: AskedChange): string =>
  isTakeDown({ stack, change })
    ? 'Take down'
    : change.kind === 'canary'
      ? change.end === 'promote'
        ? 'Promote'
        : 'Take back'
      : verbs[change.kind];

/** Kinds of steps that only a Swarm has. */
const swarmSteps = /-(?:service|secret|config)$|^(?:wait-converged|wait-removed|run-job|restore-volume)$/;

/** Stacks of this engine's Swarm of which an operation is known; images of the team's services are built for it as well. */
export const operatedStacks = (byId: Readonly<Record<string, Operation>>, engine: string): readonly string[] => [
  ...new Set(
    Object.values(byId)
      .filter(
        ({ stack, steps }) =>
          splitId(stack).engine === engine &&
          (splitId(stack).project === teamStackName || steps.some(({ kind }) => swarmSteps.test(kind))),
      )
      .map(({ stack }) => stack)
      .sort(),
  ),
];

/** Services that an operation which did not end well has changed, and that can be what they were before it. */
export function undoable(operation: Operation, services: SwarmState['services']): readonly SwarmService[] {
  if (operation.state !== 'failed' && operation.state !== 'cancelled') return [];
  const { project } = splitId(operation.stack);
  const changed = new Set(
    operation.steps
      .filter(({ id, kind }) => kind === 'update-service' && operation.progress[id]?.state === 'done')
      .map(({ service = '' }) => `${project}_${service}`),
  );
  return Object.values(services).filter(({ name, canRollBack }) => canRollBack && changed.has(name));
}
