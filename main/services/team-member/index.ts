import type { Frame, Input, Output } from '../../../preload/contract/api.ts';
import type { AppError } from '../../../preload/contract/errors.ts';
import { splitId } from '../../../preload/contract/ids.ts';
import type { Environment, StackId } from '../../../preload/contract/model.ts';
import type { MemberEnvironment } from '../../../preload/contract/team-member.ts';
import { AppFailure } from '../../core/app-failure.ts';
import type { SeenContainer } from '../../core/seen.ts';
import { deferred } from '../deferred.ts';
import { encodeFailure } from '../encode-failure.ts';
import { createListeners } from '../listeners.ts';
import type { Live } from '../live.ts';
import type { Clock, EngineConnection, Engines, Ids, Log, StateStore } from '../ports.ts';
import { answers, type Inside, runInside } from './inside.ts';
import { type Agreed, createMemberMemory } from './memory.ts';
import { createWatches } from './watch.ts';

/** The link to a team's services, as far as a dev container needs it. */
export interface MemberLink {
  readonly link: () => Promise<
    | { readonly team: string; readonly addresses: readonly string[]; readonly ca: string; readonly caDigest: string }
    | undefined
  >;
  /** This person's, from the keychain. */
  readonly token: () => Promise<string>;
  /** The link, its token, the address that answers or the offered revision is another one. */
  readonly onChange: (listener: () => void) => () => void;
}

export interface TeamMemberOptions {
  readonly engines: Engines;
  readonly live: Pick<Live, 'looked' | 'containers' | 'subscribe'>;
  readonly environments: { readonly list: () => Promise<readonly Environment[]> };
  readonly link: MemberLink;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly program: string;
}

/** One running dev container of an environment of ours. */
interface Place {
  readonly name: string;
  readonly stack: StackId;
  readonly container: string;
  /** Another one as soon as the container was started again: what is in memory is gone then. */
  readonly key: string;
}
type Outcome = Output<'teamMember.apply'>;

const roleLabel = 'io.claude-env.role';
const patience = 20_000;

const isDevContainer = ({ labels, state }: SeenContainer): boolean =>
  state === 'running' && labels[roleLabel] === 'devcontainer' && labels['com.docker.compose.oneoff'] !== 'True';
const isOf = (project: string) => (container: SeenContainer) =>
  isDevContainer(container) && container.labels['com.docker.compose.project'] === project;
const keyOf = ({ id, startedAt }: SeenContainer): string => `${id} ${startedAt ?? ''}`;

/**
 * Brings a team's MCP servers, the personal token and the configuration that was agreed to into the dev containers of our
 * own environments (a label alone must not get a token), whenever one is started or the link changes, and takes all of it
 * back when the team is left: at once where one runs, else at its next start.
 */
export function createTeamMember(options: TeamMemberOptions) {
  const { engines, live, link, log } = options;
  const memory = createMemberMemory(options);
  const listeners = createListeners<void>(log);
  const states = new Map<StackId, MemberEnvironment>();
  /** Per environment, what was brought there last: container, start and link. */
  const done = new Map<StackId, string>();
  /** What the user was shown last: only that can be agreed to. */
  const shown = new Map<StackId, Agreed>();
  const queues = new Map<StackId, Promise<unknown>>();
  const stopped = new AbortController();
  /** The revision that the user agreed to, as this program knows it. */
  let agreed: string | undefined;
  let stops: readonly (() => void)[] | undefined;

  const connectionOf = ({ stack }: Place): EngineConnection => engines.get(splitId(stack).engine);
  const inside = <T>(place: Place, work: Pick<Inside<T>, 'command' | 'answer' | 'input'>): Promise<T> =>
    runInside({ ...work, connection: connectionOf(place), container: place.container, signal: stopped.signal });

  /** Those that run now, by the live state. */
  const places = async (): Promise<readonly Place[]> => {
    const environments = await options.environments.list();
    const found = environments.map(({ name, stack }): Place | undefined => {
      const { engine, project } = splitId(stack);
      const container = live.containers(engine).find(isOf(project));
      if (container === undefined) return undefined;
      return { name, stack, container: container.id, key: keyOf(container) };
    });
    return found.filter((place) => place !== undefined);
  };
  const lookedPlaces = async (): Promise<readonly Place[]> => {
    const known = await options.environments.list();
    const wanted = new Set(known.map(({ stack }) => splitId(stack).engine));
    await Promise.all([...wanted].map((engine) => live.looked(engine)));
    return places();
  };
  const placeOf = async (environment: string | undefined): Promise<Place> => {
    await mustLink();
    const running = await lookedPlaces();
    const found = running.filter(({ name }) => environment === undefined || name === environment);
    const chosen = found.length === 1 ? found[0] : found.find(({ name }) => name === 'local');
    if (chosen !== undefined) return chosen;
    throw new AppFailure({
      code: 'stack.not-found',
      message:
        environment === undefined ? 'No dev container runs.' : `The dev container of ${environment} does not run.`,
      hint: `Bring it up first: ${options.program} up`,
    });
  };
  const mustLink = async () => {
    const found = await link.link();
    if (found !== undefined) return found;
    throw new AppFailure({
      code: 'team.not-linked',
      message: 'No team’s services were joined.',
      hint: `Join by an invite: ${options.program} team join`,
    });
  };

  /** One thing at a time in one environment. */
  const inTurn = <T>({ stack }: Pick<Place, 'stack'>, work: () => Promise<T>): Promise<T> => {
    const next = (queues.get(stack) ?? Promise.resolve()).then(work, work);
    queues.set(
      stack,
      next.catch(() => undefined),
    );
    return next;
  };
  const show = (place: Place, change: Partial<MemberEnvironment>): void => {
    const before: MemberEnvironment = states.get(place.stack) ?? {
      name: place.name,
      state: 'working',
      servers: [],
      offered: null,
      applied: null,
      drifted: [],
    };
    const { error: _gone, ...rest } = before;
    const now = { ...rest, ...change };
    states.set(place.stack, now);
    // A single command has looked, and is gone.
    if (stops !== undefined && now.state === 'ready') watches.follow(place, now.applied !== null);
    listeners.emit();
  };
  const watches = createWatches<Place>({
    ...{ engines, log },
    onState: (place, { applied, drifted }) => {
      const now = states.get(place.stack);
      // What is being brought tells by itself.
      if (now?.state !== 'ready') return;
      if (now.applied === applied && now.drifted.join('\n') === drifted.join('\n')) return;
      show(place, { applied, drifted, ...(now.error === undefined ? {} : { error: now.error }) });
    },
  });
  const hide = (stack: StackId): void => {
    watches.end(stack);
    if (states.delete(stack)) listeners.emit();
  };

  const takeBack = async (place: Place): Promise<Outcome> => {
    const { written, kept } = await inside(place, { command: ['claude-env', 'team', 'leave'], answer: answers.leave });
    await memory.takenBack(place.stack);
    hide(place.stack);
    return { environment: place.name, written, kept };
  };

  const bring = async (place: Place): Promise<void> => {
    const found = await link.link();
    if (found === undefined) {
      if (await memory.hasBrought(place.stack)) await takeBack(place);
      return hide(place.stack);
    }
    const { team, addresses, ca, caDigest } = found;
    show(place, { state: 'working' });
    try {
      const known = await memory.agreed(caDigest);
      agreed = known?.sha;
      const input = JSON.stringify({ team, addresses, ca, token: await link.token() });
      await memory.brought(caDigest, place.stack);
      const command = ['claude-env', 'init', '--mode=team', '--receive'];
      const { servers, offered, trouble, ...rest } = await inside(place, { command, input, answer: answers.register });
      const note = trouble === undefined ? {} : { error: unknownOffer(trouble) };
      show(place, { state: 'ready', servers, offered, applied: rest.applied, drifted: rest.drifted, ...note });
      if (offered === null || rest.applied === offered.sha || known?.sha !== offered.sha) return;
      const { applied, drifted } = await applyInside(place, known);
      show(place, { state: 'ready', applied, drifted });
    } catch (error) {
      show(place, {
        state: 'failed',
        error: encodeFailure(error, { what: 'team-member', log, newId: options.ids.random }),
      });
      throw error;
    }
  };
  const applyInside = (place: Place, { sha, digest }: Agreed) =>
    inside(place, { command: ['claude-env', 'team', 'apply', sha, `--digest=${digest}`], answer: answers.change });

  /** Brings what is not there yet, wherever something runs. Rejects never; what failed is in the state. */
  const sync = async (running: readonly Place[], again: boolean): Promise<void> => {
    const caDigest = (await link.link())?.caDigest ?? 'none';
    for (const stack of [...states.keys()]) {
      if (!running.some((place) => place.stack === stack)) hide(stack);
    }
    await Promise.all(
      running.map((place) =>
        inTurn(place, async () => {
          const key = `${place.key} ${caDigest}`;
          if (!again && done.get(place.stack) === key) return;
          done.set(place.stack, key);
          await bring(place);
        }).catch((error: unknown) => {
          if (!stopped.signal.aborted) {
            log('warn', 'what the team gives could not be brought', { environment: place.name, why: String(error) });
          }
        }),
      ),
    );
  };
  const syncNow = (again: boolean): void => {
    places().then(
      (running) => sync(running, again),
      (error: unknown) => log('warn', 'dev containers could not be told', { why: String(error) }),
    );
  };

  /** In a terminal, while the window is open: what is there is another configuration now. */
  const agreedElsewhere = (): void => {
    const compare = async (): Promise<void> => {
      const found = await link.link();
      const sha = found && (await memory.agreed(found.caDigest))?.sha;
      if (sha !== agreed) syncNow(true);
      agreed = sha;
    };
    compare().catch((error: unknown) => log('warn', 'what was agreed to could not be read', { why: String(error) }));
  };

  return {
    /** From now on by itself. For programs that stay; a single command calls `bringNow`. */
    start: (): void => {
      if (stops !== undefined) return;
      let seen = '';
      const look = (): void => {
        const all = engines.list().flatMap(({ id }) => live.containers(id).filter(isDevContainer));
        const now = all.map(keyOf).join();
        // Of all that changes in an engine, few changes are about these.
        if (now !== seen) syncNow(false);
        seen = now;
      };
      stops = [live.subscribe(look), link.onChange(() => syncNow(true)), memory.onChange(agreedElsewhere)];
    },
    /** What runs has it when this resolves, or after 20 s; what could not be brought is in the answer. */
    bringNow: async (): Promise<readonly MemberEnvironment[]> => {
      if ((await link.link()) === undefined && (await memory.left()).length === 0) return [];
      const late = deferred();
      const callOff = options.clock.after(patience, late.resolve);
      const work = lookedPlaces().then((running) => sync(running, true));
      await Promise.race([work, late.promise]);
      callOff();
      return [...states.values()];
    },
    /** undefined without a dev container that runs and has a team. */
    applied: async (): Promise<{ readonly revision?: string; readonly drifted: readonly string[] } | undefined> => {
      const ready = [...states.values()].filter(({ state }) => state === 'ready');
      const first = ready.find(({ name }) => name === 'local') ?? ready[0];
      if (first === undefined) return undefined;
      return { ...(first.applied === null ? {} : { revision: first.applied }), drifted: first.drifted };
    },
    onChange: (listener: () => void): (() => void) => listeners.add(listener),
    follow: (send: (frame: Frame<'teamMember'>) => void): (() => void) => {
      const tell = () => send({ environments: [...states.values()] });
      tell();
      return listeners.add(tell);
    },
    diff: async ({ environment }: Input<'teamMember.diff'>): Promise<Output<'teamMember.diff'>> => {
      const place = await placeOf(environment);
      const { team, offered, applied, drifted, digest, files, carries, shared, ignored } = await inTurn(place, () =>
        inside(place, { command: ['claude-env', 'team', 'diff'], answer: answers.diff }),
      );
      if (offered !== null && digest !== null) shown.set(place.stack, { sha: offered.sha, digest });
      show(place, { state: 'ready', offered, applied, drifted });
      const notes = [
        ...(shared
          ? [
              'This environment shares this machine’s ~/.claude: what is applied, Claude Code on this machine runs as well.',
            ]
          : []),
        ...(drifted.length > 0 ? [`Changed here since it was applied, and left alone: ${drifted.join(', ')}.`] : []),
        ...(ignored.length > 0
          ? [`Not taken, since it is no part of Claude Code’s configuration: ${ignored.join(', ')}.`]
          : []),
      ];
      return { environment: place.name, team, offered, applied, files, carries, notes };
    },
    apply: async ({ environment, sha }: Input<'teamMember.apply'>): Promise<Outcome> => {
      const place = await placeOf(environment);
      const { caDigest } = await mustLink();
      const seen = shown.get(place.stack);
      if (seen?.sha !== sha) throw notShown(sha);
      const { written, kept, applied, drifted } = await inTurn(place, () => applyInside(place, seen));
      agreed = sha;
      await memory.agree(caDigest, seen);
      show(place, { state: 'ready', applied, drifted });
      return { environment: place.name, written, kept };
    },
    /** Nothing is applied by itself from then on. */
    undo: async ({ environment }: Input<'teamMember.undo'>): Promise<Output<'teamMember.undo'>> => {
      const place = await placeOf(environment);
      agreed = undefined;
      await memory.disagree();
      const { written, kept, applied, drifted } = await inTurn(place, () =>
        inside(place, { command: ['claude-env', 'team', 'undo'], answer: answers.change }),
      );
      show(place, { state: 'ready', applied, drifted });
      return { environment: place.name, restored: written, kept };
    },
    /** The team is being left: all of it is taken back. Says, in sentences, what stays for now. */
    leave: async (): Promise<readonly string[]> => {
      agreed = undefined;
      await memory.disagree();
      const notes: string[] = [];
      const running = await lookedPlaces();
      for (const stack of await memory.left()) {
        const place = running.find((one) => one.stack === stack);
        if (place === undefined) {
          notes.push(
            `${splitId(stack).project} does not run: what the team gave is taken back at its next start by claude-env.`,
          );
          continue;
        }
        try {
          const { kept } = await inTurn(place, () => takeBack(place));
          notes.push(...kept.map(({ path, note }) => `${place.name}: ${path}: ${note}.`));
        } catch (error) {
          notes.push(
            `${place.name}: what the team gave could not be taken back (${messageOf(error)}); it is tried again at its next start.`,
          );
        }
        done.delete(place.stack);
      }
      return notes;
    },
    close: (): void => {
      stopped.abort();
      watches.close();
      for (const stop of stops ?? []) stop();
    },
  };
}
export type TeamMember = ReturnType<typeof createTeamMember>;

const notShown = (sha: string): AppFailure =>
  new AppFailure({
    code: 'plan.changed',
    message: `Revision ${sha.slice(0, 8)} is not the one that was shown.`,
    hint: 'Look at what is offered now, and agree to that.',
    retry: true,
  });
const unknownOffer = (why: string): AppError => ({
  code: 'team.unavailable',
  message: `Which configuration the team offers is not known now: ${why}.`,
});
const messageOf = (error: unknown): string => (error instanceof AppFailure ? error.error.message : String(error));
