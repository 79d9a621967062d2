import { useEffect, useState } from 'react';
import type { Input, MethodName, Output } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { useApp } from './context.ts';

interface Known<M extends MethodName> {
  /** The question that it answers. */
  readonly key: string;
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

/** Asks when the component appears, and when the input is another one. For what no stream carries. */
export function useAnswer<M extends MethodName>(method: M, input: Input<M>): Answered<M> {
  const { client } = useApp();
  const key = JSON.stringify(input);
  const [turn, setTurn] = useState(0);
  const [known, setKnown] = useState<Known<M>>();
  const [asking, setAsking] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the input, and `turn` the request to ask again
  useEffect(() => {
    let left = false;
    const take = (next: Known<M>) => {
      if (left) return;
      setKnown(next);
      setAsking(false);
    };
    setAsking(true);
    client.call(method, input).then(
      (answer) => take({ key, answer }),
      (thrown: unknown) => take({ key, error: toAppError(thrown) }),
    );
    return () => {
      left = true;
    };
  }, [client, method, key, turn]);
  const isOf = known?.key === key;
  return {
    answer: isOf ? known.answer : undefined,
    error: isOf ? known.error : undefined,
    asking,
    again: () => setTurn(turn + 1),
  };
}
