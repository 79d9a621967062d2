import { randomUUID } from 'node:crypto';
import { Failure } from './failure.mjs';
import { giveToken, lockAsOperator } from './people.mjs';
import { digestOf, newCode } from './tokens.mjs';

/*
 * One-time invites, in Postgres.
 */

/** @typedef {import('./database.mjs').Database} Database */
/** @typedef {import('./roles.mjs').Role} Role */

/** What an invite is now, worst first. */
const state = `case when used is not null then 'used' when ended is not null then 'ended' when expires <= now() then 'expired'
  when approved_by is null then 'pending' else 'open' end`;

/** More than anybody needs; without an end, one member could fill the database. */
const mostOpen = 200;

/**
 * @param {Database} database
 * @param {object} invite
 * @param {string} invite.name
 * @param {Role} invite.role
 * @param {number} invite.hours
 * @param {import('./roles.mjs').Person} by an operator's is approved by being issued
 */
export const issueInvite = (database, { name, role, hours }, by) =>
  database.transaction(async (query) => {
    // Removing somebody ends their invites; none must be issued in between.
    await query('select 1 from people where id = $1 for share', [by.id]);
    const [{ open }] = await query(
      'select count(*)::int as open from invites where used is null and ended is null and expires > now() and issued_by = $1',
      [by.id],
    );
    if (open >= mostOpen)
      throw new Failure(409, 'invite.many', `${mostOpen} of your invites are open.`, { hint: 'Withdraw some first.' });
    const { text, digest } = newCode();
    const id = randomUUID();
    const [row] = await query(
      `insert into invites (id, digest, name, role, issued_by, expires, approved_by)
       select $1, $2, $3, $4, p.id, now() + make_interval(secs => $6), case when p.role = 'operator' then p.id end
       from people p where p.id = $5 and p.removed is null and (p.role = 'operator' or (p.role = 'member' and $4 = 'guest'))
       returning expires, ${state} as state`,
      [id, digest, name, role, by.id, Math.round(hours * 3600)],
    );
    if (row === undefined) throw new Failure(403, 'role.missing', 'Your role is another one now.');
    return { code: text, id, expires: row.expires, state: row.state };
  });

/** Those that can still be used or have been; of the old ones the newest. @param {Database} database */
export const listInvites = (database) =>
  database.query(
    `select i.id, i.name, i.role, b.name as by, i.issued, i.expires, a.name as "approvedBy", i.state
     from (select *, ${state} as state from invites) i
     join people b on b.id = i.issued_by left join people a on a.id = i.approved_by
     where i.state <> 'ended' order by i.state in ('pending', 'open') desc, i.issued desc limit 500`,
  );

const unknown = () => new Failure(404, 'invite.unknown', 'There is no such invite.');

/** @param {string} what */
const over = (what) => {
  const words = { used: 'was used', ended: 'was withdrawn', expired: 'has expired' };
  return new Failure(410, `invite.${what}`, `This invite ${words[what] ?? 'holds no longer'}.`, {
    hint: 'Ask for a new one.',
  });
};

/** @param {Database} database @param {string} id @param {string} by */
export const approveInvite = (database, id, by) =>
  database.transaction(async (query) => {
    await lockAsOperator(query, by);
    const [row] = await query(`select ${state} as state from invites where id = $1 for update`, [id]);
    if (row === undefined) throw unknown();
    if (row.state !== 'pending' && row.state !== 'open') throw over(row.state);
    if (row.state === 'pending') await query('update invites set approved_by = $2 where id = $1', [id, by]);
  });

/** @param {Database} database @param {string} id */
export async function withdrawInvite(database, id) {
  const rows = await database.query(
    'update invites set ended = coalesce(ended, now()) where id = $1 and used is null returning 1',
    [id],
  );
  if (rows.length > 0) return;
  const [row] = await database.query('select 1 from invites where id = $1', [id]);
  throw row === undefined ? unknown() : over('used');
}

/**
 * @param {Database} database
 * @param {string} code
 * @returns {Promise<{ token: string, person: import('./roles.mjs').Person }>}
 */
export const join = (database, code) =>
  database.transaction(async (query) => {
    // Two who come with the same code at once: the second waits here, and finds it used.
    const [invite] = await query(`select id, name, role, ${state} as state from invites where digest = $1 for update`, [
      digestOf(code),
    ]);
    if (invite === undefined)
      throw new Failure(404, 'invite.unknown', 'This team has no such invite.', { hint: 'Ask for a new one.' });
    if (invite.state === 'pending')
      throw new Failure(409, 'invite.pending', 'An operator has not approved this invite yet.', {
        hint: 'Try again when they have: the invite stays the same.',
      });
    if (invite.state !== 'open') throw over(invite.state);
    const person = { id: randomUUID(), name: invite.name, role: invite.role };
    await query('insert into people (id, name, role) values ($1, $2, $3)', [person.id, person.name, person.role]);
    await query('update invites set used = now(), used_by = $2 where id = $1', [invite.id, person.id]);
    return { token: await giveToken(query, person.id), person };
  });
