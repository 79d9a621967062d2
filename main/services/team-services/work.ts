import type { LookedConfig } from '../../../preload/contract/team-services.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { toLooked } from '../../core/team-services/view.ts';
import { incidentAnswer, lookedAnswer } from '../../core/team-services/wire.ts';
import { callerOf, type ServicesContext } from './context.ts';
import { readRevisions } from './read-parts.ts';

/* What people do together: incidents, and which revision of the configuration is offered. */

export async function openIncident(
  context: ServicesContext,
  report: { readonly title: string; readonly detail?: string | undefined },
): Promise<{ readonly id: string }> {
  const call = { method: 'POST', path: '/api/v1/incidents', body: report } as const;
  return context.client.ask(await callerOf(context), call, incidentAnswer);
}

export interface IncidentChange {
  /** null gives it back. */
  readonly owner?: 'me' | null | undefined;
  readonly state?: 'open' | 'resolved' | undefined;
  readonly note?: string | undefined;
}
export const changeIncident = async (context: ServicesContext, id: string, change: IncidentChange): Promise<void> =>
  context.client.tell(await callerOf(context), { method: 'PATCH', path: `/api/v1/incidents/${id}`, body: change });

/** The services answer within 25 s, with what was found or that they go on. */
const lookPatience = 40_000;

/** config-sync looks at the team's repository now. Throws `team.refused` where that was asked for too often. */
export async function syncConfig(context: ServicesContext, signal?: AbortSignal): Promise<LookedConfig> {
  const call = { method: 'POST', path: '/api/v1/config/sync', timeout: lookPatience } as const;
  return toLooked(await context.client.ask(await callerOf(context), call, lookedAnswer, signal));
}

/** Exactly this commit is offered from then on; by its beginning, where one that waits is meant. */
export async function approveRevision(context: ServicesContext, wanted: string): Promise<{ readonly sha: string }> {
  const caller = await callerOf(context);
  const sha = /^[0-9a-f]{40}$/.test(wanted) ? wanted : await findPending(context, wanted);
  await context.client.tell(caller, { method: 'POST', path: `/api/v1/config/revisions/${sha}/approve`, body: {} });
  return { sha };
}

async function findPending(context: ServicesContext, wanted: string): Promise<string> {
  const pending = await readRevisions({ client: context.client, caller: await callerOf(context) });
  const found = wanted.length < 4 ? [] : pending.filter(({ sha }) => sha.startsWith(wanted.toLowerCase()));
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first.sha;
  throw new AppFailure({
    code: 'team.refused',
    message: `${found.length === 0 ? 'No revision' : `${found.length} revisions`} that wait${found.length === 0 ? 's' : ''} for approval begin${found.length === 0 ? 's' : ''} with “${wanted}”.`,
    hint:
      pending.length === 0
        ? 'Nothing waits for approval.'
        : `There are ${pending.map(({ sha, subject }) => `${sha.slice(0, 10)} (${subject})`).join(', ')}.`,
  });
}
