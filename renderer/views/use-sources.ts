import { useMemo } from 'react';
import { useAnswer } from '../store/use-answer.ts';

/**
 * The text of the stack's files by path, so that a mistake can be shown with its line; only when `wanted`. Without the
 * text the mistakes are shown all the same, with their place.
 */
export function useSources(stack: string, wanted: boolean): Readonly<Record<string, string>> {
  const { answer } = useAnswer('stacks.files', wanted ? { stack } : undefined);
  return useMemo(() => Object.fromEntries((answer?.files ?? []).map(({ path, text }) => [path, text])), [answer]);
}
