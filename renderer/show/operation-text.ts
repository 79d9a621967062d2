import type { Operation } from '../../preload/contract/model.ts';
import { errorText } from './error-text.ts';
import { operationTitle, stepWords } from './words.ts';

/** A failed operation as plain text: every step with its state, and every error whole. */
export function operationReport(operation: Operation, title: string): string {
  const steps = operation.steps.map((step) => {
    const progress = operation.progress[step.id];
    return `  ${progress?.state ?? 'waiting'}  ${stepWords[step.kind]} ${step.target} (${step.cause})`;
  });
  const errors = Object.values(operation.progress).flatMap(({ error }) =>
    error === undefined ? [] : [errorText(error)],
  );
  const own = operation.error === undefined ? undefined : errorText(operation.error);
  const all = own === undefined || errors.includes(own) ? errors : [own, ...errors];
  return [operationTitle(operation, title), ...steps, ...all].join('\n');
}
