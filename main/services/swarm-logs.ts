import type { SwarmLogFrame, SwarmLogLine } from '../../preload/contract/swarm-logs.ts';
import { type LogGap, type LogPlaces, logGaps, logPlaces } from '../core/swarm/log-places.ts';
import { findService } from '../core/swarm/operate.ts';
import { createLogBatch } from './log-batch.ts';
import { clip } from './logs.ts';
import type { Clock, EngineConnection, LogOptions, ServiceLogLine } from './ports.ts';
import { toEngineSince } from './since.ts';

export interface FollowServiceLogs {
  readonly connection: Pick<EngineConnection, 'swarmStacks' | 'watch'>;
  readonly clock: Clock;
  readonly stack: string;
  /** Its name in the file, or its whole name. */
  readonly service: string;
  readonly wanted: Pick<LogOptions, 'tail' | 'since' | 'follow'>;
  readonly onFrame: (frame: SwarmLogFrame) => void;
  readonly signal: AbortSignal;
}

type Line = Omit<SwarmLogLine, 'seq'>;

/** The engine's times have nine decimals, so that their text has their order. */
const byTime = (lines: readonly SwarmLogLine[]): readonly SwarmLogLine[] =>
  [...lines].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq));

/**
 * What all tasks of a service write, by time, and a gap for each node that does not answer. The engine leaves the tasks of
 * such a node out; with `follow` it says nothing of it, and nothing comes from a node that was cut off and is back (seen on
 * 20.10: its log is asked for once). So the log is asked for anew from where that node fell silent, and what was read is
 * left out. Throws `stack.not-found`, `usage` for a service that is not there.
 */
export async function followServiceLogs(input: FollowServiceLogs): Promise<void> {
  const { connection, clock, wanted, onFrame, signal } = input;
  const observe = () => connection.swarmStacks.observe(input.stack, [], signal);
  const seen = await observe();
  const service = findService(seen, input.service);
  let places = logPlaces(seen, service);
  const hand = (frame: SwarmLogFrame): void => {
    if (!signal.aborted) onFrame(frame);
  };
  const batch = createLogBatch<Line>({ clock, onLines: (lines) => hand({ kind: 'lines', lines }), arrange: byTime });

  /** Time of the last line, by task and by node. */
  const read = { task: new Map<string, string>(), node: new Map<string, string>() };
  const gaps = new Map<string, LogGap>();
  const say = (id: string, gap: LogGap, over: boolean): void => {
    batch.flush();
    // What was read last is nearer to the truth than when the Swarm noticed.
    const since = read.node.get(id) ?? gap.since;
    hand({
      kind: 'gap',
      gap: { seq: batch.next(), ...gap, tasks: [...gap.tasks], ...(since === undefined ? {} : { since }), over },
    });
  };

  const put = ({ task, node, stream, at = '', text }: ServiceLogLine, { tasks, nodes }: LogPlaces): void => {
    const place = tasks.get(task);
    batch.push({
      task: place?.task ?? task.slice(0, 12),
      taskId: task,
      node: place?.node ?? nodes.get(node)?.hostname ?? node.slice(0, 12),
      stream,
      at,
      text: clip(text),
    });
  };
  const lookAgain = async (): Promise<void> => {
    const now = await observe();
    const found = now.services.find(({ id }) => id === service.id);
    if (found !== undefined) places = logPlaces(now, found);
  };
  /** Lines of tasks that were made since the last look, while that is made up for. */
  let held: ServiceLogLine[] = [];
  let looking = false;
  let named = Promise.resolve();
  /** Tasks that the Swarm has forgotten: looked up once, then shown as they are. */
  const forgotten = new Set<string>();
  const onLine = (line: ServiceLogLine): void => {
    // A node that comes back begins with what it had sent before; all of it is asked for again.
    if (gaps.has(line.node)) return;
    if (line.at !== undefined) {
      read.task.set(line.task, line.at);
      read.node.set(line.node, line.at);
    }
    if (!looking && (places.tasks.has(line.task) || forgotten.has(line.task))) {
      put(line, places);
      return;
    }
    held.push(line);
    if (looking) return;
    looking = true;
    const show = (): void => {
      looking = false;
      const lines = held;
      held = [];
      for (const one of lines) put(one, places);
    };
    named = lookAgain().then(() => {
      if (!places.tasks.has(line.task)) forgotten.add(line.task);
      show();
      // Without names they are lines all the same.
    }, show);
  };

  const session = async (from: Pick<LogOptions, 'tail' | 'since'>, until: AbortSignal) => {
    const before = new Map(read.task);
    const isNew = ({ task, at = '' }: ServiceLogLine): boolean => at > (before.get(task) ?? '');
    return connection.swarmStacks.logs(
      service.name,
      { ...from, follow: wanted.follow, timestamps: true },
      (line) => {
        if (isNew(line)) onLine(line);
      },
      AbortSignal.any([signal, until]),
    );
  };
  const first: Pick<LogOptions, 'tail' | 'since'> = {
    ...(wanted.tail === undefined ? {} : { tail: wanted.tail }),
    ...(wanted.since === undefined ? {} : { since: toEngineSince(wanted.since, clock.now()) }),
  };

  if (!wanted.follow) {
    const { missing } = await session(first, signal).finally(() => named.then(batch.flush));
    await lookAgain();
    for (const [id, gap] of logGaps(places, missing)) say(id, gap, false);
    return;
  }

  let current = new AbortController();
  /** Where the next session begins: the earliest moment at which a node that is back fell silent. */
  let from: string | undefined;
  const compare = async (): Promise<void> => {
    await lookAgain();
    const now = logGaps(places);
    for (const [id, gap] of now) {
      if (gaps.has(id)) continue;
      gaps.set(id, gap);
      say(id, gap, false);
    }
    for (const [id, gap] of gaps) {
      if (now.has(id)) continue;
      gaps.delete(id);
      say(id, gap, true);
      const silent = read.node.get(id) ?? gap.since;
      if (silent !== undefined && (from === undefined || silent < from)) from = silent;
      current.abort();
    }
  };
  let comparing = Promise.resolve();
  // A look that fails is made up for by the next; the log itself tells of an engine that is gone.
  const compareNext = (): void => {
    comparing = comparing.then(compare).catch(() => undefined);
  };
  const stop = connection.watch((told) => {
    if (told.kind === 'gap' || told.event.type === 'node') compareNext();
  });
  try {
    compareNext();
    let ask = first;
    for (;;) {
      const { signal: until } = current;
      try {
        await session(ask, until);
        if (!until.aborted) return await named;
      } catch (error) {
        if (signal.aborted) return;
        if (!until.aborted) throw error;
      }
      current = new AbortController();
      ask = from === undefined ? first : { since: toEngineSince(from, clock.now()) };
      from = undefined;
    }
  } finally {
    stop();
    batch.flush();
  }
}
