import type { Raw } from '../plan/inherit.ts';
import type { Step } from '../plan/plan.ts';
import { jobLabel, newVersion, stackLabel, toScopedName } from './names.ts';
import { runsThere } from './node-images.ts';
import type { SeenTask, SwarmNode } from './observed.ts';
import { eligibleNodes } from './placement.ts';
import type { DeployInput } from './plan.ts';
import { imageOf } from './spec-image.ts';

/*
 * Whether nodes that nobody here can look at can have an image, asked of themselves before anything changes: a task on each
 * of them that names a program which no image has. A node that has the image, or can pull it, fails to start that program;
 * one that cannot ends with "No such image", which else a service's tasks would. Nothing of the image runs.
 */

export interface PlanChecks {
  readonly input: DeployInput;
  /** Services as they will be, by their names in the file. */
  readonly bodies: ReadonlyMap<string, Raw>;
  readonly services: readonly Step[];
}

/** One step an image and placement, of services that are made or changed and whose image no registry is known to have. */
export function planChecks({ input, bodies, services }: PlanChecks): readonly Step[] {
  const { project, observed, options } = input;
  if (options.resolveImage === 'never') return [];
  const steps = new Map<string, Step>();
  for (const step of services) {
    if (step.kind !== 'create-service' && step.kind !== 'update-service') continue;
    const { service: key = '' } = step;
    const [service, body] = [project.services.get(key), bodies.get(key)];
    if (service?.image === undefined || body === undefined) continue;
    const { image } = service;
    const named = imageOf(body);
    // By digest or id: its registry has said that it has it, or a step brings it.
    if (observed.digests[image] !== undefined || /@sha256:|^sha256:/.test(named) || 'pushed' in step) continue;
    const here = observed.imageIds?.[image] !== undefined;
    const nodes = eligibleNodes(service, observed.nodes).filter(
      ({ id }) => !(here && id === observed.node) && !runsThere(observed, key, image, id),
    );
    if (nodes.length === 0) continue;
    const checked = toCheckBody(project.name, body);
    const place = JSON.stringify([named, checked.TaskTemplate]);
    if (steps.has(place)) continue;
    steps.set(place, {
      id: `check-image ${steps.size + 1} ${named}`,
      target: image,
      service: key,
      cause: `no registry that answers here has it: tried on ${nodes.map(({ hostname }) => hostname).join(', ')} before anything changes`,
      destructive: false,
      after: [],
      kind: 'check-image',
      stack: project.name,
      body: { ...checked, Name: `${String(checked.Name)}-${steps.size + 1}-${newVersion}` },
      image: named,
      nodes: nodes.map(({ id, hostname }) => ({ id, hostname })),
    });
  }
  return [...steps.values()];
}

/** No image has it. */
const noProgram = '/claude-env/looks-for-the-image';

function toCheckBody(stack: string, body: Raw): Raw {
  const { Placement = {} } = body.TaskTemplate as { readonly Placement?: Raw };
  const { Constraints = [], Platforms = [] } = Placement as Readonly<Record<string, readonly unknown[] | undefined>>;
  return {
    Name: toScopedName(stack, 'claude-env-image'),
    Labels: { [stackLabel]: stack, [jobLabel]: 'image' },
    TaskTemplate: {
      ContainerSpec: { Image: imageOf(body), Command: [noProgram], Healthcheck: { Test: ['NONE'] } },
      RestartPolicy: { Condition: 'none' },
      Placement: { Constraints, Platforms },
    },
    Mode: { Global: {} },
  };
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
