import type { AppError } from '../../../preload/contract/errors.ts';
import {
  applyServicesPatch,
  type EnvironmentState,
  type ServicesLink,
  type ServicesPatch,
  type TeamServicesState,
  unseenServices,
} from '../../../preload/contract/team-services.ts';
import { deferred } from '../deferred.ts';
import { encodeFailure } from '../encode-failure.ts';
import { createListeners } from '../listeners.ts';
import type { Caller } from './client.ts';
import type { ServicesContext } from './context.ts';
import type { LinkRecord } from './link.ts';
import { createSeen, dropOthers } from './seen.ts';

/** How this machine's environment is, as the team is told. */
export interface OwnEnvironment {
  readonly machine: string;
  readonly state: EnvironmentState;
  /** Of the team's configuration, as applied here, and its files that were changed since. */
  readonly revision?: string;
  readonly drifted?: readonly string[];
  /** This machine's name in the Swarm. */
  readonly node?: string;
}

export interface ServicesLiveOptions extends Pick<ServicesContext, 'link' | 'client' | 'clock' | 'ids' | 'log'> {
  /** undefined: there is nothing to tell yet. */
  readonly environment: () => Promise<OwnEnvironment | undefined>;
  readonly onEnvironment: (listener: () => void) => () => void;
}

export type ServicesFrame =
  | { readonly kind: 'snapshot'; readonly seq: number; readonly state: TeamServicesState }
  | { readonly kind: 'patches'; readonly seq: number; readonly patches: ServicesPatch[] };

/** Doubled with every failure. The longest leaves room for the handshake: who was cut off is back within ten seconds. */
const firstPause = 250;
const longestPause = 8000;

/** Nothing that is tried again by itself would end another way. */
const isFinal = ({ code }: AppError): boolean =>
  code === 'team.revoked' ||
  code === 'team.other-certificate' ||
  code === 'team.refused' ||
  code.startsWith('keychain.');

/** Other words, another connection. */
const keyOf = (record: LinkRecord | undefined): string =>
  record === undefined ? '' : [record.caDigest, record.linkedAt, ...record.addresses].join(' ');

/**
 * The team's services as they are seen from here, pushed: one live stream says what has changed, and that is read. There is a
 * connection while somebody follows or holds it. One that was lost is made anew, with what was seen kept as it was.
 */
export function createServicesLive(options: ServicesLiveOptions) {
  const { link, client, clock, ids, log } = options;
  const frames = createListeners<readonly ServicesPatch[]>(log);
  let state: TeamServicesState = unseenServices;
  let holders = 0;
  let running: AbortController | undefined;
  /** Ends the pause that there is, if any. */
  let wake = (): void => undefined;

  const encode = (error: unknown): AppError =>
    encodeFailure(error, { what: 'the team’s services', log, newId: ids.random });
  const put = (...patches: ServicesPatch[]): void => {
    if (patches.length === 0) return;
    state = patches.reduce(applyServicesPatch, state);
    frames.emit(patches);
  };
  const putLink = (next: ServicesLink): void => {
    if (JSON.stringify(next) !== JSON.stringify(state.link)) put({ op: 'put', value: { link: next } });
  };

  const pause = (ms: number | undefined, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      let callOff = (): void => undefined;
      const end = () => {
        callOff();
        signal.removeEventListener('abort', end);
        resolve();
      };
      if (ms !== undefined) callOff = clock.after(ms, end);
      wake = end;
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    });

  /** 0 to 1: all who lost the same server at once do not come back at once. */
  const spread = (person: string): number => Number.parseInt(ids.sha256(person).slice(0, 4), 16) / 0xffff || 0;

  /** Resolves when the connection has ended. */
  const connect = async (record: LinkRecord, caller: Caller, outer: AbortSignal, onOpen: () => void): Promise<void> => {
    const ending = new AbortController();
    const signal = AbortSignal.any([outer, ending.signal]);
    const ended = deferred();
    const early: string[] = [];
    let hear = (text: string): void => void early.push(text);
    const live = { onMessage: (text: string) => hear(text), onClose: () => ended.resolve() };
    const { socket, address } = await client.open(caller, live, signal);
    let stopTelling = (): void => undefined;
    let callOff = (): void => undefined;
    try {
      onOpen();
      const onPerson = (person: LinkRecord['person']): void =>
        void link.update(record.caDigest, { person }).catch((error: unknown) => encode(error));
      const tell = async (): Promise<void> => {
        const now = await options.environment();
        if (now !== undefined && !signal.aborted) socket.send(JSON.stringify({ type: 'environment', ...now }));
      };
      const soon = (): void => void tell().catch((error: unknown) => encode(error));
      const onNotTaken = (seconds: number): void => {
        callOff();
        callOff = clock.after(seconds * 1000, soon);
      };
      const seen = createSeen({
        ...{ client, caller, record, address, put, putLink, onPerson, onNotTaken, encode, signal, clock },
        state: () => state,
      });
      hear = seen.hear;
      seen.begin();
      for (const text of early) hear(text);
      stopTelling = options.onEnvironment(soon);
      soon();
      signal.addEventListener('abort', () => ended.resolve(), { once: true });
      if (signal.aborted) ended.resolve();
      await ended.promise;
    } finally {
      stopTelling();
      callOff();
      ending.abort();
      socket.close();
    }
  };

  /** Connects, and again whenever that ended, as long as this is the link. */
  const stay = async (record: LinkRecord, signal: AbortSignal): Promise<void> => {
    const { team, addresses, caDigest, person } = record;
    const about = { team, addresses, me: person };
    let failures = 0;
    while (!signal.aborted) {
      try {
        // Read each time: it may have been renewed. One that was revoked is refused at the door.
        const token = await link.token(record);
        putLink({ kind: 'connecting', ...about, ...errorOf(state.link) });
        await connect(record, { ...record, token }, signal, () => {
          failures = 0;
        });
        const message = `The connection to ${team}’s services was lost.`;
        if (!signal.aborted) {
          putLink({ kind: 'connecting', ...about, error: { code: 'team.unreachable', message, retry: true } });
        }
      } catch (error) {
        if (signal.aborted) return;
        const failed = encode(error);
        if (isFinal(failed)) {
          putLink({ kind: 'refused', ...about, error: failed });
          await pause(undefined, signal);
          continue;
        }
        putLink({ kind: 'connecting', ...about, error: failed });
      }
      const wait = Math.min(longestPause, firstPause * 2 ** failures);
      failures = Math.min(failures + 1, 10);
      await pause(wait * (0.75 + spread(caDigest + person.id) / 4), signal);
    }
  };

  /** Follows one link until it is another one, or none. */
  const runOnce = async (signal: AbortSignal): Promise<void> => {
    const record = await link.read();
    const turn = new AbortController();
    const look = async (): Promise<void> => {
      if (keyOf(await link.read()) !== keyOf(record)) turn.abort();
    };
    const stopWatching = link.onChange(() => void look().catch((error: unknown) => encode(error)));
    const during = AbortSignal.any([signal, turn.signal]);
    if (record === undefined) {
      put(...dropOthers(state, []), { op: 'put-errors', value: {} });
      putLink({ kind: 'none' });
    }
    await (record === undefined ? pause(undefined, during) : stay(record, during)).finally(stopWatching);
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await runOnce(signal);
      } catch (error) {
        const { code, message } = encode(error);
        log('warn', 'the link to the team’s services cannot be followed now', { code, message });
        await pause(longestPause, signal);
      }
    }
  };

  const start = (): void => {
    if (running !== undefined) return;
    const stop = new AbortController();
    running = stop;
    void run(stop.signal);
  };
  /** Keeps the connection, so that the team sees that this machine is there; returns how to let go. */
  const hold = (): (() => void) => {
    holders += 1;
    start();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      holders -= 1;
      if (holders === 0) close();
    };
  };
  const close = (): void => {
    running?.abort();
    running = undefined;
  };

  return {
    /** Called when another address answers, or another revision of the configuration is offered. */
    onNews: (listener: () => void): (() => void) => {
      const newsOf = () =>
        JSON.stringify([state.link.kind === 'open' ? state.link.address : '', state.config?.current?.sha]);
      let before = newsOf();
      return frames.add(() => {
        const now = newsOf();
        if (now === before) return;
        before = now;
        listener();
      });
    },
    hold,
    /** Tries now. */
    retry: (): void => wake(),
    follow: (onFrame: (frame: ServicesFrame) => void, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        let seq = 0;
        onFrame({ kind: 'snapshot', seq, state });
        const stop = frames.add((patches) => {
          seq += 1;
          onFrame({ kind: 'patches', seq, patches: [...patches] });
        });
        const release = hold();
        const end = () => {
          stop();
          release();
          resolve();
        };
        signal.addEventListener('abort', end, { once: true });
      }),
    close,
  };
}
export type ServicesLive = ReturnType<typeof createServicesLive>;

const errorOf = (link: ServicesLink): { readonly error?: AppError } =>
  link.kind === 'connecting' && link.error !== undefined ? { error: link.error } : {};
