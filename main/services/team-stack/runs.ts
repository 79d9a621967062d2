import type { AppError } from '../../../preload/contract/errors.ts';
import type { EngineId, Operation, Plan } from '../../../preload/contract/model.ts';
import type {
  TeamStackPlan as ShownPlan,
  TeamStackOptions,
  TeamStackRun,
} from '../../../preload/contract/team-stack.ts';
import { AppFailure } from '../../core/app-failure.ts';
import type { Credentials } from '../credentials.ts';
import { encodeFailure } from '../encode-failure.ts';
import { failureOf, throwIfLocked } from '../keychain-state.ts';
import { createListeners } from '../listeners.ts';
import { findObstacle } from '../obstacles.ts';
import type { Clock, Ids, Keychain, Log } from '../ports.ts';
import type { Services, StackTarget } from '../services.ts';
import type { StackRequest } from '../swarm-plan.ts';
import type { TeamStack, TeamStackPlan } from './index.ts';
import { isNothing, type Looked, toOptions, toShown } from './shown.ts';

export interface TeamStackRunsOptions {
  readonly teamStack: Pick<TeamStack, 'plan' | 'prepare' | 'keep' | 'there'>;
  readonly stacks: Pick<Services['stacks'], 'plan' | 'run'>;
  readonly swarm: Pick<Services['swarm'], 'plan' | 'run'>;
  readonly operations: Pick<Services['operations'], 'cancel' | 'finished'>;
  readonly keychain: Keychain;
  readonly credentials: Pick<Credentials, 'remove'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The services may answer by now: this user's link to them is tried at once. */
  readonly retryLink: () => void;
}

export interface TeamStackAsked {
  readonly engine: EngineId;
  /** What differs from what was chosen before; an empty text takes a choice back. */
  readonly choices: Partial<TeamStackOptions>;
}

interface Entry {
  run: TeamStackRun;
  readonly controller: AbortController;
}

const building = { changed: true } as const;
const isActive = (entry: Entry | undefined): boolean =>
  entry !== undefined && ['preparing', 'building', 'deploying'].includes(entry.run.phase);
const deploying = ({ options }: TeamStackPlan): StackRequest => ({ kind: 'deploy', options });
const namesOf = ({ credentials = [] }: Plan): readonly string[] => credentials.map(({ name }) => name);
const cancelled = (): AppFailure => new AppFailure({ code: 'cancelled', message: 'Cancelled.' });

/**
 * `team up` for who does not sit at a terminal: the same plan, shown first and agreed to by its fingerprint, then all of it in
 * one go (what is made, images, the stack), whoever looks at it meanwhile. One run for each engine.
 */
export function createTeamStackRuns(options: TeamStackRunsOptions) {
  const { teamStack, stacks, swarm, operations, clock, ids, log } = options;
  const entries = new Map<EngineId, Entry>();
  const listeners = createListeners<EngineId>(log);
  const now = () => new Date(clock.now()).toISOString();

  const set = (engine: EngineId, entry: Entry, run: TeamStackRun): void => {
    entry.run = run;
    listeners.emit(engine);
  };

  /** Why nothing can be kept, by writing: a locked keychain can be read from, and lacks everything. */
  const keychainTrouble = (): Promise<AppError | undefined> => failureOf(throwIfLocked(options.keychain));

  const look = async ({ engine, choices }: TeamStackAsked): Promise<Looked> => {
    const planned = await teamStack.plan({ engine, choices });
    const makes = planned.steps.some(({ kind }) => kind !== 'mark-node');
    const [trouble, build] = await Promise.all([
      makes ? keychainTrouble() : undefined,
      planned.build === undefined ? undefined : stacks.plan(planned.build, 'build', building),
    ]);
    const isReady = planned.steps.length === 0 && (build === undefined || isNothing(build));
    const deploy = isReady ? await swarm.plan(planned.target, deploying(planned)) : undefined;
    const seen = [planned.engine, planned.steps, choices, build?.fingerprint, deploy?.fingerprint];
    return { planned, build, deploy, trouble, fingerprint: ids.sha256(JSON.stringify(seen)) };
  };

  /** Until it has ended; a call to cancel meanwhile ends it. */
  const follow = async (entry: Entry, id: string): Promise<void> => {
    const { signal } = entry.controller;
    const cancel = () => operations.cancel(id);
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    const ended: Operation = await operations.finished(id);
    signal.removeEventListener('abort', cancel);
    if (ended.state === 'done') return;
    throw ended.error === undefined ? cancelled() : new AppFailure(ended.error);
  };

  const build = async (target: StackTarget, entry: Entry, engine: EngineId, about: Begun): Promise<void> => {
    const plan = await stacks.plan(target, 'build', building);
    if (plan.steps.length === 0) return;
    throwObstacle(plan);
    entry.controller.signal.throwIfAborted();
    const { fingerprint } = plan;
    const { operation } = await stacks.run(target, 'build', { ...building, fingerprint, agree: namesOf(plan) });
    set(engine, entry, { phase: 'building', ...about, operation });
    await follow(entry, operation);
  };

  const deploy = async (ready: TeamStackPlan, entry: Entry, engine: EngineId, about: Begun): Promise<void> => {
    const plan = await swarm.plan(ready.target, deploying(ready));
    throwObstacle(plan);
    entry.controller.signal.throwIfAborted();
    if (plan.steps.length > 0) {
      const agreed = { fingerprint: plan.fingerprint, agree: namesOf(plan) };
      const { operation } = await swarm.run(ready.target, deploying(ready), agreed);
      set(engine, entry, { phase: 'deploying', ...about, operation });
      await teamStack.keep(ready);
      await follow(entry, operation);
    } else await teamStack.keep(ready);
  };

  const prepare = async (planned: TeamStackPlan): Promise<void> => {
    const { unkept } = await teamStack.prepare(planned);
    if (unkept === undefined) return;
    // It was locked between two looks: nobody has the token, so nobody is made an operator with it.
    const { team } = planned;
    await options.credentials.remove({ scope: 'team', team, name: 'CLAUDE_ENV_TEAM_FIRST_OPERATOR' });
    throw new AppFailure((await keychainTrouble()) ?? lostToken);
  };

  const work = async (entry: Entry, { planned, build: images }: Looked, asked: TeamStackAsked): Promise<void> => {
    const { engine } = asked;
    const { signal } = entry.controller;
    const about: Begun = { team: planned.team, since: now() };
    if (planned.steps.length > 0) await prepare(planned);
    signal.throwIfAborted();
    if (planned.build !== undefined && images !== undefined && !isNothing(images)) {
      set(engine, entry, { phase: 'building', ...about });
      await build(planned.build, entry, engine, about);
      signal.throwIfAborted();
    }
    set(engine, entry, { phase: 'deploying', ...about });
    const ready = await teamStack.plan(asked);
    await deploy(ready, entry, engine, about);
    set(engine, entry, { phase: 'done', team: ready.team, addresses: [...ready.addresses] });
    options.retryLink();
  };

  const run = async (entry: Entry, looked: Looked, asked: TeamStackAsked): Promise<void> => {
    const { team } = looked.planned;
    try {
      await work(entry, looked, asked);
    } catch (thrown) {
      const isOver =
        entry.controller.signal.aborted || (thrown instanceof AppFailure && thrown.error.code === 'cancelled');
      const error = isOver ? undefined : encodeFailure(thrown, { what: 'team up', log, newId: ids.random });
      set(asked.engine, entry, error === undefined ? { phase: 'cancelled', team } : { phase: 'failed', team, error });
    }
  };

  return {
    /** What was chosen, and what of the services' secrets the Swarm alone has. */
    look: async (
      engine: EngineId,
    ): Promise<{ readonly team: string; readonly options: TeamStackOptions; readonly only: string[] }> => {
      const { team, choices, only } = await teamStack.there(engine);
      return { team, options: toOptions(choices), only: [...only] };
    },

    plan: async (asked: TeamStackAsked): Promise<ShownPlan> => toShown(await look(asked)),

    /** Throws `plan.changed`, `stack.busy`, what stands in the way, and why the keychain takes nothing. */
    run: async (asked: TeamStackAsked, fingerprint: string): Promise<void> => {
      const looked = await look(asked);
      if (looked.fingerprint !== fingerprint) {
        throw new AppFailure({
          code: 'plan.changed',
          message: `Since the plan for ${looked.planned.team} was made, something changed: its nodes, an image’s folder, or what the Swarm has.`,
          hint: 'Look at the new plan and confirm that one.',
          retry: true,
        });
      }
      if (looked.trouble !== undefined) throw new AppFailure(looked.trouble);
      for (const plan of [looked.build, looked.deploy]) if (plan !== undefined) throwObstacle(plan);
      if (isActive(entries.get(asked.engine))) throw new AppFailure(busy(looked.planned.team));
      const entry: Entry = {
        run: { phase: 'preparing', team: looked.planned.team, since: now() },
        controller: new AbortController(),
      };
      entries.set(asked.engine, entry);
      listeners.emit(asked.engine);
      void run(entry, looked, asked);
    },

    cancel: (engine: EngineId): void => entries.get(engine)?.controller.abort(),

    dismiss: (engine: EngineId): void => {
      if (isActive(entries.get(engine)) || !entries.delete(engine)) return;
      listeners.emit(engine);
    },

    /** How it is now, and whenever it is another one; returns how to stop. */
    follow: (engine: EngineId, onFrame: (frame: { readonly run: TeamStackRun | null }) => void): (() => void) => {
      const tell = () => onFrame({ run: entries.get(engine)?.run ?? null });
      const stop = listeners.add((changed) => {
        if (changed === engine) tell();
      });
      tell();
      return stop;
    },

    /** Nothing more is begun. */
    close: (): void => {
      for (const { controller } of entries.values()) controller.abort();
    },
  };
}
export type TeamStackRuns = ReturnType<typeof createTeamStackRuns>;

interface Begun {
  readonly team: string;
  readonly since: string;
}

function throwObstacle(plan: Plan): void {
  const obstacle = findObstacle(plan);
  if (obstacle !== undefined) throw obstacle;
}

const busy = (team: string): AppError => ({
  code: 'stack.busy',
  message: `The services of ${team} are being set up already.`,
  hint: 'Wait for its end, or cancel it.',
  retry: true,
});

const lostToken: AppError = {
  code: 'keychain.failed',
  message: 'The keychain did not take the first operator’s token; nobody was made an operator.',
  hint: 'Try again, or run `team up` in a terminal, which hands out an invite instead.',
};
