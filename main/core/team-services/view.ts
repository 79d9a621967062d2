import type * as z from 'zod';
import type {
  Incident,
  LookedConfig,
  PersonRole,
  ServicesPart,
  TeamDeploy,
  TeamPerson,
  TeamSample,
} from '../../../preload/contract/team-services.ts';
import type { LiveMessage, lookedAnswer, Presence, peopleAnswer, swarmAnswer } from './wire.ts';

/* What the controller says, as the page is shown it. Pure. */

export type People = z.infer<typeof peopleAnswer>['people'];
type Changed = Extract<LiveMessage, { type: 'changed' }>['what'];
/** What is asked for again; `me` is one's own name and role. */
export type Asked = ServicesPart | 'me' | 'presence';

const seen: Readonly<Record<PersonRole, readonly ServicesPart[]>> = {
  guest: ['config', 'mcp'],
  member: ['overview', 'trend', 'people', 'config', 'mcp', 'incidents', 'deploys'],
  operator: ['overview', 'trend', 'people', 'invites', 'config', 'mcp', 'incidents', 'deploys'],
};
/** What a role may see. */
export const partsFor = (role: PersonRole): readonly ServicesPart[] => seen[role];

const touched: Readonly<Record<Changed, readonly Asked[]>> = {
  people: ['me', 'people', 'invites'],
  presence: ['presence', 'overview'],
  config: ['config', 'overview'],
  incidents: ['incidents', 'overview'],
  mcp: ['mcp', 'overview'],
  swarm: ['deploys'],
};
/** What a change concerns, of what the role may see. */
export function askedAfter(what: Changed, role: PersonRole): readonly Asked[] {
  const mine = partsFor(role);
  return touched[what].filter((one) => one === 'me' || mine.includes(one === 'presence' ? 'people' : one));
}

/** `current`: the revision that members are offered; undefined: not known. */
export function toPeople(
  people: People,
  presence: Presence | undefined,
  current: string | undefined,
): Readonly<Record<string, TeamPerson>> {
  const there = new Map(presence?.people.map((one) => [one.id, one]));
  const known = presence?.known === true;
  return Object.fromEntries(
    people.map(({ id, name, role, created, lastUsed }): [string, TeamPerson] => {
      const found = there.get(id);
      const lastSeen = found?.seen ?? lastUsed;
      return [
        id,
        {
          ...{ id, name, role },
          online: known ? found?.online === true : null,
          ...(created === undefined ? {} : { joined: created }),
          ...(lastSeen === undefined ? {} : { seen: lastSeen }),
          environments: (found?.environments ?? []).map(({ revision, node, at, ...environment }) => ({
            ...environment,
            ...(revision === undefined ? {} : { revision }),
            ...(node === undefined ? {} : { node }),
            ...(at === undefined ? {} : { at }),
            behind: revision === undefined || current === undefined ? null : revision !== current,
          })),
        },
      ];
    }),
  );
}

/** What is known of presence after those that changed were told. */
export function mergePresence(before: Presence | undefined, { known, people }: Presence): Presence {
  const told = new Set(people.map(({ id }) => id));
  return { known, people: [...(before?.people ?? []).filter(({ id }) => !told.has(id)), ...people] };
}

/** People who are others than before; undefined: somebody came or went, so all of them count. */
export function changedPeople(
  before: Readonly<Record<string, TeamPerson>> | undefined,
  now: Readonly<Record<string, TeamPerson>>,
): readonly TeamPerson[] | undefined {
  const ids = Object.keys(now);
  if (before === undefined || Object.keys(before).join() !== ids.join()) return undefined;
  return ids.flatMap((id) => {
    const person = now[id];
    return person === undefined || JSON.stringify(before[id]) === JSON.stringify(person) ? [] : [person];
  });
}

const hour = 3_600_000;
/** The samples of both, once each, of the last hour before the newest. */
export function mergeSamples(before: readonly TeamSample[], more: readonly TeamSample[]): TeamSample[] {
  const all = [...new Map([...before, ...more].map((one) => [one.at, one])).values()];
  const sorted = all.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const newest = Date.parse(sorted.at(-1)?.at ?? '');
  return sorted.filter(({ at }) => newest - Date.parse(at) < hour);
}

/** Open ones first, then the newest. */
export const sortIncidents = (incidents: readonly Incident[]): Incident[] =>
  incidents.toSorted(
    (a, b) => Number(a.state !== 'open') - Number(b.state !== 'open') || b.opened.localeCompare(a.opened, 'en'),
  );

/** What a look at the repository has brought, in sentences. */
export function toLooked({ done, error, offered, waiting, pending }: z.infer<typeof lookedAnswer>): LookedConfig {
  const shas = waiting.map(({ sha }) => sha);
  if (!done) {
    return {
      outcome: 'going-on',
      says: 'config-sync is still reading the repository. What it finds shows by itself.',
      waiting: shas,
    };
  }
  const news = [
    ...(offered === null ? [] : [`Revision ${named(offered)} is offered to everybody now.`]),
    ...waitingText(waiting),
  ];
  const still = pending === 1 ? 'one revision still waits' : `${pending} revisions still wait`;
  const nothing = pending === 0 ? 'Nothing new.' : `Nothing new; ${still} for approval.`;
  const says = error === null ? news : [...news, error.message];
  return {
    outcome: error !== null ? 'trouble' : news.length > 0 ? 'news' : 'nothing',
    says: says.length === 0 ? nothing : says.join(' '),
    ...(error?.hint === undefined ? {} : { hint: error.hint }),
    waiting: shas,
  };
}

const named = ({ sha, subject }: { readonly sha: string; readonly subject: string }): string =>
  subject === '' ? sha.slice(0, 8) : `${sha.slice(0, 8)} (${subject})`;

/** The newest first, as the services list them. */
function waitingText(waiting: z.infer<typeof lookedAnswer>['waiting']): readonly string[] {
  const [first] = waiting;
  if (first === undefined) return [];
  if (waiting.length > 1) return [`${waiting.length} new revisions wait for approval, the newest is ${named(first)}.`];
  if (first.refused === undefined) return [`Revision ${named(first)} waits for approval.`];
  return [`Revision ${named(first)} is there, and can be offered to nobody: ${first.refused}`];
}

export const toDeploys = ({ deploys }: z.infer<typeof swarmAnswer>): TeamDeploy[] =>
  deploys
    .map(({ stack, number, who, at, changes }) => ({
      ...{ stack, number, at },
      by: who ?? '',
      what: Array.isArray(changes) ? changes.join(', ') : (changes ?? ''),
    }))
    .sort((a, b) => b.at.localeCompare(a.at, 'en'));
