import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ActionOptions } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Plan, PlanAction } from '../../preload/contract/model.ts';
import { toAppError } from '../client/call-error.ts';
import type { Client } from '../client/client.ts';

export interface PlanView {
  readonly action: PlanAction;
  readonly options: ActionOptions;
  readonly phase: 'loading' | 'ready' | 'starting' | 'failed';
  /** The last plan stays while a new one is made, so that nothing jumps. */
  readonly plan: Plan | undefined;
  readonly error: AppError | undefined;
  /** The world moved between plan and confirmation: this is the new plan. */
  readonly changed: boolean;
}
export interface Failure {
  readonly id: number;
  readonly stack: string;
  readonly title: string;
  readonly error: AppError;
}
export interface Plans {
  readonly views: Readonly<Record<string, PlanView>>;
  /** Actions that were asked for and have no operation yet: the button answers at once. */
  readonly starting: Readonly<Record<string, PlanAction>>;
  /** Calls that failed outside a plan; they stay until they are closed. */
  readonly failures: readonly Failure[];
}
export interface PlanActions {
  readonly request: (stack: string, action: PlanAction, options?: ActionOptions) => Promise<void>;
  /** Runs the plan that is shown. */
  readonly confirm: (stack: string) => Promise<void>;
  /** Plans and runs in one go; when the plan would lose something or cannot run, it is shown instead. */
  readonly runNow: (
    stack: string,
    action: PlanAction,
    options?: ActionOptions,
  ) => Promise<'started' | 'shown' | 'failed'>;
  readonly clear: (stack: string) => void;
  readonly report: (stack: string, title: string, error: AppError) => void;
  readonly close: (failure: number) => void;
}
export type PlansStore = StoreApi<Plans> & { readonly actions: PlanActions };

/** A plan that nobody has to look at first. */
const isHarmless = (plan: Plan): boolean =>
  plan.losses.length === 0 &&
  plan.conflicts.length === 0 &&
  plan.problems.length === 0 &&
  (plan.credentials ?? []).every(({ agreed }) => agreed) &&
  !plan.steps.some((step) => step.destructive);

/** What was shown is what is agreed to: values of the user's that the plan gives away, and that were not agreed to yet. */
export function agreeing({ credentials = [] }: Plan): { readonly agree?: string[] } {
  const agree = credentials.filter(({ agreed }) => !agreed).map(({ name }) => name);
  return agree.length === 0 ? {} : { agree };
}

const titles: Readonly<Record<PlanAction, string>> = {
  up: 'Could not redeploy',
  down: 'Could not remove',
  start: 'Could not start',
  stop: 'Could not stop',
  restart: 'Could not restart',
  build: 'Could not build',
  pull: 'Could not pull',
  scale: 'Could not scale',
  run: 'Could not run a one-off',
  kill: 'Could not send a signal',
  pause: 'Could not pause',
  unpause: 'Could not resume',
  rm: 'Could not remove containers',
  deploy: 'Could not deploy',
  rollback: 'Could not roll back',
  'restore-volume': 'Could not restore',
};

/** Plans per stack, from the request to the operation that runs them. */
export function createPlansStore(client: Client): PlansStore {
  const store = createStore<Plans>(() => ({ views: {}, starting: {}, failures: [] }));
  const { getState, setState } = store;
  /** Only the answer to the latest request of a stack counts. */
  const latest = new Map<string, number>();
  let lastFailure = 0;

  const put = (stack: string, view: PlanView | undefined) =>
    setState(({ views }) => {
      const { [stack]: _before, ...rest } = views;
      return { views: view === undefined ? rest : { ...rest, [stack]: view } };
    });
  const setStarting = (stack: string, action: PlanAction | undefined) =>
    setState(({ starting }) => {
      const { [stack]: _before, ...rest } = starting;
      return { starting: action === undefined ? rest : { ...rest, [stack]: action } };
    });
  const load = async (stack: string, action: PlanAction, options: ActionOptions, changed: boolean) => {
    const turn = (latest.get(stack) ?? 0) + 1;
    latest.set(stack, turn);
    const before = getState().views[stack];
    const kept = before?.action === action ? before.plan : undefined;
    put(stack, { action, options, phase: 'loading', plan: kept, error: undefined, changed });
    try {
      const plan = await client.call('stacks.plan', { stack, action, options });
      if (latest.get(stack) !== turn) return;
      put(stack, { action, options, phase: 'ready', plan, error: undefined, changed });
    } catch (thrown) {
      if (latest.get(stack) !== turn) return;
      put(stack, { action, options, phase: 'failed', plan: undefined, error: toAppError(thrown), changed: false });
    }
  };
  const report = (stack: string, title: string, error: AppError) => {
    lastFailure += 1;
    const failure = { id: lastFailure, stack, title, error };
    setState(({ failures }) => ({ failures: [...failures, failure] }));
  };

  return Object.assign(store, {
    actions: {
      request: (stack, action, options = {}) => load(stack, action, options, false),
      confirm: async (stack) => {
        const view = getState().views[stack];
        if (view?.plan === undefined || view.phase !== 'ready') return;
        const { action, options, plan } = view;
        put(stack, { ...view, phase: 'starting' });
        try {
          await client.call('stacks.run', {
            stack,
            action,
            options,
            fingerprint: plan.fingerprint,
            ...agreeing(plan),
          });
          put(stack, undefined);
        } catch (thrown) {
          const error = toAppError(thrown);
          if (error.code === 'plan.changed') await load(stack, action, options, true);
          else put(stack, { ...view, phase: 'failed', error });
        }
      },
      runNow: async (stack, action, options = {}) => {
        setStarting(stack, action);
        try {
          // One more try when the world moves between the two calls: what is run was planned a moment ago.
          for (let attempt = 0; ; attempt += 1) {
            const plan = await client.call('stacks.plan', { stack, action, options });
            if (!isHarmless(plan)) {
              put(stack, { action, options, phase: 'ready', plan, error: undefined, changed: false });
              return 'shown';
            }
            try {
              await client.call('stacks.run', { stack, action, options, fingerprint: plan.fingerprint });
              return 'started';
            } catch (thrown) {
              if (toAppError(thrown).code !== 'plan.changed' || attempt > 0) throw thrown;
            }
          }
        } catch (thrown) {
          report(stack, titles[action], toAppError(thrown));
          return 'failed';
        } finally {
          setStarting(stack, undefined);
        }
      },
      clear: (stack) => {
        latest.set(stack, (latest.get(stack) ?? 0) + 1);
        put(stack, undefined);
      },
      report,
      close: (failure) => setState(({ failures }) => ({ failures: failures.filter(({ id }) => id !== failure) })),
    } satisfies PlanActions,
  });
}
