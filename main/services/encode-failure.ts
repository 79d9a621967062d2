import type { AppError } from '../../preload/contract/errors.ts';
import { AppFailure } from '../core/app-failure.ts';
import { noRedactor } from '../core/redact.ts';
import type { Log } from './ports.ts';

export interface EncodeFailureOptions {
  /** Where it happened, for the log: a method, a step's kind. Nothing the user typed. */
  readonly what: string;
  readonly log: Log;
  readonly newId: () => string;
}

/**
 * A failure as data. What is not an AppFailure is a defect of ours: the user gets an id, the log gets the stack under
 * that id. The call's input is not logged, for it may hold what the user typed. Values in use are in neither.
 */
export function encodeFailure(error: unknown, { what, log, newId }: EncodeFailureOptions): AppError {
  const { redactWithin } = log.redactor ?? noRedactor;
  if (error instanceof AppFailure) return { ...redactWithin(error.error), code: error.error.code };
  const id = newId().slice(0, 8);
  const found = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log('error', `defect in ${what}`, { id, found });
  return {
    code: 'internal',
    message: `Something went wrong inside claude-env (log id ${id}).`,
    hint: 'Try again. If it happens again, report it with the lines of the log that carry this id.',
  };
}
