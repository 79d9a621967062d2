import type { AppError } from '../../../preload/contract/errors.ts';
import type {
  ServicesLink,
  ServicesPart,
  ServicesPatch,
  TeamSample,
  TeamServicesState,
} from '../../../preload/contract/team-services.ts';
import { parseJson } from '../../core/parse-json.ts';
import {
  type Asked,
  askedAfter,
  changedPeople,
  mergePresence,
  mergeSamples,
  type People,
  partsFor,
  toPeople,
} from '../../core/team-services/view.ts';
import { liveMessage, type Presence } from '../../core/team-services/wire.ts';
import type { Clock } from '../ports.ts';
import type { Caller, TeamClient } from './client.ts';
import type { LinkRecord } from './link.ts';
import { readMe, readPart, readPeople, readPresence } from './read-parts.ts';
import { warningOf } from './status.ts';

export interface SeenOptions {
  readonly client: TeamClient;
  readonly caller: Caller;
  readonly record: LinkRecord;
  /** Which of the addresses the stream is open to. */
  readonly address: string;
  readonly state: () => TeamServicesState;
  readonly put: (...patches: ServicesPatch[]) => void;
  readonly putLink: (link: ServicesLink) => void;
  /** The services call this person or his role something else than before. */
  readonly onPerson: (person: LinkRecord['person']) => void;
  /** What this machine said was not taken, for a reason that passes. */
  readonly onNotTaken: (seconds: number) => void;
  readonly encode: (error: unknown) => AppError;
  readonly clock: Pick<Clock, 'after' | 'now'>;
  readonly signal: AbortSignal;
}

/** A part that could not be read for a reason that passes is asked for again after so many milliseconds. */
const againAfter = 10_000;

/** Drops what is not among these. */
export const dropOthers = (state: TeamServicesState, kept: readonly ServicesPart[]): ServicesPatch[] =>
  (['overview', 'trend', 'people', 'invites', 'config', 'mcp', 'incidents', 'deploys'] as const)
    .filter((part) => !kept.includes(part) && state[part] !== undefined)
    .map((part) => ({ op: 'drop', part }));

/**
 * What is known while one connection lasts: everything is read when it opens, and what a message names is read again; one
 * question after the other, and each once, however often it is named meanwhile.
 */
export function createSeen(options: SeenOptions) {
  const { client, caller, record, signal, state, put } = options;
  const reader = { client, caller, signal };
  let me = record.person;
  let people: People | undefined;
  let presence: Presence | undefined;
  /** What was told while presence was being asked for. */
  let toldMeanwhile: Presence[] | undefined;
  /** Of the last hour, as far as they were heard or read. */
  let samples: readonly TeamSample[] = [];
  let tokenCreated: string | undefined;
  const waiting = new Set<Asked>();
  const failed = new Set<ServicesPart>();
  let reading = false;

  const showLink = (): void => {
    const { team, addresses } = record;
    const created = tokenCreated === undefined ? {} : { tokenCreated };
    const warning = warningOf(options, caller, me);
    options.putLink({ kind: 'open', team, addresses, me, address: options.address, ...created, ...warning });
  };
  const showPeople = (): void => {
    if (people === undefined) return;
    const now = toPeople(people, presence, state().config?.current?.sha);
    const changed = changedPeople(state().people, now);
    if (changed === undefined) put({ op: 'put', value: { people: { ...now } } });
    else put(...changed.map((value): ServicesPatch => ({ op: 'put-person', value })));
  };
  const putError = (part: ServicesPart, error?: AppError): void => {
    const { [part]: before, ...others } = state().errors;
    if (before === undefined && error === undefined) return;
    put({ op: 'put-errors', value: error === undefined ? others : { ...others, [part]: error } });
  };
  const become = (now: LinkRecord['person']): void => {
    const hasOtherRole = now.role !== me.role;
    if (hasOtherRole || now.name !== me.name || now.id !== me.id) options.onPerson(now);
    me = now;
    showLink();
    if (!hasOtherRole) return;
    if (!isMine('people')) people = undefined;
    put(...dropOthers(state(), partsFor(me.role)));
    ask(partsFor(me.role));
  };

  /** Asked for as one role, and no longer this person's: it is neither asked nor shown. */
  const isMine = (part: ServicesPart): boolean => partsFor(me.role).includes(part) && !signal.aborted;
  const readMine = async (): Promise<void> => {
    const found = await readMe(reader);
    tokenCreated = found.tokenCreated;
    become(found.person);
  };
  const readPresent = async (): Promise<void> => {
    const told: Presence[] = [];
    toldMeanwhile = told;
    try {
      const answer = await readPresence(reader);
      // What was told meanwhile may be newer than the answer.
      presence = told.reduce(mergePresence, answer);
    } finally {
      toldMeanwhile = undefined;
    }
  };
  /** What was told meanwhile may be missing in the answer. */
  const withHeard = (answer: readonly TeamSample[] | null): TeamSample[] | null => {
    if (answer === null) return null;
    const all = mergeSamples(samples, answer);
    samples = all;
    return all;
  };
  const hearSample = (sample: TeamSample): void => {
    samples = mergeSamples(samples, [sample]);
    // Without what was before it would look as if nothing had been.
    if (Array.isArray(state().trend)) put({ op: 'put', value: { trend: [...samples] } });
    else ask(['trend']);
  };
  const read = async (what: Exclude<Asked, 'me'>): Promise<void> => {
    if (what === 'people') people = await readPeople(reader);
    if (what === 'people' || what === 'presence') {
      await readPresent();
      if (isMine('people')) showPeople();
      return;
    }
    const value = await readPart(reader, what, me.role);
    if (isMine(what)) put({ op: 'put', value: value.trend === undefined ? value : { trend: withHeard(value.trend) } });
    if (what === 'config') showPeople();
  };
  const readOne = async (what: Asked): Promise<void> => {
    // Who cannot be asked who this is cannot be asked the rest either, which says why.
    if (what === 'me') return readMine().catch((error: unknown) => void options.encode(error));
    const part = what === 'presence' ? 'people' : what;
    if (!isMine(part)) return;
    try {
      await read(what);
      putError(part);
    } catch (error) {
      if (!isMine(part)) return;
      const why = options.encode(error);
      putError(part, why);
      if (why.retry === true) askLater(part);
    }
  };
  let callOff = (): void => undefined;
  signal.addEventListener('abort', () => callOff(), { once: true });
  /** What stands behind the controller may come back without anything having changed. */
  const askLater = (part: ServicesPart): void => {
    if (failed.size === 0) {
      callOff = options.clock.after(againAfter, () => {
        const parts = [...failed];
        failed.clear();
        ask(parts);
      });
    }
    failed.add(part);
  };
  const readWaiting = async (): Promise<void> => {
    reading = true;
    for (const what of waiting) {
      waiting.delete(what);
      await readOne(what);
      if (signal.aborted) return;
    }
    reading = false;
  };
  const ask = (wanted: readonly Asked[]): void => {
    for (const one of wanted) waiting.add(one);
    if (!reading) void readWaiting();
  };

  return {
    begin: (): void => {
      showLink();
      ask(['me', ...partsFor(me.role)]);
    },
    hear: (text: string): void => {
      const message = liveMessage.safeParse(parseJson(text)).data;
      if (message === undefined || signal.aborted) return;
      if (message.type === 'hello') become(message.person);
      else if (message.type === 'changed') ask(askedAfter(message.what, me.role));
      else if (message.type === 'sample') hearSample(message.sample);
      else if (message.type === 'presence') {
        toldMeanwhile?.push(message);
        presence = mergePresence(presence, message);
        showPeople();
      } else if (message.retryAfter !== undefined) options.onNotTaken(message.retryAfter);
    },
  };
}
