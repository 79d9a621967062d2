/*
 * What the API answers instead of what was asked: `{error: {code, message, hint?}}`.
 */

export class Failure extends Error {
  /**
   * @param {number} status HTTP's
   * @param {string} code what programs look at: `invite.pending`
   * @param {string} message a sentence for people, without anything secret
   * @param {object} [more]
   * @param {string} [more.hint] what to do about it
   * @param {number} [more.retryAfter] seconds
   */
  constructor(status, code, message, { hint, retryAfter } = {}) {
    super(message);
    this.name = 'Failure';
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.retryAfter = retryAfter;
  }
}

/** @param {Failure} failure */
export const toBody = ({ code, message, hint }) => ({
  error: { code, message, ...(hint === undefined ? {} : { hint }) },
});

/** A part of the stack that the answer needs is away. @param {string} code @param {string} what */
export const away = (code, what) =>
  new Failure(503, code, `${what} does not answer now.`, { retryAfter: 3, hint: 'Ask again in a few seconds.' });

export const databaseAway = () => away('database.unavailable', "The team's database");

const connectionErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // Postgres: shut down by an administrator, after a crash, starting up, too many connections.
  '57P01',
  '57P02',
  '57P03',
  '53300',
]);

/** A lock or a statement took longer than it may. @param {Error} error */
export const isBusy = (error) => ['55P03', '57014'].includes(/** @type {{ code?: string }} */ (error).code ?? '');

/**
 * @param {unknown} error of the Postgres client
 * @returns {boolean} whether the database could not be reached or went away, so that asking again may help
 */
export function isDatabaseAway(error) {
  if (!(error instanceof Error)) return false;
  const { code } = /** @type {{ code?: unknown }} */ (error);
  if (isBusy(error)) return true;
  if (typeof code === 'string') return connectionErrors.has(code) || code.startsWith('08');
  // The client's own errors have no code.
  return /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|client was closed/i.test(
    error.message,
  );
}

/**
 * @param {unknown} error anything that was thrown while answering
 * @returns {Failure | undefined} undefined: a defect of ours, of which the client learns nothing
 */
export function toFailure(error) {
  if (error instanceof Failure) return error;
  if (isDatabaseAway(error)) return databaseAway();
  const { statusCode, validation } = /** @type {{ statusCode?: unknown, validation?: unknown }} */ (error ?? {});
  if (validation !== undefined) return new Failure(400, 'request.invalid', /** @type {Error} */ (error).message);
  if (statusCode === 413) return new Failure(413, 'request.large', 'The request is larger than it may be.');
  if (statusCode === 415) return new Failure(415, 'request.type', 'The body must be application/json.');
  if (statusCode === 400) return new Failure(400, 'request.invalid', 'The request cannot be read.');
  return undefined;
}
