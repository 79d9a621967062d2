import { type Job, type JobName, jobNames, jobOf } from '../compose/x-claude-env-jobs.ts';
import type { Raw } from '../plan/inherit.ts';
import type { Step } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { isJobSpec, patienceForNode, taskError } from './converge.ts';
import { jobLabel, stackLabel, toScopedName } from './names.ts';
import { type ObservedService, type SeenTask, seenSpec } from './observed.ts';
import type { DeployInput } from './plan.ts';
import { imageOf } from './spec-image.ts';
import type { SwarmStep } from './steps.ts';

/*
 * `x-claude-env: {migrate, smoke}`: a job before the services of a deploy change, and one after all of them have
 * converged. A job is gone when its step ends; what it said is in the step's error.
 */

export interface PlanJobs {
  readonly input: DeployInput;
  /** Services as they will be, by their names in the file. */
  readonly bodies: ReadonlyMap<string, Raw>;
  /** What makes networks, secrets and configs. */
  readonly objects: readonly Step[];
  readonly services: readonly Step[];
}

export interface PlannedJobs {
  /** Services' steps, those of the jobs among them. */
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
}

/** Jobs run where a service changes, unless told otherwise. */
export function planJobs({ input, bodies, objects, services }: PlanJobs): PlannedJobs {
  const { project, observed, options } = input;
  const changed = services.filter(({ kind }) => kind === 'create-service' || kind === 'update-service');
  const left = (observed.jobs ?? []).flatMap((one) => leftover(project.name, one));
  const runs = options.jobs === 'always' || (options.jobs !== 'never' && changed.length > 0);
  const problems: Problem[] = [];
  const found = new Map<JobName, { readonly job: Job; readonly body: Raw }>();
  for (const name of runs ? jobNames : []) {
    const job = jobOf(project, name);
    if (job === undefined) continue;
    const body = bodies.get(job.service);
    if (body === undefined) {
      const message = `${name}: the service ${job.service} is in no active profile`;
      const at = ['x-claude-env', name];
      problems.push({ severity: 'error', rule: 'swarm-job', message, hint: 'name another service', at });
    } else found.set(name, { job, body: toJobBody(project.name, name, job, body) });
  }
  const base = (name: JobName, job: Job, body: Raw) => ({
    id: `run-job ${name}`,
    target: name,
    destructive: false,
    kind: 'run-job' as const,
    stack: project.name,
    name: String(body.Name),
    job: name,
    body,
    image: imageOf(body),
    timeout: job.timeout / 1e9,
  });
  const ids = (steps: readonly Step[]): readonly string[] => steps.map(({ id }) => id);
  const steps: Step[] = [...left];
  const migrate = found.get('migrate');
  const first = migrate === undefined ? new Set<string>() : dependenciesOf(migrate.job.service, input);
  const early = services.filter(({ service = '' }) => first.has(service));
  const late = services.filter(({ service = '' }) => !first.has(service));
  steps.push(...early);
  if (migrate !== undefined) {
    steps.push({
      ...base('migrate', migrate.job, migrate.body),
      cause: `before services change, as ${migrate.job.service}`,
      after: ids([...left, ...objects, ...early]),
      undo: [],
      stays: changed.filter(({ service = '' }) => first.has(service)).map(({ target }) => target),
    });
  }
  const waits = migrate === undefined ? [] : ['run-job migrate'];
  steps.push(...late.map((step): Step => ({ ...step, after: [...step.after, ...waits] })));
  const smoke = found.get('smoke');
  if (smoke !== undefined) {
    steps.push({
      ...base('smoke', smoke.job, smoke.body),
      cause: `once everything runs, as ${smoke.job.service}; a failure rolls back what changed`,
      after: [...ids([...left, ...objects, ...services]), ...waits],
      undo: changed.flatMap((step) => undoOf(step, observed.services) ?? []),
      stays: changed.filter((step) => undoOf(step, observed.services) === undefined).map(({ target }) => target),
    });
  }
  return { steps, problems };
}

/** Not of one that is new, and not of a job in the file, which has run: there is nothing to go back to. */
const undoOf = (step: Step, services: readonly ObservedService[]): Undo | undefined => {
  if (step.kind !== 'update-service') return undefined;
  const there = services.find(({ id }) => id === step.serviceId);
  if (there === undefined || isJobSpec(there.spec)) return undefined;
  return { target: step.target, name: there.name, serviceId: there.id, seen: seenSpec(there) };
};
type Undo = Extract<SwarmStep, { kind: 'run-job' }>['undo'][number];

/** What the service cannot do without, and a migration therefore neither; the loader refuses cycles. */
function dependenciesOf(service: string, { project }: DeployInput): Set<string> {
  const found = new Set<string>();
  const visit = (key: string): void => {
    for (const one of project.services.get(key)?.depends_on?.keys() ?? []) {
      if (found.has(one)) continue;
      found.add(one);
      visit(one);
    }
  };
  visit(service);
  return found;
}

/** Of a deploy whose program died; its task ends before another one begins. */
function leftover(stack: string, { id, name }: ObservedService): readonly Step[] {
  const remove = `remove-service ${name}`;
  const base = { target: name, destructive: false } as const;
  return [
    {
      ...base,
      id: remove,
      cause: 'a job that an interrupted deploy left',
      after: [],
      kind: 'remove-service',
      serviceId: id,
    },
    {
      ...base,
      id: `wait-removed ${name}`,
      cause: 'its task stops first',
      after: [remove],
      kind: 'wait-removed',
      stack,
      services: [id],
    },
  ];
}

/**
 * One task that is not tried again, in the place of the service's: without its ports, and without its names on networks,
 * where it would be sent what is meant for the service. A check of the service's health says nothing about a job.
 * No replicated-job: when one is removed its task goes on to its end, and its container stays for ever (seen on 20.10).
 */
function toJobBody(stack: string, name: JobName, { command }: Job, body: Raw): Raw {
  const task = body.TaskTemplate as Raw;
  const { MaxReplicas: _most, ...placement } = (task.Placement ?? {}) as Raw;
  const networks = (task.Networks ?? []) as readonly Raw[];
  return {
    Name: toScopedName(stack, `claude-env-${name}`),
    Labels: { [stackLabel]: stack, [jobLabel]: name },
    TaskTemplate: {
      ...task,
      ContainerSpec: { ...(task.ContainerSpec as Raw), Args: command, Healthcheck: { Test: ['NONE'] } },
      RestartPolicy: { Condition: 'none' },
      Placement: placement,
      Networks: networks.map(({ Aliases: _names, ...rest }) => rest),
      ForceUpdate: 0,
    },
    Mode: { Replicated: { Replicas: 1 } },
  };
}

export interface JobVerdict {
  readonly kind: 'done' | 'running' | 'failed';
  readonly text: string;
  readonly task?: SeenTask;
}

const over = new Set(['failed', 'rejected', 'orphaned', 'shutdown', 'remove']);

/** What came of a job's only task. `now`: a manager's clock. */
export function judgeRun(tasks: readonly SeenTask[], now: number): JobVerdict {
  if (tasks.some(({ state }) => state === 'complete')) return { kind: 'done', text: 'done' };
  const [task] = [...tasks].sort((a, b) => b.createdAt - a.createdAt);
  if (task === undefined) return { kind: 'running', text: 'waiting for its task' };
  if (over.has(task.state)) return { kind: 'failed', text: taskError(task), task };
  if (task.state === 'pending' && task.error !== undefined && now - task.createdAt > patienceForNode) {
    return { kind: 'failed', text: `it finds no node: ${task.error}`, task };
  }
  return { kind: 'running', text: task.error ?? task.state, task };
}
