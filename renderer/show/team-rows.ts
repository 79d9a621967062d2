import type { PersonInvite, TeamEnvironment, TeamPerson } from '../../preload/contract/team-services.ts';
import { presenceLook } from './team-services.ts';

/** The People table as a flat list, of which only what is in sight is drawn. */
export type PeopleRow =
  | { readonly kind: 'group'; readonly id: string; readonly title: string; readonly count: number }
  | { readonly kind: 'invite'; readonly id: string; readonly invite: PersonInvite }
  | { readonly kind: 'person'; readonly id: string; readonly person: TeamPerson; readonly isOpen: boolean }
  | { readonly kind: 'environment'; readonly id: string; readonly environment: TeamEnvironment }
  /** In place of environments, below a person who reported none. */
  | { readonly kind: 'nothing'; readonly id: string };

/** Those that can still be done something about. */
export const openInvites = (invites: readonly PersonInvite[]): readonly PersonInvite[] =>
  invites
    .filter(({ state }) => state === 'pending' || state === 'open')
    .sort((a, b) => Number(b.state === 'pending') - Number(a.state === 'pending') || a.name.localeCompare(b.name));

/** By name, whoever is here: rows stay where they are when people come and go. */
export const sortedPeople = (people: Readonly<Record<string, TeamPerson>>): readonly TeamPerson[] =>
  Object.values(people).sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));

/** By a person's name, role, presence, machines and nodes. */
const matches = (person: TeamPerson, query: string): boolean =>
  [
    person.name,
    person.role,
    presenceLook(person).label,
    ...person.environments.flatMap(({ machine, node, state }) => [machine, node ?? '', state]),
  ].some((text) => text.toLowerCase().includes(query));

/** `open`: ids of the people whose environments are shown. */
export function peopleRows(
  people: Readonly<Record<string, TeamPerson>>,
  invites: readonly PersonInvite[],
  { query, open }: { readonly query: string; readonly open: ReadonlySet<string> },
): readonly PeopleRow[] {
  const wanted = query.trim().toLowerCase();
  const waiting = openInvites(invites).filter(({ name }) => name.toLowerCase().includes(wanted));
  const found = sortedPeople(people).filter((person) => matches(person, wanted));
  const rows = found.flatMap((person): readonly PeopleRow[] => {
    const isOpen = open.has(person.id);
    const own: PeopleRow = { kind: 'person', id: person.id, person, isOpen };
    if (!isOpen) return [own];
    if (person.environments.length === 0) return [own, { kind: 'nothing', id: `${person.id} none` }];
    return [
      own,
      ...person.environments.map(
        (environment): PeopleRow => ({
          kind: 'environment',
          id: `${person.id} ${environment.machine}`,
          environment,
        }),
      ),
    ];
  });
  if (waiting.length === 0) return rows;
  return [
    { kind: 'group', id: 'invites', title: 'Invites that are out', count: waiting.length },
    ...waiting.map((invite): PeopleRow => ({ kind: 'invite', id: `invite ${invite.id}`, invite })),
    { kind: 'group', id: 'people', title: 'People', count: found.length },
    ...rows,
  ];
}
