import type Docker from 'dockerode';
import type { AppError } from '../../preload/contract/errors.ts';
import type { EngineState } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { EngineEvent, EngineSignal } from '../core/seen.ts';
import type { Clock } from '../services/ports.ts';
import { createTransport, type Transport } from './client.ts';
import type { FoundEngine } from './contexts.ts';
import { dial } from './dial.ts';
import { type Endpoint, isLocal } from './endpoint.ts';
import { cancelledFailure, toFailure } from './errors.ts';
import { openEvents } from './events.ts';
import { type Session, shakeHands } from './handshake.ts';
import type { Host } from './host.ts';
import { describeSilence, describeUnreachable, isConnectionError, isHopeless } from './unreachable.ts';

/*
 * One engine's connection: connecting → connected ⇄ unreachable, for as long as the program runs.
 *
 * Nothing polls while connected. Loss is seen in three ways:
 *   - the one event stream that is always open ends or breaks (engine stopped, socket closed, peer reset);
 *   - a call fails on the wire: then one ping decides;
 *   - a call has not ended after `suspicionMs` (an engine that hangs keeps its socket open, and an event stream of a
 *     frozen engine is merely silent): then one ping decides, too. A pull or build that rightly takes long passes it.
 * A remote peer that vanishes without a word is noticed by TCP keep-alive (client.ts) or ssh's ServerAlive (ssh-dial.ts),
 * which break the event stream. A lost engine is tried again at once, then after 0.25, 0.5, 1, 2, 2, … seconds
 * (ssh: up to 30 s, and not at all after a refused login). A stream that ends while the engine answers at once, as
 * behind a proxy with an idle limit, is only a `gap`.
 */

const suspicionMs = 8000;
const patience = {
  first: { local: 10_000, remote: 25_000 },
  /** After a loss the engine must be said to be gone within two seconds. */
  again: { local: 1500, remote: 10_000 },
} as const;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface Connection {
  readonly state: () => EngineState;
  readonly onState: (listener: (state: EngineState) => void) => () => void;
  /** Starts connecting; does nothing when it has started. */
  readonly start: () => void;
  /** Tries again now. */
  readonly retry: () => void;
  /**
   * Runs one conversation with the engine. Waits while the state is connecting; throws `engine.unreachable` when there
   * is no connection or it is lost meanwhile, `cancelled` when `signal` fired, else what errors.ts makes of the refusal.
   */
  readonly call: <T>(
    doing: string,
    run: (docker: Docker, signal: AbortSignal) => Promise<T>,
    options?: CallOptions,
  ) => Promise<T>;
  readonly watch: (listener: (signal: EngineSignal) => void) => () => void;
  readonly close: () => void;
}

export interface ConnectionOptions {
  readonly engine: FoundEngine;
  readonly host: Pick<Host, 'readText' | 'platform'>;
  readonly clock: Clock;
}

interface Live {
  readonly docker: Docker;
  /** Fires when the connection is declared lost. */
  readonly lost: AbortController;
}

const instant = (clock: Clock): string => new Date(clock.now()).toISOString();

export function createConnection({ engine, host, clock }: ConnectionOptions): Connection {
  const { endpoint } = engine;
  const closed = new AbortController();
  const stateListeners = new Set<(state: EngineState) => void>();
  const eventListeners = new Set<(signal: EngineSignal) => void>();
  let state: EngineState = { kind: 'connecting' };
  let live: Live | undefined;
  let started = false;
  let wake = new AbortController();
  let endSession = () => {};
  let suspected = false;

  const setState = (next: EngineState) => {
    state = next;
    for (const listener of [...stateListeners]) listener(next);
  };
  const signalAll = (signal: EngineSignal) => {
    for (const listener of [...eventListeners]) listener(signal);
  };

  const goUnreachable = (error: AppError) => {
    const lost = live?.lost;
    live = undefined;
    const before = state.kind === 'unreachable' ? state : undefined;
    const since = before?.since ?? instant(clock);
    if (before?.error.message !== error.message) setState({ kind: 'unreachable', error, since });
    lost?.abort();
  };

  const goConnected = ({ docker, facts }: Session) => {
    live = { docker, lost: live?.lost ?? new AbortController() };
    const since = state.kind === 'connected' ? state.since : instant(clock);
    const next: EngineState = { ...facts, since };
    if (JSON.stringify(next) !== JSON.stringify(state)) setState(next);
  };

  /** One attempt; resolves with how it ended after having been connected, or with why it could not be. */
  const runSession = async (target: Endpoint, transport: Transport, limitMs: number): Promise<unknown> => {
    const session = new AbortController();
    endSession = () => session.abort();
    const signal = AbortSignal.any([closed.signal, session.signal]);
    let silent = false;
    const stopTimer = clock.after(limitMs, () => {
      silent = true;
      session.abort();
    });
    let events: AsyncIterable<EngineEvent>;
    try {
      const greeted = await shakeHands(transport, engine.title, signal);
      events = await openEvents(greeted.docker, signal);
      goConnected(greeted);
    } catch (error) {
      if (closed.signal.aborted) return error;
      if (silent) goUnreachable(describeSilence(target, limitMs / 1000));
      else if (error instanceof AppFailure) goUnreachable(error.error);
      else goUnreachable(describeUnreachable(target, error, host.platform));
      return error;
    } finally {
      stopTimer();
    }
    signalAll({ kind: 'gap' });
    try {
      for await (const event of events) signalAll({ kind: 'event', event });
      return undefined;
    } catch (error) {
      return error;
    }
  };

  const pause = async (ms: number): Promise<void> => {
    wake = new AbortController();
    // Rejects when somebody wakes it or everything closes; both mean: go on.
    await clock.sleep(ms, AbortSignal.any([wake.signal, closed.signal])).catch(() => undefined);
  };

  const run = async (target: Endpoint): Promise<void> => {
    const place = isLocal(target) ? 'local' : 'remote';
    const longest = target.kind === 'ssh' ? 30_000 : 2000;
    let transport = await createTransport(target, host);
    let failures = 0;
    while (!closed.signal.aborted) {
      const wasConnected = live !== undefined;
      const begun = clock.now();
      const reason = await runSession(target, transport, patience[wasConnected ? 'again' : 'first'][place]);
      // Still `live`: it had been connected and has ended. The next attempt, at once, decides what that means, and
      // running calls keep their sockets. Streams that end again and again are not opened without a pause.
      if (live !== undefined && clock.now() - begun > 2000) {
        failures = 0;
        continue;
      }
      if (live === undefined) {
        transport.close();
        transport = await createTransport(target, host);
      }
      const delay = Math.min(250 * 2 ** failures, longest);
      failures += 1;
      await pause(isHopeless(reason) ? 2 ** 31 - 1 : delay);
    }
    transport.close();
  };

  const start = () => {
    if (started || closed.signal.aborted) return;
    started = true;
    if (endpoint) void run(endpoint);
    else if (engine.problem) goUnreachable(engine.problem);
  };

  /** One ping decides whether a doubt is right. */
  const suspect = async (): Promise<void> => {
    if (suspected || live === undefined || endpoint === undefined) return;
    suspected = true;
    const ping = new AbortController();
    const stopTimer = clock.after(isLocal(endpoint) ? 3000 : 10_000, () => ping.abort());
    try {
      await dial(live.docker, { method: 'GET', path: '/_ping', signal: ping.signal });
    } catch {
      endSession();
    } finally {
      stopTimer();
      suspected = false;
    }
  };

  const settled = (signal: AbortSignal | undefined, doing: string): Promise<void> => {
    const over = AbortSignal.any([closed.signal, ...(signal ? [signal] : [])]);
    return new Promise((resolve, reject) => {
      const finish = () => {
        stateListeners.delete(onState);
        over.removeEventListener('abort', onAbort);
      };
      const onState = (next: EngineState) => {
        if (next.kind === 'connecting') return;
        finish();
        resolve();
      };
      const onAbort = () => {
        finish();
        reject(cancelledFailure(doing));
      };
      if (over.aborted) return onAbort();
      stateListeners.add(onState);
      over.addEventListener('abort', onAbort);
    });
  };

  const unreachable = (doing: string): AppFailure => {
    const error: AppError =
      state.kind === 'unreachable'
        ? state.error
        : { code: 'engine.unreachable', message: `${doing}: the connection to the engine was lost.`, retry: true };
    return new AppFailure(error);
  };

  const call: Connection['call'] = async (doing, run, { signal } = {}) => {
    start();
    if (signal?.aborted || closed.signal.aborted) throw cancelledFailure(doing);
    if (state.kind === 'connecting') await settled(signal, doing);
    if (live === undefined) throw unreachable(doing);
    const { docker, lost } = live;
    const stopTimer = clock.after(suspicionMs, () => void suspect());
    try {
      return await run(docker, AbortSignal.any([lost.signal, ...(signal ? [signal] : [])]));
    } catch (error) {
      if (signal?.aborted) throw cancelledFailure(doing);
      if (lost.signal.aborted) throw unreachable(doing);
      if (endpoint === undefined || !isConnectionError(error)) throw toFailure(doing, error);
      void suspect();
      throw new AppFailure(describeUnreachable(endpoint, error, host.platform), { cause: error });
    } finally {
      stopTimer();
    }
  };

  return {
    state: () => state,
    onState: (listener) => {
      stateListeners.add(listener);
      return () => void stateListeners.delete(listener);
    },
    start,
    retry: () => {
      if (state.kind !== 'unreachable' || endpoint === undefined) return;
      setState({ kind: 'connecting' });
      wake.abort();
    },
    call,
    watch: (listener) => {
      start();
      eventListeners.add(listener);
      if (live !== undefined) {
        queueMicrotask(() => {
          if (eventListeners.has(listener)) listener({ kind: 'gap' });
        });
      }
      return () => void eventListeners.delete(listener);
    },
    close: () => {
      closed.abort();
      live?.lost.abort();
      live = undefined;
    },
  };
}
