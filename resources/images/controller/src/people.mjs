import { randomUUID } from 'node:crypto';
import { Failure } from './failure.mjs';
import { allows } from './roles.mjs';
import { digestOf, newToken } from './tokens.mjs';

/*
 * People and their tokens, in Postgres.
 */

/** @typedef {import('./database.mjs').Query} Query */
/** @typedef {import('./database.mjs').Database} Database */
/** @typedef {import('./roles.mjs').Person} Person */
/**
 * @typedef {object} Who somebody with a token that holds
 * @property {Person} person
 * @property {{ readonly id: string, readonly created: Date, readonly ends: Date | null }} token
 */

/** Who adds, removes or demotes operators does so one after the other, or two of them could remove each other. */
const operatorsLock = 7_206_115;
/** @param {Query} query */
const lockOperators = (query) => query('select pg_advisory_xact_lock($1)', [operatorsLock]);

/**
 * For what only operators do: between their request's arrival and now they may have become something else.
 * @param {Query} query @param {string} by
 */
export async function lockAsOperator(query, by) {
  await lockOperators(query);
  const held = await query("select 1 from people where id = $1 and role = 'operator' and removed is null", [by]);
  if (held.length === 0) throw new Failure(403, 'role.missing', 'Your role is another one now.');
}

/**
 * @param {Database} database
 * @param {string} token
 * @returns {Promise<Who | 'ended' | undefined>} undefined: nobody ever had it
 */
export async function findByToken(database, token) {
  const [row] = await database.query(
    `select t.id as token, t.created, t.ends, p.id, p.name, p.role,
       p.removed is not null or (t.ends is not null and t.ends <= now()) as ended,
       t.used is null or t.used < now() - interval '1 minute' as stale
     from tokens t join people p on p.id = t.person where t.digest = $1`,
    [digestOf(token)],
  );
  if (row === undefined) return undefined;
  if (row.ended) return 'ended';
  if (row.stale) await database.query('update tokens set used = now() where id = $1', [row.token]);
  const { id, name, role, token: tokenId, created, ends } = row;
  return { person: { id, name, role }, token: { id: tokenId, created, ends } };
}

/**
 * @param {Database} database
 * @param {readonly string[]} ids of tokens
 * @returns {Promise<Map<string, { person: Person, ends: Date | null }>>} those of them that hold
 */
export async function findHolding(database, ids) {
  const rows = await database.query(
    `select t.id as token, t.ends, p.id, p.name, p.role from tokens t join people p on p.id = t.person
     where t.id = any($1) and p.removed is null and (t.ends is null or t.ends > now())`,
    [ids],
  );
  return new Map(rows.map(({ token, ends, id, name, role }) => [token, { person: { id, name, role }, ends }]));
}

/** @param {Query} query */
export const listPeople = (query) =>
  query(
    `select p.id, p.name, p.role, p.created, max(t.used) as used from people p left join tokens t on t.person = p.id
     where p.removed is null group by p.id order by lower(p.name), p.id`,
  );

/** @param {Query} query @param {string} person @returns {Promise<string>} the token, which is kept nowhere */
export async function giveToken(query, person) {
  const { text, digest } = newToken();
  await query('insert into tokens (id, person, digest) values ($1, $2, $3)', [randomUUID(), person, digest]);
  return text;
}

/**
 * A new token; those that the person had hold another minute, so that a lost answer locks nobody out. All of them: whoever took one
 * away may have made others of it.
 * @param {Database} database @param {Who} who
 */
export const renewToken = (database, { person }) =>
  database.transaction(async (query) => {
    // One after the other: of two at once, the later one's token is the one that stays.
    await query('select 1 from people where id = $1 for update', [person.id]);
    await query(
      `update tokens set ends = least(ends, now() + interval '60 seconds') where person = $1 and (ends is null or ends > now())`,
      [person.id],
    );
    return giveToken(query, person.id);
  });

/** @param {Database} database @param {Who} who */
export const endToken = (database, { person, token }) =>
  database.transaction(async (query) => {
    await lockOperators(query);
    if (person.role === 'operator') await mustLeaveOperator(query, 't.id <> $1', token.id);
    await query('update tokens set ends = now() where id = $1', [token.id]);
  });

const lastOperator = () =>
  new Failure(409, 'operator.last', 'Nobody else could run the team then.', {
    hint: 'Make somebody else an operator first.',
  });

/** @param {Query} query @param {string} id @param {string} by */
async function lockPerson(query, id, by) {
  await lockAsOperator(query, by);
  const [person] = await query('select id, name, role from people where id = $1 and removed is null for update', [id]);
  if (person === undefined) throw new Failure(404, 'person.unknown', 'There is no such person in the team.');
  return /** @type {Person} */ (person);
}

/** @param {Query} query @param {Person} person */
async function mustNotBeLast(query, person) {
  if (person.role !== 'operator') return;
  await mustLeaveOperator(query, 'p.id <> $1', person.id);
}

/**
 * An operator who has left is still on the list, and can do nothing: only one with a token that stays counts.
 * @param {Query} query @param {'p.id <> $1' | 't.id <> $1'} others than whom or what @param {string} id
 */
async function mustLeaveOperator(query, others, id) {
  const left = await query(
    `select 1 from tokens t join people p on p.id = t.person
     where ${others} and p.role = 'operator' and p.removed is null and t.ends is null limit 1`,
    [id],
  );
  if (left.length === 0) throw lastOperator();
}

/** Those that somebody issued or approved. @param {Query} query @param {string} person @returns {Promise<number>} how many */
async function endInvites(query, person) {
  const ended = await query(
    `update invites set ended = now() where (issued_by = $1 or approved_by = $1)
     and ended is null and used is null and expires > now() returning 1`,
    [person],
  );
  return ended.length;
}

/** @param {Database} database @param {string} id @param {import('./roles.mjs').Role} role @param {string} by */
export const setRole = (database, id, role, by) =>
  database.transaction(async (query) => {
    const person = await lockPerson(query, id, by);
    if (role !== 'operator') await mustNotBeLast(query, person);
    // With an invite of their own they would be back in the role that was taken from them.
    if (!allows(role, person.role)) await endInvites(query, id);
    await query('update people set role = $2 where id = $1', [id, role]);
    return { ...person, role };
  });

/**
 * Ends everything that lets the person in: tokens, and invites that they issued or approved. What they wrote stays.
 * @param {Database} database @param {string} id @param {string} by
 * @returns {Promise<{ name: string, revoked: number, nodes: string[], invitesEnded: number }>}
 */
export const removePerson = (database, id, by) =>
  database.transaction(async (query) => {
    const person = await lockPerson(query, id, by);
    await mustNotBeLast(query, person);
    await query('update people set removed = now(), removed_by = $2 where id = $1', [id, by]);
    const revoked = await query(
      'update tokens set ends = now() where person = $1 and (ends is null or ends > now()) returning 1',
      [id],
    );
    const invitesEnded = await endInvites(query, id);
    const machines = await query('delete from environments where person = $1 returning machine, node', [id]);
    await query("update incidents set owner = null where owner = $1 and state = 'open'", [id]);
    const nodes = new Set(machines.map(({ machine, node }) => node ?? machine));
    return { name: person.name, revoked: revoked.length, nodes: [...nodes].toSorted(), invitesEnded };
  });

/**
 * Who runs the team before anybody was invited. Only where there is no operator at all.
 * @param {Database} database @param {{ readonly name: string, readonly digest: string }} first
 * @returns {Promise<boolean>} whether they were made
 */
export const addFirstOperator = (database, { name, digest }) =>
  database.transaction(async (query) => {
    await lockOperators(query);
    if ((await query("select 1 from people where role = 'operator' and removed is null limit 1")).length > 0)
      return false;
    const id = randomUUID();
    await query("insert into people (id, name, role) values ($1, $2, 'operator')", [id, name]);
    await query('insert into tokens (id, person, digest) values ($1, $2, $3)', [randomUUID(), id, digest]);
    return true;
  });
