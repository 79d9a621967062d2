import { randomUUID } from 'node:crypto';
import { Failure } from './failure.mjs';

/*
 * Incidents, and who is on them, in Postgres.
 */

/** @typedef {import('./database.mjs').Database} Database */

/** Of each incident the newest notes, and of all as many: what somebody else may write without an end must fit into an answer. */
const mostNotes = 64_000;
const mostOfAll = 2_000_000;
/** So many of one person's may be open, and so many notes may an incident have: nobody fills the database alone. */
const mostOpen = 100;
const mostNoted = 500;

/** Open ones first, the newest first. @param {Database} database */
export async function listIncidents(database) {
  const rows = await database.query(
    `select * from (
       select id, title, detail, state, by, opened, resolved, owner, "ownerName", notes,
         sum(octet_length(coalesce(to_json(detail)::text, '')) + octet_length(notes::text)) over (order by state = 'open' desc, opened desc, id) as bytes
       from (
         select i.id, i.title, i.detail, i.state, b.name as by, i.opened, i.resolved, o.id as owner, o.name as "ownerName",
           coalesce((select json_agg(json_build_object('by', w.name, 'at', n.at, 'text', n.text) order by n.id)
             from (select *, sum(octet_length(text)) over (order by id desc) as bytes from incident_notes where incident = i.id) n
             join people w on w.id = n.by where n.bytes <= $1), '[]') as notes
         from incidents i join people b on b.id = i.opened_by left join people o on o.id = i.owner
         order by i.state = 'open' desc, i.opened desc, i.id limit 200
       ) listed
     ) counted where bytes <= $2 order by state = 'open' desc, opened desc, id`,
    [mostNotes, mostOfAll],
  );
  return rows.map(({ owner, ownerName, detail, bytes: _bytes, ...incident }) => ({
    ...incident,
    ...(detail === null ? {} : { detail }),
    owner: owner === null ? null : { id: owner, name: ownerName },
  }));
}

/** @param {Database} database @returns {Promise<number>} */
export async function countOpen(database) {
  const [{ open }] = await database.query("select count(*)::int as open from incidents where state = 'open'");
  return open;
}

/** @param {Database} database @param {{ title: string, detail?: string }} incident @param {string} by */
export async function openIncident(database, { title, detail }, by) {
  const id = randomUUID();
  const [{ open }] = await database.query(
    "select count(*)::int as open from incidents where state = 'open' and opened_by = $1",
    [by],
  );
  if (open >= mostOpen)
    throw new Failure(409, 'incident.many', `${mostOpen} of your incidents are open.`, { hint: 'Resolve some first.' });
  await database.query('insert into incidents (id, title, detail, opened_by) values ($1, $2, $3, $4)', [
    id,
    title,
    detail ?? null,
    by,
  ]);
  return { id };
}

/**
 * @param {Database} database
 * @param {string} id
 * @param {{ owner?: 'me' | null, state?: 'open' | 'resolved', note?: string }} change
 * @param {string} by
 */
export const changeIncident = (database, id, { owner, state, note }, by) =>
  database.transaction(async (query) => {
    const [incident] = await query(
      'select i.owner, o.name from incidents i left join people o on o.id = i.owner where i.id = $1 for update of i',
      [id],
    );
    if (incident === undefined) throw new Failure(404, 'incident.unknown', 'There is no such incident.');
    if (owner === 'me' && incident.owner !== null && incident.owner !== by)
      throw new Failure(409, 'incident.owned', `${incident.name} is on it already.`, {
        hint: 'Take it off them first, when they agree.',
      });
    if (owner !== undefined)
      await query('update incidents set owner = $2 where id = $1', [id, owner === 'me' ? by : null]);
    if (state !== undefined)
      await query(
        `update incidents set state = $2, resolved = case when $2 = 'open' then null else coalesce(resolved, now()) end
         where id = $1`,
        [id, state],
      );
    if (note === undefined) return;
    const [{ noted }] = await query('select count(*)::int as noted from incident_notes where incident = $1', [id]);
    if (noted >= mostNoted)
      throw new Failure(409, 'incident.noted', `This incident has ${mostNoted} notes.`, { hint: 'Open another one.' });
    await query('insert into incident_notes (incident, by, text) values ($1, $2, $3)', [id, by, note]);
  });
