import type { Frame, StreamInput } from '../../preload/contract/api.ts';
import { splitId } from '../../preload/contract/ids.ts';
import type { Container, LogLine, ServiceId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Live } from './live.ts';
import { createLogBatch } from './log-batch.ts';
import type { Clock, Engines, LogChunk, LogOptions } from './ports.ts';
import { toEngineSince } from './since.ts';

const maxText = 32 * 1024;
const defaultTail = 200;
const retryAfter = 1_000;

export const clip = (text: string): string => (text.length > maxText ? `${text.slice(0, maxText)} … (line cut)` : text);

/** How far one container's log has been read, so that attaching again neither repeats nor loses lines. */
interface Mark {
  at?: string;
  /** Lines seen with exactly that time: the engine's `since` includes them. */
  count: number;
}

export interface LogsOptions {
  readonly engines: Engines;
  readonly live: Live;
  readonly clock: Clock;
}

/**
 * Logs of several services, merged by arrival. With `follow` it goes on through restarts (same container, attached again
 * from where it stopped) and recreation (a new container of the service appears in the live state). Resolves when all
 * has been read, or when the signal fires.
 */
export async function streamLogs(
  { engines, live, clock }: LogsOptions,
  input: StreamInput<'logs'>,
  onFrame: (frame: Frame<'logs'>) => void,
  signal: AbortSignal,
): Promise<void> {
  const follow = input.follow ?? false;
  const hand = (frame: Frame<'logs'>): void => {
    if (!signal.aborted) onFrame(frame);
  };
  const batch = createLogBatch<Omit<LogLine, 'seq'>>({ clock, onLines: (lines) => hand({ kind: 'lines', lines }) });
  const marks = new Map<string, Mark>();
  const attached = new Map<string, Promise<void>>();
  /** Lives (`id startedAt`) that have been read to their end. */
  const read = new Set<string>();

  const first: Pick<LogOptions, 'tail' | 'since'> = {
    ...(input.since === undefined ? {} : { since: toEngineSince(input.since, clock.now()) }),
    ...(input.tail === undefined && input.since !== undefined ? {} : { tail: input.tail ?? defaultTail }),
  };

  /** True when the log came to its end. */
  const readLog = async (service: ServiceId, container: Container): Promise<boolean> => {
    const { engine, name: id } = splitId(container.id);
    const mark = marks.get(container.id);
    const from: Pick<LogOptions, 'tail' | 'since'> =
      mark?.at === undefined ? first : { since: toEngineSince(mark.at, clock.now()) };
    let repeats = mark?.count ?? 0;
    const here: Mark = mark ?? { count: 0 };
    marks.set(container.id, here);
    const onChunk = ({ stream, at, text }: LogChunk) => {
      if (at !== undefined && at === here.at && repeats > 0) {
        repeats -= 1;
        return;
      }
      if (at !== undefined) {
        here.count = at === here.at ? here.count + 1 : 1;
        here.at = at;
      }
      repeats = 0;
      batch.push({ service, container: container.name, stream, ...(at === undefined ? {} : { at }), text: clip(text) });
    };
    try {
      await engines.get(engine).logs(id, { ...from, follow, timestamps: true }, onChunk, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      const reason = error instanceof AppFailure ? error.error.message : String(error);
      batch.flush();
      hand({ kind: 'gap', service, reason });
      // Whatever broke it may pass without anything changing in the live state.
      if (follow) await clock.sleep(retryAfter, signal).catch(() => undefined);
      return false;
    }
  };

  const containersOf = (service: ServiceId): readonly Container[] => {
    const found = live.state().services[service];
    return found === undefined ? [] : found.containers.filter(({ oneOff, state }) => !oneOff && state !== 'absent');
  };
  /**
   * One reading a life: a followed log ends with its container, and another life has another start. Only a reading that
   * broke is taken up again. The state may be older than the log, so a container that has just ended may look as running.
   */
  const attach = () => {
    if (signal.aborted) return;
    for (const service of input.services) {
      for (const container of containersOf(service)) {
        const life = `${container.id} ${container.startedAt ?? ''}`;
        if (attached.has(container.id) || read.has(life)) continue;
        const reading = readLog(service, container).then((ended) => {
          attached.delete(container.id);
          if (ended) read.add(life);
          if (follow) attach();
        });
        attached.set(container.id, reading);
      }
    }
  };

  const engineIds = [...new Set(input.services.map((service) => splitId(service).engine))];
  await Promise.all(engineIds.map((engine) => live.looked(engine)));
  const unknown = input.services.filter((service) => live.state().services[service] === undefined);
  if (unknown.length > 0 && !follow) {
    throw new AppFailure({
      code: 'stack.not-found',
      message: `There is no service ${unknown.map((service) => splitId(service).name).join(', ')} with containers.`,
      hint: 'Look at the list of services; start the stack if it does not run.',
    });
  }
  attach();
  if (!follow) {
    await Promise.all(attached.values());
    batch.flush();
    return;
  }
  await new Promise<void>((resolve) => {
    const stop = live.onChange(attach);
    const end = () => {
      stop();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  await Promise.all(attached.values());
}
