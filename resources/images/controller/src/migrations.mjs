import { readdirSync, readFileSync } from 'node:fs';

/*
 * The files of ../migrations, each once, in order. Several replicas start at once: a lock of the database's lets one of
 * them work, and the others find it done.
 */

/** Any number, as long as it stays this one. */
const lock = 7_206_114;

const folder = new URL('../migrations/', import.meta.url);

/** @returns {readonly { readonly number: number, readonly name: string, readonly sql: string }[]} */
export const readMigrations = () =>
  readdirSync(folder)
    .toSorted()
    .map((file) => {
      const [, number, name] = /^(\d{3})-([a-z-]+)\.sql$/.exec(file) ?? [];
      if (number === undefined || name === undefined) throw new Error(`${file} is no migration: 001-name.sql`);
      return { number: Number(number), name, sql: readFileSync(new URL(file, folder), 'utf8') };
    });

/**
 * One transaction: what fails leaves the database as it was.
 * @param {import('./database.mjs').Database} database
 * @returns {Promise<readonly string[]>} the names of those that it ran
 */
export const migrate = (database) =>
  database.transaction(async (query) => {
    // Held to the transaction's end, also when this process is killed. Another replica may take longer than a usual lock.
    await query("set local lock_timeout = '60s'");
    await query("set local statement_timeout = '60s'");
    await query('select pg_advisory_xact_lock($1)', [lock]);
    await query(
      'create table if not exists migrations (number integer primary key, name text not null, at timestamptz not null default now())',
    );
    const done = new Set((await query('select number from migrations')).map(({ number }) => number));
    const missing = readMigrations().filter(({ number }) => !done.has(number));
    for (const { number, name, sql } of missing) {
      await query(sql);
      await query('insert into migrations (number, name) values ($1, $2)', [number, name]);
    }
    return missing.map(({ name }) => name);
  });
