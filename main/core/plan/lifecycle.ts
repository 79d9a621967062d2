import type { PlanAction } from '../../../preload/contract/model.ts';
import type { PlanInput } from './actions.ts';
import { planStops, removeAnonymousVolumes } from './down.ts';
import { createDraft, isRunning } from './draft.ts';
import { toObservedGraph, toServiceGraph } from './graph.ts';
import type { CorePlan, ObservedContainer } from './plan.ts';

/*
 * `kill`, `pause`, `unpause`, `rm`: what docker compose does besides bringing up and down, on the same containers: one-offs
 * are killed with their service, and left alone by the others (pkg/compose/{kill,pause,remove}.go).
 */

type Lifecycle = Extract<PlanAction, 'kill' | 'pause' | 'unpause' | 'rm'>;

/** Names of services have been checked. Works from labels where nobody has the file. */
export function planLifecycle(action: Lifecycle, input: PlanInput): CorePlan {
  const asked = input.options.services ?? [];
  const containers = input.observed.containers.filter(
    (container) =>
      container.state !== 'removing' &&
      (asked.length === 0 || asked.includes(container.service)) &&
      (action === 'kill' || !container.oneOff),
  );
  return action === 'rm' ? planRemove(input, containers) : planSignals(action, input, containers);
}

function planSignals(
  action: Exclude<Lifecycle, 'rm'>,
  { name, options }: PlanInput,
  containers: readonly ObservedContainer[],
): CorePlan {
  const draft = createDraft();
  for (const container of containers) {
    const common = { target: container.name, service: container.service, container: container.id };
    if (action === 'kill' && isRunning(container)) {
      const signal = options.signal ?? 'SIGKILL';
      draft.add({ ...common, kind: 'kill-container', signal, cause: `${signal} was asked for` });
    }
    if (action === 'pause' && container.state === 'running') {
      draft.add({ ...common, kind: 'pause-container', cause: 'a pause was asked for' });
    }
    if (action === 'unpause' && container.state === 'paused') {
      draft.add({ ...common, kind: 'unpause-container', cause: 'is paused' });
    }
  }
  return draft.finish(name, action);
}

/** Stopped containers; with `stop` the others as well, which are stopped before. */
function planRemove(input: PlanInput, containers: readonly ObservedContainer[]): CorePlan {
  const { project, observed, options, name } = input;
  const draft = createDraft();
  const gone = containers.filter((container) => options.stop === true || !isRunning(container));
  const stops = planStops({
    draft,
    graph:
      project === undefined
        ? toObservedGraph(observed.containers)
        : toServiceGraph([...project.services.values(), ...project.inactive.values()]),
    containers: gone,
    project,
    timeout: options.timeout,
    cause: () => 'is to be removed',
  });
  const volumes = options.volumes === true;
  const removed = gone.map((container) => {
    const stop = stops.get(container.id);
    const step = draft.remove(container, 'removal was asked for', {
      after: stop === undefined ? [] : [stop],
      removeVolumes: volumes,
    });
    return { container, step };
  });
  if (volumes) removeAnonymousVolumes(removed, draft);
  return draft.finish(name, 'rm');
}
