import { label } from './plan/labels.ts';
import type { EngineEvent } from './seen.ts';

/** What an event makes stale: nothing, one container, or everything. */
export type Stale = { readonly kind: 'none' } | { readonly kind: 'containers'; readonly ids: readonly string[] };

const none: Stale = { kind: 'none' };

/*
 * What the engine sends for what people do (20.10.24, seen with `docker events`; test/core/stale.test.ts has the table):
 *
 *   docker run -d          create · network connect · start
 *   docker stop            kill · die · network disconnect · stop
 *   docker kill            kill · die · network disconnect
 *   the process ends       die · network disconnect
 *   docker restart         kill · die · network disconnect · stop · network connect · start · restart
 *   restart policy         die · network disconnect · network connect · start
 *   docker pause/unpause   pause · unpause
 *   docker rename          rename
 *   docker rm              destroy
 *   health probe           exec_create: … · exec_start: … · exec_die, every interval; health_status: … only when it changes
 *   out of memory          oom · die
 *
 * `kill` says a signal was sent, not what came of it: `die` follows if it ended something. exec_*, attach, resize, top,
 * copy and export change nothing that is shown.
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
  'oom',
]);

/** Containers that need a fresh look after an event. Only those of compose projects are shown, so only they count. */
export function staleFrom(event: EngineEvent): Stale {
  if (event.type !== 'container') return none;
  const action = event.action.split(':', 1)[0] ?? '';
  if (!changing.has(action) && action !== 'health_status') return none;
  // The engine repeats a container's labels among an event's attributes.
  if (event.attributes[label.project] === undefined) return none;
  return { kind: 'containers', ids: [event.id] };
}
