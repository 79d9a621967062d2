import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import { type Convergence, judgeService, monitorOf, taskError } from '../core/swarm/converge.ts';
import type { ObservedService, SeenTask } from '../core/swarm/observed.ts';
import type { SwarmStep } from '../core/swarm/steps.ts';
import type { Clock, StepReport } from '../services/ports.ts';
import type { Connection } from './connection.ts';
import { createDemux, isFramed } from './demux.ts';
import { cancelledFailure } from './errors.ts';
import { sendToSwarm } from './swarm-call.ts';
import { rollbackService } from './swarm-execute.ts';
import { readServices, readTasks } from './swarm-observe.ts';

/*
 * Waiting for tasks. Swarm sends no events for them (moby#37403), so the task list of the stack is read every two seconds:
 * one call for all of its services, however many of them are waited for.
 */

const interval = 2000;
/** Managers that lost their leader choose another one within seconds; what was asked for goes on meanwhile. */
const blindness = 20_000;

interface SeenNode {
  readonly ID: string;
  readonly Status: { readonly State: string };
}

export interface Look {
  readonly services: ReadonlyMap<string, ObservedService>;
  readonly tasks: readonly SeenTask[];
  /** Ids of nodes that do not answer: what their tasks do, nobody knows. */
  readonly lost: ReadonlySet<string>;
  /** By the clock that made the tasks' times, as near as can be told. */
  readonly now: number;
}

export interface StackWatch {
  /** The looks to come, the first one at once; ends with the signal. */
  readonly follow: (stack: string, signal: AbortSignal, onLook: (look: Look) => boolean) => Promise<void>;
}

/** One reader a stack, for as long as somebody waits for something of it. */
export function createStackWatch(connection: Connection, clock: Clock): StackWatch {
  interface Listener {
    readonly onLook: (look: Look) => boolean;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }
  const readers = new Map<string, Set<Listener>>();

  const look = (stack: string): Promise<Look> =>
    connection.call(`Looking at the stack ${stack}`, async (docker, signal) => {
      const [services, tasks, info, nodes] = await Promise.all([
        readServices(docker, stack, signal),
        readTasks(docker, stack, signal),
        sendToSwarm<{ readonly SystemTime?: string }>(docker, { method: 'GET', path: '/info', signal }),
        sendToSwarm<readonly SeenNode[]>(docker, { method: 'GET', path: '/nodes', signal }),
      ]);
      return {
        services: new Map(services.map((one) => [one.name, one])),
        tasks,
        lost: new Set(nodes.filter(({ Status }) => Status.State !== 'ready').map(({ ID }) => ID)),
        now: Date.parse(info.SystemTime ?? '') || clock.now(),
      };
    });

  const read = async (stack: string, listeners: Set<Listener>): Promise<void> => {
    let blind: number | undefined;
    while (listeners.size > 0) {
      try {
        // Who comes while it looks may wait for a service that was made after the look.
        const waiting = [...listeners];
        const seen = await look(stack);
        blind = undefined;
        for (const listener of waiting) {
          if (!listeners.has(listener) || !listener.onLook(seen)) continue;
          listeners.delete(listener);
          listener.resolve();
        }
      } catch (error) {
        blind ??= clock.now();
        if (clock.now() - blind > blindness) {
          for (const { reject } of listeners) reject(error);
          listeners.clear();
        }
      }
      if (listeners.size > 0) await clock.sleep(interval);
    }
    readers.delete(stack);
  };

  return {
    follow: (stack, signal, onLook) =>
      new Promise((resolve, reject) => {
        const listeners = readers.get(stack) ?? new Set<Listener>();
        const leave = () => {
          listeners.delete(listener);
          reject(cancelledFailure(`Waiting for the stack ${stack}`));
        };
        const end = (settle: () => void) => () => {
          signal.removeEventListener('abort', leave);
          settle();
        };
        const listener: Listener = {
          onLook: (seen) => {
            try {
              return onLook(seen);
            } catch (error) {
              listener.reject(error);
              listeners.delete(listener);
              return false;
            }
          },
          resolve: end(resolve),
          reject: (error) => end(() => reject(error))(),
        };
        if (signal.aborted) return leave();
        signal.addEventListener('abort', leave, { once: true });
        listeners.add(listener);
        if (readers.has(stack)) return;
        readers.set(stack, listeners);
        void read(stack, listeners);
      }),
  };
}

type WaitConverged = Extract<SwarmStep, { kind: 'wait-converged' }>;

export interface WaitForService {
  readonly step: WaitConverged & { readonly target: string };
  readonly connection: Connection;
  readonly watch: StackWatch;
  readonly clock: Clock;
  readonly report: (progress: StepReport) => void;
  readonly signal: AbortSignal;
}

/** Resolves when the service has converged and stayed so for Monitor; rejects with why it cannot, last lines included. */
export async function waitConverged(input: WaitForService): Promise<void> {
  const { step, connection, watch, clock, report, signal } = input;
  const begun = clock.now();
  let since: number | undefined;
  let failed: { readonly verdict: Convergence; readonly service: ObservedService } | undefined;
  await watch.follow(step.stack, signal, ({ services, tasks, now }) => {
    const service = services.get(step.name);
    if (service === undefined) {
      throw new AppFailure({ code: 'plan.changed', message: `The service ${step.name} is gone.`, retry: true });
    }
    const verdict = judgeService(service, tasks, now, { changed: step.changed });
    if (verdict.kind === 'failed') {
      failed = { verdict, service };
      return true;
    }
    // Seen up to one interval late; a node's clock is trusted no further.
    const late = Math.max(0, Math.min(interval, now - youngest(service, tasks)));
    since = verdict.kind === 'converged' ? (since ?? clock.now() - late) : undefined;
    // An update that Swarm calls completed has been watched for Monitor by Swarm itself.
    const watched = service.update?.state === 'completed';
    const left =
      since === undefined || watched ? 0 : Math.ceil((monitorOf(service.spec) - (clock.now() - since)) / 1000);
    const fraction = verdict.desired === 0 ? 1 : Math.min(1, verdict.running / verdict.desired);
    report({ message: left > 0 ? `${verdict.text}, watched for ${left} s more` : verdict.text, fraction });
    if (since !== undefined && left <= 0) return true;
    if (step.timeout !== undefined && clock.now() - begun > step.timeout * 1000) {
      failed = { verdict: { ...verdict, text: `after ${step.timeout} s ${verdict.text}` }, service };
      return true;
    }
    return false;
  });
  if (failed === undefined) return;
  const detail = await lastLines(connection, failed.verdict.culprit, signal);
  const { verdict, service } = failed;
  if (step.rollback && verdict.rolledBack !== true) {
    await goBack({ ...input, service });
    throw new AppFailure({
      code: 'service.failed',
      message: `${step.target}: ${verdict.text}. It was rolled back, and runs as before, with the old secret.`,
      ...(detail === undefined ? {} : { detail }),
    });
  }
  throw new AppFailure({
    code: 'service.failed',
    message: `${step.target}: ${verdict.text}.`,
    hint:
      verdict.rolledBack === true
        ? 'Mend the file or the image, and deploy again.'
        : `claude-env stack rollback -p ${step.stack} ${step.target} goes back to what ran before; claude-env stack ps -p ${step.stack} shows its tasks.`,
    ...(detail === undefined ? {} : { detail }),
  });
}

/** To the spec from before the last change; resolves when the tasks of then run again, or cannot. */
export async function goBack({
  step,
  connection,
  watch,
  report,
  signal,
  service,
}: Omit<WaitForService, 'step'> & {
  readonly step: Pick<WaitConverged, 'stack' | 'name'> & { readonly target: string };
  readonly service: Pick<ObservedService, 'id'>;
}): Promise<void> {
  report({ message: 'it does not start: going back to what ran before' });
  await connection.call(`Rolling back service ${step.target}`, async (docker) => {
    // It goes on even where the deploy was cancelled meanwhile.
    const never = new AbortController().signal;
    const { Version } = await sendToSwarm<{ readonly Version: { readonly Index: number } }>(docker, {
      method: 'GET',
      path: `/services/${service.id}`,
      signal: never,
    });
    await rollbackService(docker, service.id, Version.Index, never);
  });
  await watch.follow(step.stack, signal, ({ services, tasks, now }) => {
    const current = services.get(step.name);
    if (current === undefined) return true;
    const state = current.update?.state ?? '';
    if (state === 'rollback_started' || state === '') return false;
    const { update: _done, ...plain } = current;
    return judgeService(plain, tasks, now).kind !== 'waiting' || state === 'rollback_paused';
  });
}

/** What the task said last: from its node, through the manager. */
export async function lastLines(
  connection: Connection,
  task: SeenTask | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (task === undefined) return undefined;
  const lines = await connection
    .call('Reading the log of a task', (docker, abort) => readTaskLog(docker, task.id, abort), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
    })
    // A node that is gone keeps its tasks' words.
    .catch(() => '');
  const said = lines.trim();
  return said === '' ? taskError(task) : `${taskError(task)}\n${said}`;
}

async function readTaskLog(docker: Docker, id: string, signal: AbortSignal): Promise<string> {
  const path = `/tasks/${id}/logs?stdout=1&stderr=1&tail=20`;
  const answer = await new Promise<unknown>((resolve, reject) => {
    docker.modem.dial(
      { method: 'GET', path: `${path}&`, abortSignal: signal, isStream: true, statusCodes: { 200: true } },
      (error, stream) => (error ? reject(error) : resolve(stream)),
    );
  });
  const words: Buffer[] = [];
  let demux: ((chunk: Buffer) => void) | undefined;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    demux ??= createDemux(!isFramed(chunk), (_stream, data) => words.push(data));
    demux(chunk);
  }
  return Buffer.concat(words).toString('utf8');
}

const youngest = ({ id }: ObservedService, tasks: readonly SeenTask[]): number =>
  Math.max(0, ...tasks.filter(({ service, state }) => service === id && state === 'running').map(({ at }) => at));

type WaitRemoved = Extract<SwarmStep, { kind: 'wait-removed' }>;

/** Until the engine has forgotten every task of the services: only then their networks and secrets can go. */
export const waitRemoved = (
  { stack, services }: WaitRemoved,
  { watch, report, signal }: Pick<WaitForService, 'watch' | 'report' | 'signal'>,
): Promise<void> =>
  watch.follow(stack, signal, ({ tasks, lost }) => {
    // A task on a node that is gone is forgotten by Swarm a day later.
    const left = tasks.filter(
      ({ service, state, node = '' }) => services.includes(service) && !ended.has(state) && !lost.has(node),
    ).length;
    if (left > 0) report({ message: `${left} tasks are stopping` });
    return left === 0;
  });
const ended = new Set(['complete', 'failed', 'rejected', 'shutdown', 'orphaned', 'remove']);
