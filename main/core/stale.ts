import { label } from './plan/labels.ts';
import type { EngineEvent } from './seen.ts';

/** What an event makes stale: nothing, one container, or everything. */
export type Stale = { readonly kind: 'none' } | { readonly kind: 'containers'; readonly ids: readonly string[] };

const none: Stale = { kind: 'none' };

/*
 * What engine 20.10.24 sent for what was done (`docker events`); the cases are in test/core/stale.test.ts.
 *
 *   docker run -d          create · network connect · start
 *   docker stop            kill (TERM) · kill (KILL, if it took too long) · health_status: unhealthy · die · network disconnect · stop
 *   docker kill            kill · die · network disconnect
 *   docker kill -s HUP     kill
 *   docker restart         as stop, then network connect · start · restart
 *   the process ends       die · network disconnect
 *   restart policy         die · network disconnect · network connect · start
 *   out of memory          oom, a dozen times · die · network disconnect
 *   docker pause, unpause  pause · unpause
 *   docker rename, update  rename · update
 *   docker rm              destroy;  docker rm -f of a running one: kill · die · network disconnect · destroy
 *   docker cp, top, exec   extract-to-dir or archive-path · top · exec_create: … · exec_start: … · exec_die
 *   health probe           exec_create: … · exec_start: … · exec_die at every interval; health_status: … when it changes
 *
 * `kill` and `oom` say what was attempted: `die` follows if it ended something. exec_*, top, attach, resize and the copy
 * events change nothing that is shown, and probes make them by the second.
 */
const changing = new Set([
  'create',
  'start',
  'die',
  'stop',
  'restart',
  'pause',
  'unpause',
  'rename',
  'update',
  'destroy',
  'health_status',
]);

/** Containers that need a fresh look after an event. Only those of compose projects are shown, so only they count. */
export function staleFrom(event: EngineEvent): Stale {
  if (event.type !== 'container') return none;
  const action = event.action.split(':', 1)[0] ?? '';
  if (!changing.has(action)) return none;
  // The engine repeats a container's labels among an event's attributes.
  if (event.attributes[label.project] === undefined) return none;
  return { kind: 'containers', ids: [event.id] };
}
