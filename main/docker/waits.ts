import type { ContainerInspectInfo } from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { EngineSignal } from '../core/seen.ts';
import type { Clock } from '../services/ports.ts';
import type { Connection } from './connection.ts';
import { inspectContainer } from './containers.ts';
import { cancelledFailure } from './errors.ts';
import { hasHealthcheck, toHealthOutput } from './inspect.ts';

/*
 * Waiting without polling: the engine's events say when to look, one inspect says what is. The first look comes after
 * the subscription, so what happens in between is not missed; another one follows every reconnection.
 * What counts as success and failure is docker compose's (pkg/compose/convergence.go: isServiceHealthy,
 * isServiceCompleted): unhealthy, ended, or no health check at all fail a wait for healthy at once.
 */

export type Wait = 'healthy' | 'completed' | 'running';

/** `done`, a failure, or undefined: not yet. */
export type Verdict = 'done' | AppFailure | undefined;

const exited = (info: ContainerInspectInfo): AppFailure => {
  const { ExitCode, OOMKilled, Error: words } = info.State;
  const name = info.Name.slice(1);
  return new AppFailure({
    code: 'container.exited',
    message: `${name} ended with exit code ${ExitCode}${OOMKilled ? ' (out of memory)' : ''}.`,
    hint: `\`docker logs ${name}\` shows its last words.`,
    ...(words && { detail: words }),
  });
};

/** See step `wait-healthy` in core/plan/plan.ts. */
export interface Leniency {
  readonly orRunning?: boolean | undefined;
  readonly mayRecover?: boolean | undefined;
}

/** Judges one look at a container. Pure. */
export function judge(wait: Wait, info: ContainerInspectInfo, leniency: Leniency = {}): Verdict {
  const { Status, ExitCode, Health } = info.State;
  const ended = Status === 'exited' || Status === 'dead';
  if (wait === 'completed') return ended ? (ExitCode === 0 ? 'done' : exited(info)) : undefined;
  if (ended) return exited(info);
  if (wait === 'running') return Status === 'running' ? 'done' : undefined;
  const name = info.Name.slice(1);
  if (!hasHealthcheck(info.Config.Healthcheck) || Health === undefined) {
    // A container that does not run yet has no health, but its check is known.
    if (hasHealthcheck(info.Config.Healthcheck) && Status !== 'running') return undefined;
    if (leniency.orRunning === true) return Status === 'running' ? 'done' : undefined;
    return new AppFailure({
      code: 'container.unhealthy',
      message: `${name} has no health check, so it can never become healthy.`,
      hint: 'Add a `healthcheck` to the service, or depend on it with `condition: service_started`.',
    });
  }
  if (Health.Status === 'healthy') return 'done';
  // While a container is being stopped the engine calls it unhealthy: what counts then is how it ends.
  if (Health.Status !== 'unhealthy' || !info.State.Running || leniency.mayRecover === true) return undefined;
  const detail = toHealthOutput(info);
  return new AppFailure({
    code: 'container.unhealthy',
    message: `${name} is unhealthy: its health check failed ${Health.FailingStreak} times in a row.`,
    hint: `\`docker logs ${name}\` and the check’s output below say why.`,
    ...(detail !== undefined && { detail }),
  });
}

export interface WaitFor {
  readonly wait: Wait;
  readonly leniency?: Leniency;
  readonly container: string;
  /** Seconds; absent: as long as it takes. */
  readonly timeout?: number | undefined;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const concerns = (signal: EngineSignal, container: string): boolean =>
  signal.kind === 'gap' ||
  (signal.event.type === 'container' &&
    (signal.event.attributes.name === container || signal.event.id.startsWith(container)));

/** Resolves when the container is what is waited for; rejects with the reason why it never will, or `wait.timeout`. */
export function waitFor({ wait, leniency, container, timeout, connection, clock, ...of }: WaitFor): Promise<void> {
  // A signal of its own: dozens of listeners on one operation's signal would look like a leak to Node.
  const signal = AbortSignal.any([of.signal]);
  const doing = `Waiting until ${container} is ${wait}`;
  return new Promise((resolve, reject) => {
    let over = false;
    let looking = false;
    let lookAgain = false;
    const finish = (settle: () => void) => {
      if (over) return;
      over = true;
      for (const undo of undoes) undo();
      settle();
    };
    const fail = (error: unknown) => finish(() => reject(error));

    const look = async (): Promise<void> => {
      if (looking) {
        lookAgain = true;
        return;
      }
      looking = true;
      do {
        lookAgain = false;
        try {
          const info = await connection.call(doing, (docker, abort) => inspectContainer(docker, container, abort), {
            signal,
          });
          const verdict = info === undefined ? gone(container) : judge(wait, info, leniency);
          if (verdict === 'done') finish(resolve);
          else if (verdict) fail(verdict);
        } catch (error) {
          fail(error);
        }
      } while (lookAgain && !over);
      looking = false;
    };

    const onAbort = () => fail(cancelledFailure(doing));
    const undoes = [
      connection.watch((seen) => void (concerns(seen, container) && look())),
      connection.onState((state) => state.kind === 'unreachable' && fail(new AppFailure(state.error))),
      timeout === undefined ? () => {} : clock.after(timeout * 1000, () => fail(tooLong(container, wait, timeout))),
      () => signal.removeEventListener('abort', onAbort),
    ];
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else void look();
  });
}

const gone = (container: string): AppFailure =>
  new AppFailure({ code: 'container.exited', message: `${container} was removed while it was waited for.` });

const tooLong = (container: string, wait: Wait, seconds: number): AppFailure =>
  new AppFailure({
    code: 'wait.timeout',
    message: `${container} is not ${wait} after ${seconds} s.`,
    hint: `\`docker logs ${container}\` shows what it is doing.`,
    retry: true,
  });
