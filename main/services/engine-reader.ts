import type { Engine, LiveState } from '../../preload/contract/model.ts';
import type { Patch } from '../../preload/contract/patch.ts';
import { afterCreate } from '../core/birth.ts';
import { afterDeath } from '../core/death.ts';
import { label } from '../core/plan/labels.ts';
import { noRedactor } from '../core/redact.ts';
import type { EngineEvent, EngineSignal, SeenContainer } from '../core/seen.ts';
import { staleFrom } from '../core/stale.ts';
import { lookForFiles } from './known-stacks.ts';
import { engineChanges, type KnownForEngine } from './live-view.ts';
import { type Mcp, mcpLabel } from './mcp.ts';
import type { Clock, EngineConnection, Files, Log } from './ports.ts';

export type { KnownForEngine } from './live-view.ts';

/** Stale containers are looked at together, this often at most. */
const lookEvery = 50;
/** A death is shown from its event; the look that confirms it and tells the cause waits, because the engine holds a dying container. */
const deathLookAfter = 250;
/**
 * One that somebody asked for is no surprise, and most of those are removed next, or started again: ten at once die up to a
 * second before they go, and looking at each of them cost a `down` a tenth of its time.
 */
const endLookAfter = 2_000;
/**
 * A container that was made is started at once, as a rule, and its start makes it stale anyway; until that has ended the engine
 * does not answer for it (seen on 20.10: for seconds, while ten start), and looks at those that run would wait with it.
 */
const birthLookAfter = 5_000;
/** By action, for containers that the event itself has been shown of. */
const patience: Readonly<Record<string, number>> = {
  create: birthLookAfter,
  die: deathLookAfter,
  stop: deathLookAfter,
};
const isEnd = (action: string): boolean => action === 'die' || action === 'stop';
const retryAfter = 1_000;

export interface EngineReaderOptions {
  readonly connection: EngineConnection;
  readonly engine: () => Engine | undefined;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly mcp: Mcp;
  readonly known: () => Promise<KnownForEngine>;
  readonly state: () => LiveState;
  readonly emit: (patches: readonly Patch[]) => void;
}

/**
 * Keeps one engine's part of the live state true: events make containers stale, stale ones are inspected, a gap takes
 * everything anew. While the engine is away its stacks stay, as unknown.
 */
export function createEngineReader(options: EngineReaderOptions) {
  const { connection, clock, log, mcp } = options;
  let containers = new Map<string, SeenContainer>();
  let known: KnownForEngine = { stacks: [] };
  let foundFiles: ReadonlySet<string> = new Set();
  /** Containers to be looked at, with the time from which on. */
  const stale = new Map<string, number>();
  /** Removed while a look was under way, which may still have seen them. */
  const destroyed = new Set<string>();
  /** Containers that somebody asked to end since they were last started. */
  const asked = new Set<string>();
  let everything = false;
  let knownChanged = true;
  let looking = false;
  let closed = false;
  let callOff: (() => void) | undefined;
  let firesAt = 0;
  let lastLook = Number.NEGATIVE_INFINITY;
  let looked = false;
  /** What is known of the containers is from the present connection; between its return and the look, nothing is said. */
  let fresh = false;
  const waiting: (() => void)[] = [];
  const asking: (() => void)[] = [];

  const isAway = () => options.engine()?.state.kind === 'unreachable';
  const { redact } = log.redactor ?? noRedactor;
  /** What a probe or the runtime printed may hold what the container was given. */
  const withoutValues = (container: SeenContainer): SeenContainer => ({
    ...container,
    ...(container.error === undefined ? {} : { error: redact(container.error) }),
    ...(container.healthOutput === undefined ? {} : { healthOutput: redact(container.healthOutput) }),
  });
  const settle = () => {
    if (!looked && !isAway()) return;
    for (const resolve of waiting.splice(0)) resolve();
  };

  const render = (): void => {
    const engine = options.engine();
    if (closed || engine === undefined || !(fresh || isAway())) return;
    options.emit(
      engineChanges({
        before: options.state(),
        engine,
        containers: [...containers.values()].map(withoutValues),
        known,
        foundFiles,
        mcp: (container) => mcp.servers(engine.id, container, engine.local),
      }),
    );
  };

  /** Which projects there are and where their files should be: when that changes, what is known is read again. */
  const projectsNow = (): string =>
    [...new Set([...containers.values()].map(({ labels }) => `${labels[label.project]} ${labels[label.configFiles]}`))]
      .sort()
      .join('\n');

  const readKnown = async (): Promise<void> => {
    knownChanged = false;
    try {
      known = await options.known();
    } catch (error) {
      log('warn', 'what is known of an engine could not be read', { engine: connection.id, why: String(error) });
    }
    foundFiles = await lookForFiles(options.files, [...containers.values()], known.stacks);
  };

  const followMcp = (): void => {
    const local = new Set(known.stacks.filter(({ kind }) => kind === 'local').map(({ project }) => project));
    const shipped = known.localFile;
    const ours = ({ labels }: SeenContainer) =>
      local.has(labels[label.project] ?? '') ||
      (shipped !== undefined && (labels[label.configFiles] ?? '').split(',')[0] === shipped);
    mcp.sync(
      connection,
      isAway() ? [] : [...containers.values()].filter((container) => mcpLabel in container.labels && ours(container)),
    );
  };

  const dueNow = (): readonly string[] => {
    const now = clock.now();
    return [...stale].flatMap(([id, due]) => (due <= now ? [id] : []));
  };

  const look = async (): Promise<void> => {
    const all = everything;
    const ids = all ? [...stale.keys()] : dueNow();
    everything = false;
    for (const id of ids) stale.delete(id);
    destroyed.clear();
    const before = projectsNow();
    if (all) {
      const list = await connection.listContainers();
      containers = new Map(list.filter(({ id }) => !destroyed.has(id)).map((container) => [container.id, container]));
    } else if (ids.length > 0) {
      const found = new Map((await connection.inspectContainers(ids)).map((container) => [container.id, container]));
      for (const id of ids) {
        // Something came since it was asked for: what the event said stands until the next look.
        if (stale.has(id)) continue;
        const container = found.get(id);
        if (container === undefined || destroyed.has(id)) containers.delete(id);
        else containers.set(id, container);
      }
    }
    if (all || knownChanged || before !== projectsNow()) await readKnown();
  };

  const run = async (): Promise<void> => {
    looking = true;
    lastLook = clock.now();
    const all = everything;
    const askers = asking.splice(0);
    let failed = false;
    try {
      await look();
      if (closed) return;
      looked ||= all;
      fresh ||= all && !isAway();
      followMcp();
      render();
      settle();
    } catch (error) {
      // The engine went away: its return says `gap`. Anything else is tried again with everything.
      everything = true;
      failed = true;
      if (!closed && !isAway()) {
        log('warn', 'looking at an engine failed', { engine: connection.id, why: String(error) });
        callOff ??= clock.after(retryAfter, fire);
        firesAt = 0;
      }
    } finally {
      looking = false;
      for (const resolve of askers) resolve();
    }
    if (stale.size > 0 || knownChanged || (everything && !failed)) schedule();
  };
  const fire = (): void => {
    callOff = undefined;
    if (!closed && !looking) void run();
  };
  const schedule = (): void => {
    if (closed || looking) return;
    const due = everything || knownChanged || asking.length > 0 ? 0 : Math.min(...stale.values());
    const at = asking.length > 0 ? 0 : Math.max(due, lastLook + lookEvery);
    if (at === Number.POSITIVE_INFINITY) return;
    if (callOff !== undefined && at >= firesAt) return;
    callOff?.();
    firesAt = at;
    callOff = clock.after(Math.max(0, at - clock.now()), fire);
  };

  const add = (event: EngineEvent): void => {
    const made = containers.has(event.id) ? undefined : afterCreate(event);
    if (made === undefined) return;
    const before = projectsNow();
    containers.set(event.id, made);
    if (before !== projectsNow()) knownChanged = true;
    render();
  };

  const remove = (id: string): void => {
    const before = projectsNow();
    destroyed.add(id);
    stale.delete(id);
    if (!containers.delete(id)) return;
    if (before !== projectsNow()) knownChanged = true;
    followMcp();
    render();
  };

  /** What an event says by itself, shown without waiting for the look that confirms it. */
  const takeIn = (event: EngineEvent): void => {
    if (event.type !== 'container') return;
    if (event.action === 'kill') asked.add(event.id);
    if (event.action === 'start' || event.action === 'destroy' || event.action === 'oom') asked.delete(event.id);
    if (event.action === 'create') add(event);
    if (event.action === 'destroy') remove(event.id);
    const container = event.action === 'die' ? containers.get(event.id) : undefined;
    if (container === undefined) return;
    containers.set(event.id, afterDeath(container, event, asked.has(event.id)));
    followMcp();
    render();
  };

  const onSignal = (signal: EngineSignal): void => {
    if (signal.kind === 'gap') everything = true;
    else {
      takeIn(signal.event);
      const changed = staleFrom(signal.event);
      if (changed.kind === 'none') return;
      const { action, id: about } = signal.event;
      const wait = asked.has(about) && isEnd(action) ? endLookAfter : (patience[action] ?? 0);
      const due = clock.now() + (containers.has(about) ? wait : 0);
      if (action !== 'destroy') for (const id of changed.ids) stale.set(id, Math.min(due, stale.get(id) ?? due));
      else if (!knownChanged) return;
    }
    schedule();
  };
  const stopWatching = connection.watch(onSignal);

  return {
    /** Resolves when the engine has been looked at once, or cannot be reached. */
    ready: (): Promise<void> =>
      new Promise((resolve) => {
        waiting.push(resolve);
        settle();
      }),
    /** Looks at everything anew, whatever the events said, and resolves when that is shown (or cannot be had). */
    catchUp: (): Promise<void> =>
      new Promise((resolve) => {
        if (closed || isAway()) return resolve();
        everything = true;
        asking.push(resolve);
        schedule();
      }),
    /** Its connection was lost or is back. */
    engineChanged: (): void => {
      if (isAway()) {
        fresh = false;
        for (const resolve of asking.splice(0)) resolve();
        mcp.sync(connection, []);
        if (knownChanged) schedule();
      }
      render();
      settle();
    },
    render,
    refresh: (): void => {
      knownChanged = true;
      schedule();
    },
    containers: (): readonly SeenContainer[] => [...containers.values()],
    close: (): void => {
      closed = true;
      stopWatching();
      callOff?.();
      for (const resolve of [...waiting.splice(0), ...asking.splice(0)]) resolve();
    },
  };
}
export type EngineReader = ReturnType<typeof createEngineReader>;
