import type { PersonRole, ServicesPart, ServicesPatch } from '../../../preload/contract/team-services.ts';
import { type People, sortIncidents, toDeploys } from '../../core/team-services/view.ts';
import {
  configAnswer,
  incidentsAnswer,
  invitesAnswer,
  mcpAnswer,
  meAnswer,
  overviewAnswer,
  type Presence,
  peopleAnswer,
  presenceAnswer,
  revisionsAnswer,
  swarmAnswer,
  trendAnswer,
} from '../../core/team-services/wire.ts';
import type { Caller, TeamClient } from './client.ts';

/* One question to the controller for each part of what is shown. */

export interface Reader {
  readonly client: TeamClient;
  readonly caller: Caller;
  readonly signal?: AbortSignal;
}
const get = (path: string) => ({ method: 'GET', path: `/api/v1/${path}` }) as const;

export const readMe = ({ client, caller, signal }: Reader) => client.ask(caller, get('me'), meAnswer, signal);

export const readPeople = async ({ client, caller, signal }: Reader): Promise<People> =>
  (await client.ask(caller, get('people'), peopleAnswer, signal)).people;

export const readPresence = ({ client, caller, signal }: Reader): Promise<Presence> =>
  client.ask(caller, get('presence'), presenceAnswer, signal);

export const readRevisions = async ({ client, caller, signal }: Reader) =>
  (await client.ask(caller, get('config/revisions'), revisionsAnswer, signal)).revisions;

type Put = Extract<ServicesPatch, { op: 'put' }>['value'];

/** Everything but people, who are put together from two answers. */
export async function readPart(reader: Reader, part: Exclude<ServicesPart, 'people'>, role: PersonRole): Promise<Put> {
  const { client, caller, signal } = reader;
  switch (part) {
    case 'overview':
      return { overview: await client.ask(caller, get('overview'), overviewAnswer, signal) };
    case 'trend':
      return { trend: (await client.ask(caller, get('overview/trend'), trendAnswer, signal)).samples };
    case 'invites':
      return { invites: (await client.ask(caller, get('invites'), invitesAnswer, signal)).invites };
    case 'config': {
      const { current, sync } = await client.ask(caller, get('config'), configAnswer, signal);
      const { lastSync = null, error = null, remoteHead = null } = sync;
      const pending = role === 'guest' ? {} : { pending: await readRevisions(reader) };
      return { config: { current, sync: { lastSync, error, remoteHead }, ...pending } };
    }
    case 'mcp':
      return { mcp: (await client.ask(caller, get('mcp'), mcpAnswer, signal)).servers };
    case 'incidents':
      return {
        incidents: sortIncidents((await client.ask(caller, get('incidents'), incidentsAnswer, signal)).incidents),
      };
    case 'deploys':
      return { deploys: toDeploys(await client.ask(caller, get('swarm'), swarmAnswer, signal)) };
  }
}
