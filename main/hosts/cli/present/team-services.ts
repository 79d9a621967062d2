import type {
  Incident,
  PersonInvite,
  TeamOverview,
  TeamPerson,
  TeamServicesState,
} from '../../../../preload/contract/team-services.ts';
import { oneLine, type Paint } from '../io.ts';
import { columns } from './table.ts';
import { when } from './team.ts';

/* The team's services in a terminal. What is not known is a dash, never a zero. */

const known = (value: number | null, show: (value: number) => string): string => (value === null ? '-' : show(value));
const percent = (value: number): string => `${Math.round(value)} %`;
const seconds = (value: number): string => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);
const rate = (value: number): string => `${value.toFixed(1)}/s`;

const overviewRows = ({ environments, sync, mcp, drift, incidents }: TeamOverview): readonly (readonly string[])[] => [
  ['Environments', environments === null ? '-' : `${environments.running} of ${environments.known} running`],
  ['Sync', known(sync.successRate, (value) => `${percent(value * 100)} succeed`), ...optional(sync.lastError)],
  ['MCP', known(mcp.p95Seconds, (value) => `p95 ${seconds(value)}`), known(mcp.requestsPerSecond, rate)],
  [
    'Drift',
    known(drift.percent, percent),
    ...(drift.behind.length === 0 ? [] : [`behind: ${oneLine(drift.behind.join(', '), 200)}`]),
  ],
  ['Incidents', known(incidents, (value) => `${value} open`)],
];
const optional = (value: string | null): readonly string[] => (value === null ? [] : [oneLine(value, 80)]);

/** Everything that was read, for `team status`. */
export function statusText(state: TeamServicesState, paint: Paint): string {
  const { link, overview, config, mcp, incidents, errors } = state;
  if (link.kind !== 'open') return 'This machine is linked to no team’s services.';
  return [
    `${paint('bold', link.team)} at ${link.address}, as ${link.me.name} (${link.me.role})`,
    ...(link.warning === undefined
      ? []
      : [`${paint('yellow', '▲')} ${oneLine(link.warning.message, 300)}`, `  ${oneLine(link.warning.hint, 300)}`]),
    ...(overview === undefined ? [] : columns(overviewRows(overview), '')),
    ...(config === undefined
      ? []
      : [
          config.current === null
            ? 'Configuration: none is offered yet.'
            : `Configuration: ${config.current.sha.slice(0, 10)} ${oneLine(config.current.subject, 60)}, since ${when(config.current.since)}`,
          ...(config.sync.error === null ? [] : [`  ${paint('red', '■')} ${oneLine(config.sync.error, 200)}`]),
          ...(config.pending ?? []).map(
            ({ sha, subject, author, signature }) =>
              `  waits for approval: ${sha.slice(0, 10)} ${oneLine(subject, 60)} (${oneLine(author, 40)}, signature: ${signature})`,
          ),
        ]),
    ...(mcp === undefined || mcp.length === 0
      ? []
      : columns(
          [
            ['MCP SERVER', 'STATE', 'REPLICAS', 'P95', 'REQUESTS'],
            ...mcp.map(({ name, state: runs, replicas, p95Seconds, requestsPerSecond }) => [
              oneLine(name, 40),
              runs,
              known(replicas, String),
              known(p95Seconds, seconds),
              known(requestsPerSecond, rate),
            ]),
          ],
          '',
        )),
    ...incidentLines((incidents ?? []).filter((one) => one.state === 'open')),
    ...errorLines(errors, paint),
  ].join('\n');
}

export const errorLines = (errors: TeamServicesState['errors'], paint: Paint): readonly string[] => [
  ...new Set(Object.values(errors).map((error) => `${paint('yellow', '▲')} ${error?.message ?? ''}`)),
];

const presence = ({ online }: TeamPerson): string => (online === null ? 'unknown' : online ? 'here' : 'away');

const environmentText = ({ machine, state, behind, drifted }: TeamPerson['environments'][number]): string =>
  [
    `${oneLine(machine, 40)} ${state}`,
    ...(behind === true ? ['behind'] : []),
    ...(drifted.length === 0 ? [] : [`${drifted.length} changed`]),
  ].join(', ');

export const peopleLines = (people: readonly TeamPerson[]): readonly string[] =>
  columns(
    [
      ['PERSON', 'ROLE', '', 'ID', 'ENVIRONMENTS'],
      ...people.map((person) => [
        oneLine(person.name, 40),
        person.role,
        presence(person),
        person.id,
        person.environments.map(environmentText).join('; '),
      ]),
    ],
    '',
  );

export const personInviteLines = (invites: readonly PersonInvite[]): readonly string[] => {
  const out = invites.filter(({ state }) => state === 'open' || state === 'pending');
  if (out.length === 0) return [];
  const rows = out.map(({ id, name, role, by, expires, state }) => [
    id,
    oneLine(name, 40),
    role,
    oneLine(by, 40),
    when(expires),
    state === 'pending' ? 'waits for approval' : '',
  ]);
  return columns([['INVITE', 'FOR', 'ROLE', 'BY', 'UNTIL', ''], ...rows], '');
};

export const incidentLines = (incidents: readonly Incident[]): readonly string[] =>
  incidents.flatMap(({ id, title, state, by, opened, owner, notes }) => {
    const whose = owner === undefined ? 'nobody is on it' : `${oneLine(owner.name, 40)} is on it`;
    const over = state === 'open' ? whose : 'resolved';
    const last = notes.at(-1);
    return [
      `${id}  ${oneLine(title, 100)} (${over}; ${oneLine(by, 40)}, ${when(opened)})`,
      ...(last === undefined ? [] : [`    ${oneLine(last.by, 40)}: ${oneLine(last.text, 160)}`]),
    ];
  });
