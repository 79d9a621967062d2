import { listPeople, removePerson, setRole } from '../people.mjs';
import { answer, body, params } from '../schemas.mjs';

/** @param {import('./routes.mjs').Context} context @returns {readonly import('./routes.mjs').Route[]} */
export function peopleRoutes({ database, changed, tokens }) {
  return [
    {
      method: 'GET',
      url: '/people',
      role: 'member',
      summary: 'Who is in the team',
      answer: answer.people,
      handle: async () => {
        const people = await listPeople(database.query);
        return { people: people.map(({ used, ...person }) => ({ ...person, lastUsed: used })) };
      },
    },
    {
      method: 'PATCH',
      url: '/people/:id',
      role: 'operator',
      summary: 'Gives somebody another role',
      params: params.id,
      body: body.role,
      answer: answer.person,
      handle: async (request) => {
        const person = await setRole(database, request.params.id, request.body.role, request.who.person.id);
        tokens();
        changed('people');
        return person;
      },
    },
    {
      method: 'DELETE',
      url: '/people/:id',
      role: 'operator',
      summary: 'Takes somebody out: tokens, open invites and reported machines',
      params: params.id,
      answer: answer.removed,
      handle: async (request) => {
        const { revoked, nodes, invitesEnded } = await removePerson(database, request.params.id, request.who.person.id);
        tokens();
        for (const what of ['people', 'presence', 'incidents']) changed(what);
        return { revoked, nodes, invitesEnded };
      },
    },
  ];
}
