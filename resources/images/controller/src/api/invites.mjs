import { Failure } from '../failure.mjs';
import { approveInvite, issueInvite, listInvites, withdrawInvite } from '../invites.mjs';
import { answer, body, params } from '../schemas.mjs';

const usualHours = 24;

/** @param {import('./routes.mjs').Context} context @returns {readonly import('./routes.mjs').Route[]} */
export function inviteRoutes({ database, changed }) {
  return [
    {
      method: 'POST',
      url: '/invites',
      role: 'member',
      summary: "A one-time invite. A member's is for a guest, and waits for an operator",
      body: body.invite,
      status: 201,
      answer: answer.issued,
      handle: async ({ body: { name, role, hours = usualHours }, who }) => {
        if (who.person.role !== 'operator' && role !== 'guest')
          throw new Failure(403, 'role.missing', 'Members invite guests; others are invited by an operator.', {
            hint: 'Ask an operator.',
          });
        const issued = await issueInvite(database, { name: name.trim(), role, hours }, who.person);
        changed('people');
        return issued;
      },
    },
    {
      method: 'GET',
      url: '/invites',
      role: 'operator',
      summary: 'Invites, those that can be used or approved first',
      answer: answer.invites,
      handle: async () => ({ invites: await listInvites(database) }),
    },
    {
      method: 'POST',
      url: '/invites/:id/approve',
      role: 'operator',
      summary: "Lets a member's guest in",
      params: params.id,
      answer: answer.none,
      handle: async (request) => {
        await approveInvite(database, request.params.id, request.who.person.id);
        changed('people');
        return {};
      },
    },
    {
      method: 'DELETE',
      url: '/invites/:id',
      role: 'operator',
      summary: 'Withdraws an invite',
      params: params.id,
      answer: answer.none,
      handle: async (request) => {
        await withdrawInvite(database, request.params.id);
        changed('people');
        return {};
      },
    },
  ];
}
