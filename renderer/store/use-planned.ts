import { useEffect, useRef } from 'react';
import type { Input, MethodName, Output } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { useAnswer } from './use-answer.ts';
import { useAttempt } from './use-attempt.ts';

/** Methods whose answer is agreed to by its fingerprint. */
type PlanMethod = {
  [M in MethodName]: Output<M> extends { readonly fingerprint: string } ? M : never;
}[MethodName];

export interface Planned<P> {
  /** What may be confirmed; undefined while the first one of this input is made, and where there is none. */
  readonly plan: P | undefined;
  /** What is looked at: the last one stays while another is made, so that nothing jumps. */
  readonly shown: P | undefined;
  /** Why there is no plan. */
  readonly error: AppError | undefined;
  readonly asking: boolean;
  /** It was confirmed and has not begun yet. */
  readonly busy: boolean;
  /** Why what was confirmed was not begun. */
  readonly refused: AppError | undefined;
  readonly replan: () => void;
  /** Never rejects. `onDone` follows a success; a plan that no longer holds (`plan.changed`) is made anew and shown. */
  readonly confirm: (run: (plan: P) => Promise<unknown>, onDone: () => void) => Promise<void>;
}

/** A plan that is asked for whenever its input is another one, and done only when it is confirmed. */
export function usePlanned<M extends PlanMethod>(method: M, input: Input<M>): Planned<Output<M>> {
  const { answer: plan, error, asking, again } = useAnswer(method, input);
  const { busy, error: refused, attempt, forget } = useAttempt();
  const last = useRef<Output<M>>(undefined);
  useEffect(() => {
    last.current = plan ?? last.current;
  }, [plan]);
  const shown = plan ?? (asking ? last.current : undefined);
  const replan = () => {
    forget();
    again();
  };
  const confirm: Planned<Output<M>>['confirm'] = async (run, onDone) => {
    if (plan === undefined) return;
    const begin = async () => {
      try {
        await run(plan);
      } catch (thrown) {
        if (toAppError(thrown).code === 'plan.changed') again();
        throw thrown;
      }
    };
    await attempt(begin, onDone);
  };
  return { plan, shown, error, asking, busy, refused, replan, confirm };
}
