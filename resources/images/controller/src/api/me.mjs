import { appliedBy, reportEnvironment } from '../environments.mjs';
import { Failure } from '../failure.mjs';
import { entryOf } from '../fan-out.mjs';
import { join } from '../invites.mjs';
import { endToken, renewToken } from '../people.mjs';
import { answer, body } from '../schemas.mjs';
import { codeForm } from '../tokens.mjs';

/** Who reports without a WebSocket says so again within this many seconds, or is taken for gone. */
const reportHolds = 90;

/** @param {import('./routes.mjs').Context} context @returns {readonly import('./routes.mjs').Route[]} */
export function meRoutes({ settings, database, upstream, fanOut, access, limits, changed, presence, tokens }) {
  const servers = settings.servers.map(({ name }) => ({ name, path: `/mcp/${name}` }));
  return [
    {
      method: 'POST',
      url: '/join',
      role: 'anyone',
      summary: 'Makes a person of an invite, once: answers their token',
      body: body.join,
      status: 201,
      answer: answer.joined,
      handle: async (request) => {
        await limits.join(access.addressOf(request.raw));
        const { code } = request.body;
        // The same answer as for one that is in no table: its form tells nobody anything.
        if (!codeForm.test(code))
          throw new Failure(404, 'invite.unknown', 'This team has no such invite.', { hint: 'Ask for a new one.' });
        const joined = await join(database, code);
        changed('people');
        return { ...joined, team: settings.team, servers };
      },
    },
    {
      method: 'GET',
      url: '/me',
      role: 'guest',
      summary: 'Who the token belongs to',
      answer: answer.me,
      handle: async ({ who }) => {
        const [sync, applied] = await Promise.all([upstream.sync(), appliedBy(database, who.person.id)]);
        return {
          person: who.person,
          team: settings.team,
          tokenCreated: who.token.created,
          config: { applied, current: sync?.current?.sha ?? null },
          servers,
        };
      },
    },
    {
      method: 'POST',
      url: '/me/token',
      role: 'guest',
      summary: 'A new token; the one that asks for it ends a minute later',
      status: 201,
      answer: answer.token,
      handle: async ({ who }) => {
        const token = await renewToken(database, who);
        tokens();
        return { token };
      },
    },
    {
      method: 'DELETE',
      url: '/me/token',
      role: 'guest',
      summary: 'Ends the token that asks for it',
      answer: answer.none,
      handle: async ({ who }) => {
        await endToken(database, who);
        tokens();
        return {};
      },
    },
    {
      method: 'PUT',
      url: '/me/environment',
      role: 'guest',
      summary: 'What a dev container of this person is; also by WebSocket',
      body: body.report,
      answer: answer.none,
      handle: async ({ who, body: report }) => {
        await reportEnvironment(database, who.person.id, report);
        await fanOut.say([entryOf(who.person.id, report.machine, 'http')], reportHolds);
        presence(who.person.id);
        return {};
      },
    },
  ];
}
