import type Docker from 'dockerode';
import type { EngineEvent } from '../core/seen.ts';
import { readJsonLines } from './json-lines.ts';

/*
 * Which events an engine sends (seen with `docker events` on 20.10; `moby daemon/events/filter.go` for the filter):
 *
 *   action                   events, in order
 *   run                      container create, network connect, container start
 *   process ends             container die (exitCode), network disconnect
 *   stop                     container kill, die, network disconnect, container stop
 *   kill                     container kill, die, network disconnect
 *   restart                  kill, die, network disconnect, stop, network connect, start, restart
 *   restart policy           die, network disconnect, network connect, start    (no `restart`)
 *   out of memory            container oom, die
 *   health probe             exec_create, exec_start, exec_die every interval; health_status only when it changes
 *   rm -f                    kill, die, network disconnect, destroy
 *   build (classic)          create, start, die, destroy for every RUN; then image tag
 *   pull                     image pull, once and at the end
 *
 * The probes' exec_* are left out: they are most of the noise and change nothing. `kill` changes nothing either, but says
 * that somebody wants the `die` that follows.
 * Because `health_status` is in the list the engine compares by prefix (`health_status: healthy`), which no other name
 * here is hurt by. No event is ever sent for Swarm tasks (moby#37403);
 * services and nodes have create, update and remove, on managers.
 */
const actions = [
  ...['create', 'start', 'restart', 'pause', 'unpause', 'kill', 'stop', 'die', 'oom', 'destroy', 'rename', 'update'],
  'health_status',
  ...['connect', 'disconnect', 'remove'],
  ...['pull', 'tag', 'untag', 'delete', 'import', 'load'],
];
const types = ['container', 'network', 'volume', 'image', 'service', 'node'] as const;

const isType = (type: unknown): type is EngineEvent['type'] => types.some((known) => known === type);

/** A line of `/events`; undefined for what is none of ours. Podman and old engines leave fields out. */
function toEngineEvent(line: Readonly<Record<string, unknown>>): EngineEvent | undefined {
  const { Type: type, Action: action, Actor: actor, timeNano, time } = line;
  if (!isType(type) || typeof action !== 'string') return undefined;
  const { ID, Attributes } = (typeof actor === 'object' && actor !== null ? actor : {}) as {
    readonly ID?: string;
    readonly Attributes?: Readonly<Record<string, string>>;
  };
  return {
    type,
    action,
    id: ID ?? '',
    attributes: Attributes ?? {},
    // JSON.parse has rounded the nanoseconds to about 256: good enough to order and to show.
    timeNano: String(timeNano ?? Number(time ?? 0) * 1e9),
  };
}

/**
 * Opens the engine's event stream. Resolves when the engine has answered, so nothing that happens afterwards is missed;
 * the iteration ends when the engine ends it and throws when the connection breaks.
 */
export async function openEvents(docker: Docker, signal: AbortSignal): Promise<AsyncIterable<EngineEvent>> {
  const stream = await docker.getEvents({ filters: { type: [...types], event: actions }, abortSignal: signal });
  return readEvents(stream);
}

async function* readEvents(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<EngineEvent> {
  for await (const line of readJsonLines(stream)) {
    const event = toEngineEvent(line);
    if (event) yield event;
  }
}
