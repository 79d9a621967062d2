import { useEffect, useState } from 'react';
import type { Input, MethodName, Output } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { useApp } from './context.ts';

interface Known<M extends MethodName> {
  /** The question that it answers, and which time it was asked. */
  readonly key: string | undefined;
  readonly turn: number;
  readonly answer?: Output<M>;
  readonly error?: AppError;
}
export interface Answered<M extends MethodName> {
  /** The last one; while it is asked for again it stays. */
  readonly answer: Output<M> | undefined;
  readonly error: AppError | undefined;
  readonly asking: boolean;
  readonly again: () => void;
}

/**
 * Asks when the component appears, and when the input is another one. For what no stream carries. Nothing is asked while
 * the input is undefined.
 */
export function useAnswer<M extends MethodName>(method: M, input: Input<M> | undefined): Answered<M> {
  const { client } = useApp();
  const key = JSON.stringify(input);
  const [turn, setTurn] = useState(0);
  const [known, setKnown] = useState<Known<M>>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the input, and `turn` the request to ask again
  useEffect(() => {
    if (input === undefined) return;
    let left = false;
    client.call(method, input).then(
      (answer) => left || setKnown({ key, turn, answer }),
      (thrown: unknown) => left || setKnown({ key, turn, error: toAppError(thrown) }),
    );
    return () => {
      left = true;
    };
  }, [client, method, key, turn]);
  const isOf = key !== undefined && known?.key === key;
  return {
    answer: isOf ? known.answer : undefined,
    error: isOf ? known.error : undefined,
    asking: key !== undefined && !(isOf && known.turn === turn),
    again: () => setTurn(turn + 1),
  };
}
