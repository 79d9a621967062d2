import type { AppError } from '../../preload/contract/errors.ts';
import { toServiceId, toStackId } from '../../preload/contract/ids.ts';
import type { LogLine } from '../../preload/contract/model.ts';
import type { SwarmLogGap } from '../../preload/contract/swarm-logs.ts';
import type { Client } from '../client/client.ts';
import { formatClock } from '../show/time.ts';

export interface LogHandlers {
  /** Each time the stream is opened, as for every stream of the client. */
  readonly onOpen: () => void;
  readonly onLines: (lines: readonly LogLine[]) => void;
  /** `services`: whose lines are missing; none: anybody's. */
  readonly onGap: (services: readonly string[], reason: string) => void;
  readonly onEnd: (error: AppError | undefined) => void;
}
/** Where lines come from. `from` is asked at each opening; returns how to close it. */
export type LogSource = (from: () => { tail: number } | { since: string }, on: LogHandlers) => () => void;

/** Services of a local stack, by their ids. */
export const serviceLogs =
  (client: Client, services: readonly string[]): LogSource =>
  (from, { onOpen, onLines, onGap, onEnd }) =>
    client.subscribe('logs', () => ({ services: services.slice(0, 64), follow: true, ...from() }), {
      onOpen,
      onFrame: (frame) => (frame.kind === 'gap' ? onGap([frame.service], frame.reason) : onLines(frame.lines)),
      onEnd,
    });

/** A service on a Swarm. Its lines belong to its tasks where they run: `web.2@n3` stands where a local service's name does. */
export function swarmLogs(
  client: Client,
  { engine, stack, service }: { readonly engine: string; readonly stack: string; readonly service: string },
): LogSource {
  const placeOf = (task: string, node: string) => toServiceId(toStackId(engine, stack), `${task}@${node}`);
  return (from, { onOpen, onLines, onGap, onEnd }) =>
    client.subscribe('swarmLogs', () => ({ engine, stack, service, follow: true, ...from() }), {
      onOpen,
      onFrame: (frame) => {
        if (frame.kind === 'lines') {
          onLines(
            frame.lines.map(({ task, taskId, node, ...line }) => ({
              ...line,
              service: placeOf(task, node),
              container: taskId,
            })),
          );
        } else if (frame.kind === 'gap') {
          const { tasks, node } = frame.gap;
          onGap(
            tasks.map((task) => placeOf(task, node)),
            gapText(frame.gap),
          );
        } else {
          onGap([], `${frame.lines} lines were left out: this view could not keep up`);
        }
      },
      onEnd,
    });
}

/** `No lines from web.2 on n3 since 10:02:00.000: the node does not answer.` */
const gapText = ({ tasks, node, since, reason, over }: SwarmLogGap): string => {
  const what = `${tasks.join(', ')} on ${node}`;
  if (over) return `${node} answers again: what ${what} wrote meanwhile follows, as far as it was kept.`;
  return `No lines from ${what}${since === undefined ? '' : ` since ${formatClock(since)}`}: ${reason}.`;
};
