import type { AppError } from '../../preload/contract/errors.ts';

/** A call that failed, with the error as main described it. */
export class CallError extends Error {
  readonly error: AppError;

  constructor(error: AppError) {
    super(error.message);
    this.name = 'CallError';
    this.error = error;
  }
}

/** Whatever was thrown, as the shape that every error view shows. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof CallError) return thrown.error;
  return { code: 'internal', message: thrown instanceof Error ? thrown.message : String(thrown) };
}

export const connectionLost: AppError = {
  code: 'internal',
  message: 'The connection to claude-env was lost before the answer came.',
  hint: 'Nothing was changed by this page. Try again when the connection is back.',
  retry: true,
};

export const notUnderstood = (what: string): AppError => ({
  code: 'internal',
  message: `This page does not understand what claude-env sent (${what}).`,
  hint: 'Reload the page. If that does not help, the app and this page are of different versions: restart the app.',
});
