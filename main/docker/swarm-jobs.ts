import { AppFailure } from '../core/app-failure.ts';
import type { Raw } from '../core/plan/inherit.ts';
import { type JobVerdict, judgeRun } from '../core/swarm/jobs.ts';
import type { SwarmStep } from '../core/swarm/steps.ts';
import type { Connection } from './connection.ts';
import { statusOf } from './errors.ts';
import { fillValues } from './fill-step.ts';
import { sendToSwarm } from './swarm-call.ts';
import { goBack, lastLines, type WaitForService, waitRemoved } from './swarm-converge.ts';
import { type SwarmContext, swarmCalls } from './swarm-execute.ts';

/* A job of a deploy: made, followed to its end, removed; where it fails, what the deploy changed goes back. */

type Job = Extract<SwarmStep, { kind: 'run-job' }>;

export type RunJob = Omit<WaitForService, 'step'> & SwarmContext & { readonly step: Job & { readonly target: string } };

type Helped = Omit<WaitForService, 'step'> &
  SwarmContext & { readonly step: { readonly stack: string; readonly target: string; readonly image: string } };

/** Makes the service, and removes it when `use` has ended, however it ends; a task of it that runs is waited for. */
export async function whileServiceIs<T>(input: Helped, body: Raw, use: (id: string) => Promise<T>): Promise<T> {
  const { step, connection, signal } = input;
  const { ID } = await connection.call(
    `Starting ${step.target}`,
    (docker, abort) => {
      const [, create] = swarmCalls['create-service'];
      return create({ kind: 'create-service', body, image: step.image }, docker, abort, input) as Promise<{
        readonly ID: string;
      }>;
    },
    { signal },
  );
  try {
    return await use(ID);
  } finally {
    // Also where the deploy was cancelled: what it began ends with it.
    await remove(connection, ID, step.target);
    if (!signal.aborted) await waitRemoved({ kind: 'wait-removed', stack: step.stack, services: [ID] }, input);
  }
}

/** Resolves when the job's task has completed; rejects with why it has not, its last lines, and what was done about it. */
export async function runJob(input: RunJob): Promise<void> {
  const { step, connection, signal } = input;
  const body = await fillValues(step.body, input.secrets);
  let detail: string | undefined;
  const failed = await whileServiceIs(input, body, async (id) => {
    const verdict = await follow(input, id);
    if (verdict !== undefined) detail = await lastLines(connection, verdict.task, signal);
    return verdict;
  });
  if (failed === undefined) return;
  const undone = await undo(input);
  throw new AppFailure({
    code: 'service.failed',
    message: `${step.target}: ${failed.text}. ${[...undone, ...stayed(step)].join(' ')}`,
    hint: 'Mend the file or the image, and deploy again.',
    ...(detail === undefined ? {} : { detail }),
  });
}

/** Undefined: it did what it is for. */
async function follow({ step, watch, clock, report, signal }: RunJob, id: string): Promise<JobVerdict | undefined> {
  const begun = clock.now();
  let failed: JobVerdict | undefined;
  await watch.follow(step.stack, signal, ({ services, tasks, now }) => {
    // A look may have been on its way before the job was there.
    const own = tasks.filter(({ service }) => service === id);
    const verdict = judgeRun(own, now);
    if (verdict.kind === 'done') return true;
    report({ message: verdict.text });
    if (verdict.kind === 'failed') failed = verdict;
    else if (clock.now() - begun > step.timeout * 1000) {
      failed = { ...verdict, text: `it did not end within ${step.timeout} s (${verdict.text})` };
    } else if (own.length > 0 && !services.has(step.name)) {
      failed = { ...verdict, text: 'somebody removed it' };
    }
    return failed !== undefined;
  });
  return failed;
}

const remove = (connection: Connection, id: string, target: string): Promise<unknown> =>
  connection.call(`Removing ${target}`, (docker, signal) =>
    sendToSwarm(docker, { method: 'DELETE', path: `/services/${id}`, signal }).catch((error: unknown) => {
      if (statusOf(error) !== 404) throw error;
    }),
  );

/** What was not undone, in words. */
function stayed({ job, stays }: Job): readonly string[] {
  const names = stays.join(', ');
  if (job === 'smoke') return stays.length === 0 ? [] : [`New or a job, and left as they are: ${names}.`];
  return stays.length === 0 ? ['No service was changed.'] : [`Only what it depends on was changed: ${names}.`];
}

const look = (connection: Connection, id: string, target: string) =>
  connection.call(`Looking at service ${target}`, (docker, signal) =>
    sendToSwarm<{ readonly PreviousSpec?: unknown; readonly UpdateStatus?: { readonly State?: string } }>(docker, {
      method: 'GET',
      path: `/services/${id}`,
      signal,
    }),
  );

/** Every service that the deploy changed, unless somebody else has changed it since; says what came of it. */
async function undo({ step, connection, watch, clock, report, signal }: RunJob): Promise<readonly string[]> {
  const ended = await Promise.all(
    step.undo.map(async ({ target, name, serviceId, seen }) => {
      try {
        const { PreviousSpec } = await look(connection, serviceId, target);
        if (JSON.stringify(PreviousSpec) !== JSON.stringify(seen)) return { target, why: 'somebody changed it since' };
        const service = { id: serviceId };
        await goBack({ step: { stack: step.stack, name, target }, connection, watch, clock, report, signal, service });
        const { UpdateStatus } = await look(connection, serviceId, target);
        return UpdateStatus?.State === 'rollback_completed' ? { target } : { target, why: 'Swarm stopped on the way' };
      } catch (error) {
        return { target, why: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
  const back = ended.filter(({ why }) => why === undefined).map(({ target }) => target);
  return [
    ...(back.length === 0 ? [] : [`Rolled back: ${back.join(', ')}.`]),
    ...ended.flatMap(({ target, why }) => (why === undefined ? [] : [`${target} was not rolled back: ${why}.`])),
  ];
}
