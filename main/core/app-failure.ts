import type { AppError } from '../../preload/contract/errors.ts';

/** The one exception that crosses rooms: an AppError in flight. Only `rpc/dispatch` and the CLI turn it into data or text. */
export class AppFailure extends Error {
  readonly error: AppError;

  constructor(error: AppError, options?: ErrorOptions) {
    super(error.message, options);
    this.name = 'AppFailure';
    this.error = error;
  }
}
