import pg from 'pg';
import { describeError } from '../../common/service/log.mjs';
import { databaseAway, isBusy, isDatabaseAway } from './failure.mjs';

/*
 * Postgres. The pool connects again by itself; what needs it meanwhile is answered 503, and nobody is kept waiting.
 */

/** @typedef {(sql: string, values?: readonly unknown[]) => Promise<any[]>} Query rows */

/**
 * @param {object} options `onChange` is told when it goes and when it comes back
 * @param {import('./settings.mjs').Settings['database']} options.settings
 * @param {string} options.password
 * @param {import('../../common/service/log.mjs').Log} options.log
 * @param {(up: boolean) => void} options.onChange
 */
export function createDatabase({ settings, password, log, onChange }) {
  const pool = new pg.Pool({
    ...settings,
    password,
    max: 10,
    application_name: 'claude-env-controller',
    connectionTimeoutMillis: 3000,
    statement_timeout: 5000,
    query_timeout: 6000,
    lock_timeout: 4000,
    keepAlive: true,
  });
  let up = false;
  let answered = Number.NEGATIVE_INFINITY;
  /** @param {boolean} now */
  const seen = (now) => {
    if (now === up) return;
    up = now;
    onChange(now);
  };
  // A connection that nobody uses has ended; without a listener that would end the process.
  pool.on('error', (error) => {
    log.warn('an idle database connection ended', describeError(error));
  });

  /** @template T @param {() => Promise<T>} act */
  const guarded = async (act) => {
    try {
      const result = await act();
      answered = performance.now();
      seen(true);
      return result;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      // Who waited in vain for a connection that others use has not seen it go.
      const busy = isWait(error) && performance.now() - answered < 5000;
      if (!busy) {
        if (up) log.warn('the database went away', describeError(error));
        seen(false);
      }
      throw Object.assign(databaseAway(), { cause: error });
    }
  };

  /** @type {Query} */
  const query = (sql, values = []) => guarded(async () => (await pool.query(sql, [...values])).rows);

  return {
    query,
    /**
     * All or nothing.
     * @template T
     * @param {(query: Query) => Promise<T>} act
     * @returns {Promise<T>}
     */
    transaction: (act) =>
      guarded(async () => {
        const client = await pool.connect();
        /** @type {Error | undefined} */
        let broken;
        // Between two queries of ours its end would be nobody's error.
        client.on('error', noted);
        try {
          await client.query('begin');
          const result = await act(async (sql, values = []) => (await client.query(sql, [...values])).rows);
          await client.query('commit');
          return result;
        } catch (error) {
          await client.query('rollback').catch((failed) => {
            broken = failed;
          });
          throw error;
        } finally {
          client.off('error', noted);
          client.release(broken);
        }
      }),
    isUp: () => up,
    connections: () => ({ active: pool.totalCount - pool.idleCount, max: 10 }),
    end: () => pool.end(),
  };
}

/** @param {unknown} error */
const isWait = (error) => error instanceof Error && (isBusy(error) || /timeout exceeded/.test(error.message));

/** The query that fails next says it. */
const noted = () => undefined;

/** @typedef {ReturnType<typeof createDatabase>} Database */
