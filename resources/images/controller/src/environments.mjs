/*
 * What each machine's dev container was last said to be, in Postgres.
 */

/** @typedef {import('./database.mjs').Database} Database */
/**
 * @typedef {object} Report
 * @property {string} machine
 * @property {string} state
 * @property {string} [revision]
 * @property {readonly string[]} [drifted]
 * @property {string} [node]
 */

/** More than anybody has; the ones that were silent longest make room. */
const mostMachines = 20;
/** Who has not been heard of for so long is not counted any more. */
const forgotten = '30 days';

/** @param {Database} database @param {string} person @param {Report} report */
export const reportEnvironment = (database, person, { machine, state, revision, drifted = [], node }) =>
  database.transaction(async (query) => {
    await query(
      `insert into environments (person, machine, state, revision, drifted, node)
       select p.id, $2, $3, $4, $5, $6 from people p where p.id = $1 and p.removed is null
       on conflict (person, machine) do update
       set state = excluded.state, revision = excluded.revision, drifted = excluded.drifted, node = excluded.node, at = now()`,
      [person, machine, state, revision ?? null, JSON.stringify(drifted), node ?? null],
    );
    await query(
      `delete from environments where person = $1 and machine in
       (select machine from environments where person = $1 order by at desc, machine offset ${mostMachines})`,
      [person],
    );
  });

/**
 * @param {Database} database
 * @param {readonly string[]} [people] only theirs
 * @returns {Promise<import('./view.mjs').Environment[]>}
 */
export const listEnvironments = (database, people) =>
  database.query(
    `select person, machine, state, revision, drifted, node, at from environments
     where at > now() - interval '${forgotten}' and ($1::uuid[] is null or person = any($1)) order by person, machine`,
    [people ?? null],
  );

/** The newest that one of the person's machines has applied. @param {Database} database @param {string} person */
export async function appliedBy(database, person) {
  const [row] = await database.query(
    'select revision from environments where person = $1 and revision is not null order by at desc limit 1',
    [person],
  );
  return row?.revision ?? null;
}
