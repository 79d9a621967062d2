import type { AppError } from '../../preload/contract/errors.ts';
import { encodeFailure } from '../services/encode-failure.ts';
import type { Log } from '../services/ports.ts';

/** A failure as a host sends or prints it; `what` names the call, for the log. */
export const encodeError = (error: unknown, what: string, log: Log): AppError =>
  encodeFailure(error, { what, log, newId: () => crypto.randomUUID() });
