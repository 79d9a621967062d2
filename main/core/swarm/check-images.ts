import type { Raw } from '../plan/inherit.ts';
import type { Step } from '../plan/plan.ts';
import { jobLabel, newVersion, stackImageLabel, stackLabel, toScopedName } from './names.ts';
import { runsThere } from './node-images.ts';
import type { ObservedStack, SeenTask, SwarmNode } from './observed.ts';
import { nodesFitting } from './placement.ts';
import { imageOf, labelsOf } from './spec-image.ts';

/*
 * Whether nodes that nobody here can look at can have an image, asked of themselves before anything changes: a task on each
 * of them that names a program which no image has. A node that has the image, or can pull it, fails to start that program;
 * one that cannot ends with "No such image", which else a service's tasks would. Nothing of the image runs.
 */

/** The steps with what they wait for put first: one an image and placement, where no registry is known to have the image. */
export function withChecks(observed: ObservedStack, steps: readonly Step[]): readonly Step[] {
  const checks = planChecks(observed, steps);
  const first = checks.map(({ id }) => id);
  // Whatever else there is waits for a step that waits for nothing.
  return [...checks, ...steps.map((step): Step => (step.after.length > 0 ? step : { ...step, after: first }))];
}

function planChecks(observed: ObservedStack, steps: readonly Step[]): readonly Step[] {
  const { stack } = observed;
  const checks = new Map<string, Step>();
  for (const step of steps) {
    if (step.kind !== 'create-service' && step.kind !== 'update-service') continue;
    const { body, target: key, image: named } = step;
    const image = labelsOf(body)[stackImageLabel] ?? named;
    if (named === '') continue;
    // By digest or id: its registry has said that it has it, or a step brings it.
    if (observed.digests[image] !== undefined || /@sha256:|^sha256:/.test(named) || step.pushed === true) continue;
    const checked = toCheckBody(stack, body);
    const here = observed.imageIds?.[image] !== undefined;
    const nodes = nodesFitting(checked.constraints, observed.nodes).filter(
      ({ id }) => !(here && id === observed.node) && !runsThere(observed, key, image, id),
    );
    if (nodes.length === 0) continue;
    const place = JSON.stringify([named, checked.constraints]);
    if (checks.has(place)) continue;
    const number = checks.size + 1;
    checks.set(place, {
      id: `check-image ${number} ${named}`,
      target: image,
      service: key,
      cause: `no registry that answers here has it: tried on ${nodes.map(({ hostname }) => hostname).join(', ')} before anything changes`,
      destructive: false,
      after: [],
      kind: 'check-image',
      stack,
      body: { ...checked.body, Name: toScopedName(stack, `claude-env-image-${number}-${newVersion}`) },
      image: named,
      nodes: nodes.map(({ id, hostname }) => ({ id, hostname })),
    });
  }
  return [...checks.values()];
}

/** No image has it. */
const noProgram = '/claude-env/looks-for-the-image';

function toCheckBody(stack: string, spec: Raw): { readonly body: Raw; readonly constraints: readonly string[] } {
  const { Placement } = spec.TaskTemplate as { readonly Placement?: { readonly Constraints?: readonly string[] } };
  const constraints = Placement?.Constraints ?? [];
  const body = {
    Labels: { [stackLabel]: stack, [jobLabel]: 'image' },
    TaskTemplate: {
      ContainerSpec: { Image: imageOf(spec), Command: [noProgram], Healthcheck: { Test: ['NONE'] } },
      RestartPolicy: { Condition: 'none' },
      Placement: { Constraints: constraints },
    },
    Mode: { Global: {} },
  };
  return { body, constraints };
}

export interface CheckVerdict {
  /** Names of nodes that can neither find nor pull it. */
  readonly missing: readonly string[];
  /** Names of those that have not said yet. */
  readonly open: readonly string[];
}

const over = new Set(['complete', 'failed', 'rejected', 'orphaned', 'shutdown', 'remove']);

/** What the tasks say so far; `tasks` are those of the check alone. */
export function judgeCheck(
  tasks: readonly SeenTask[],
  nodes: readonly Pick<SwarmNode, 'id' | 'hostname'>[],
): CheckVerdict {
  const of = (id: string) => tasks.find(({ node }) => node === id);
  const names = (test: (task: SeenTask | undefined) => boolean): readonly string[] =>
    nodes.filter(({ id }) => test(of(id))).map(({ hostname }) => hostname);
  return {
    missing: names((task) => /no such image/i.test(task?.error ?? '')),
    open: names((task) => task === undefined || !over.has(task.state)),
  };
}
