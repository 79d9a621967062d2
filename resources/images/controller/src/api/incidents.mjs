import { changeIncident, listIncidents, openIncident } from '../incidents.mjs';
import { answer, body, params } from '../schemas.mjs';

/** @param {import('./routes.mjs').Context} context @returns {readonly import('./routes.mjs').Route[]} */
export function incidentRoutes({ database, changed }) {
  return [
    {
      method: 'GET',
      url: '/incidents',
      role: 'member',
      summary: 'Incidents, open ones first, and who is on them',
      answer: answer.incidents,
      handle: async () => ({ incidents: await listIncidents(database) }),
    },
    {
      method: 'POST',
      url: '/incidents',
      role: 'member',
      summary: 'Tells the team that something is wrong',
      body: body.incident,
      status: 201,
      answer: answer.id,
      handle: async (request) => {
        const opened = await openIncident(database, request.body, request.who.person.id);
        changed('incidents');
        return opened;
      },
    },
    {
      method: 'PATCH',
      url: '/incidents/:id',
      role: 'member',
      summary: 'Takes it, gives it back, resolves or reopens it, adds a note',
      params: params.id,
      body: body.incidentChange,
      answer: answer.none,
      handle: async (request) => {
        await changeIncident(database, request.params.id, request.body, request.who.person.id);
        changed('incidents');
        return {};
      },
    },
  ];
}
