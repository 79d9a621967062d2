import { constants } from 'node:os';
import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { label } from '../core/plan/labels.ts';
import { inspectAll } from './containers.ts';
import { dial } from './dial.ts';
import { statusOf } from './errors.ts';
import { readJsonLines } from './json-lines.ts';

/*
 * A `down` that is killed leaves stops behind which the engine goes on with for their grace period (seen on 20.10). Until
 * then such a container says that it runs, and whoever plans would keep it. The engine remembers its last events: a signal
 * that ends, and no end after it, is such a stop. Times are the engine's own; ours may be wrong.
 */

/** Longer than any grace period that somebody waits for at a terminal. */
const rememberedSeconds = 120;
const usualGraceSeconds = 10;
const slackSeconds = 3;

interface StopConfig {
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
}

interface Stop {
  readonly id: string;
  readonly signal: number;
  /** Seconds ago. */
  readonly age: number;
}

/** Containers of the project whose last event was a signal. */
async function readStops(docker: Docker, project: string, signal: AbortSignal): Promise<readonly Stop[]> {
  const { SystemTime } = await dial<{ readonly SystemTime?: string }>(docker, { method: 'GET', path: '/info', signal });
  const now = Date.parse(SystemTime ?? '') / 1000;
  if (Number.isNaN(now)) return [];
  const stream = await docker.getEvents({
    since: Math.floor(now - rememberedSeconds),
    // Whole seconds would leave out what has happened in this one.
    until: Number(now.toFixed(3)),
    filters: {
      type: ['container'],
      event: ['kill', 'die', 'start', 'destroy'],
      label: [`${label.project}=${project}`],
    },
    abortSignal: signal,
  });
  const last = new Map<string, Stop>();
  for await (const event of readJsonLines(stream)) {
    const { Action, time, Actor } = event as {
      readonly Action: string;
      readonly time: number;
      readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
    };
    const { ID: id, Attributes } = Actor;
    if (Action === 'kill') last.set(id, { id, signal: Number(Attributes.signal), age: now - time });
    else last.delete(id);
  }
  return [...last.values()];
}

/** `SIGQUIT`, `QUIT` and `3` are one signal. */
function toNumber(signal: string | undefined): number {
  if (signal === undefined || signal === '') return constants.signals.SIGTERM;
  const name = (signal.startsWith('SIG') ? signal : `SIG${signal}`) as NodeJS.Signals;
  return /^\d+$/.test(signal) ? Number(signal) : (constants.signals[name] ?? constants.signals.SIGTERM);
}

/** Seconds until the engine ends it by force; undefined where the signal was not its stop signal. */
function remaining({ signal, age }: Stop, info: ContainerInspectInfo): number | undefined {
  // @types/dockerode leaves both out.
  const config: ContainerInspectInfo['Config'] & StopConfig = info.Config;
  if (signal !== toNumber(config.StopSignal) && signal !== constants.signals.SIGKILL) return undefined;
  const seconds = (config.StopTimeout ?? usualGraceSeconds) - age + slackSeconds;
  return seconds > 0 ? seconds : undefined;
}

/** Waits until the project's containers that are being stopped have stopped; at most as long as the engine gives them. */
export async function settleStops(docker: Docker, project: string, signal: AbortSignal): Promise<void> {
  const stops = new Map((await readStops(docker, project, signal)).map((stop) => [stop.id, stop]));
  const infos = stops.size === 0 ? [] : await inspectAll(docker, [...stops.keys()], signal);
  await Promise.all(
    infos.map(async (info) => {
      const stop = stops.get(info.Id);
      const seconds = stop === undefined || !info.State.Running ? undefined : remaining(stop, info);
      if (seconds === undefined) return;
      const limit = AbortSignal.timeout(Math.ceil(seconds * 1000));
      const abortSignal = AbortSignal.any([signal, limit]);
      try {
        await docker.getContainer(info.Id).wait({ condition: 'not-running', abortSignal });
      } catch (error) {
        // It lives on, so nobody was stopping it; or it is gone altogether.
        if (!(limit.aborted && !signal.aborted) && statusOf(error) !== 404) throw error;
      }
    }),
  );
}
