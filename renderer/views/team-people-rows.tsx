import { memo } from 'react';
import type { PersonInvite, TeamEnvironment, TeamPerson } from '../../preload/contract/team-services.ts';
import { Icon } from '../components/icon.tsx';
import { Menu, type MenuEntry } from '../components/menu.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Ago } from '../components/time.tsx';
import type { Look } from '../show/aggregate.ts';
import { untilText } from '../show/team.ts';
import type { PeopleRow } from '../show/team-rows.ts';
import {
  configLook,
  environmentLook,
  environmentsText,
  personConfigLook,
  presenceLook,
  shortSha,
} from '../show/team-services.ts';
import type { ServicesDialog } from './team-services-dialogs.tsx';

interface Doing {
  readonly isOperator: boolean;
  readonly onToggle: (id: string) => void;
  readonly onDialog: (dialog: ServicesDialog) => void;
}
interface Props extends Doing {
  readonly row: PeopleRow;
  /** In the whole table, from 1, its head counted. */
  readonly index: number;
  readonly columns: number;
  readonly isMe: boolean;
}

/** One line of the People table, of whatever kind. */
export const PeopleTableRow = memo(
  function PeopleTableRow({ row, index, columns, isMe, ...doing }: Props) {
    switch (row.kind) {
      case 'group':
        return (
          <tr className="people-group" aria-rowindex={index}>
            <th scope="rowgroup" colSpan={columns}>
              {row.title} <span className="muted number">{row.count}</span>
            </th>
          </tr>
        );
      case 'invite':
        return <InviteRow invite={row.invite} index={index} {...doing} />;
      case 'person':
        return <PersonRow person={row.person} isOpen={row.isOpen} isMe={isMe} index={index} {...doing} />;
      case 'environment':
        return <EnvironmentRow environment={row.environment} index={index} />;
      case 'nothing':
        return (
          <tr className="people-detail" aria-rowindex={index}>
            <td colSpan={columns}>None of their machines has reported a development environment.</td>
          </tr>
        );
    }
  },
  // The callbacks are others at every render, and do the same; a row's content keeps its identity while it is the same.
  (before, after) =>
    before.index === after.index &&
    before.isMe === after.isMe &&
    before.isOperator === after.isOperator &&
    isSameRow(before.row, after.row),
);

function isSameRow(a: PeopleRow, b: PeopleRow): boolean {
  if (a.id !== b.id || a.kind !== b.kind) return false;
  if (a.kind === 'person' && b.kind === 'person') return a.person === b.person && a.isOpen === b.isOpen;
  if (a.kind === 'invite' && b.kind === 'invite') return a.invite === b.invite;
  if (a.kind === 'environment' && b.kind === 'environment') return a.environment === b.environment;
  return a.kind !== 'group' || (b.kind === 'group' && a.count === b.count);
}

function Looked({ look, title }: { readonly look: Look; readonly title?: string | undefined }) {
  return (
    <span className={`tone-text-${look.tone}`} title={title}>
      <StateShape look={look} />
      {look.label}
    </span>
  );
}

function PersonRow({
  person,
  isOpen,
  isMe,
  index,
  isOperator,
  onToggle,
  onDialog,
}: Doing & { readonly person: TeamPerson; readonly isOpen: boolean; readonly isMe: boolean; readonly index: number }) {
  const presence = presenceLook(person);
  const config = personConfigLook(person);
  const entries: readonly MenuEntry[] = [
    { label: 'Change role…', run: () => onDialog({ kind: 'role', person }) },
    { label: 'Remove…', run: () => onDialog({ kind: 'remove-person', person }), danger: true, apart: true },
  ];
  return (
    <tr
      className="team-service"
      aria-rowindex={index}
      data-testid={`person-${person.name}`}
      data-online={String(person.online)}
    >
      <td className="p-name">
        <button
          type="button"
          className="team-open"
          data-team-row
          aria-expanded={isOpen}
          onClick={() => onToggle(person.id)}
        >
          <Icon name={isOpen ? 'down' : 'right'} />
          <span className="ellipsis">{person.name}</span>
          {isMe ? <span className="count">you</span> : null}
        </button>
      </td>
      <td className="p-role">{person.role}</td>
      <td className="p-presence">
        <Looked look={presence} />
        {person.online === false && person.seen !== undefined ? (
          <span className="muted">
            {' '}
            <Ago since={person.seen} />
          </span>
        ) : null}
      </td>
      <td className="p-environment" title={person.environments.map(({ machine }) => machine).join(', ')}>
        {environmentsText(person)}
      </td>
      <td className="p-config">{config === undefined ? '–' : <Looked look={config} />}</td>
      <td className="p-more">
        {isOperator && !isMe ? <Menu label={`Change ${person.name}`} icon="more" entries={entries} /> : null}
      </td>
    </tr>
  );
}

function EnvironmentRow({ environment, index }: { readonly environment: TeamEnvironment; readonly index: number }) {
  const { machine, node, at, revision, drifted } = environment;
  return (
    <tr
      className="people-detail"
      aria-rowindex={index}
      data-testid={`environment-${machine}`}
      data-state={environment.state}
    >
      <td className="p-name" title={node === undefined ? machine : `${machine}, node ${node}`}>
        {machine}
      </td>
      <td className="p-role">{node === undefined ? 'no node' : 'node'}</td>
      <td className="p-presence muted">{at === undefined ? '–' : <Ago since={at} prefix="reported " />}</td>
      <td className="p-environment">
        <Looked look={environmentLook(environment)} />
        {drifted.length === 0 ? null : (
          <span className="team-note" title={drifted.join('\n')}>
            changed there: {drifted.join(', ')}
          </span>
        )}
      </td>
      <td className="p-config">
        <Looked look={configLook(environment)} title={revision} />
        {revision === undefined ? null : <code className="team-note">{shortSha(revision)}</code>}
      </td>
      <td className="p-more" />
    </tr>
  );
}

function InviteRow({
  invite,
  index,
  isOperator,
  onDialog,
}: Doing & { readonly invite: PersonInvite; readonly index: number }) {
  const isPending = invite.state === 'pending';
  const entries: readonly MenuEntry[] = [
    ...(isPending ? [{ label: 'Approve…', run: () => onDialog({ kind: 'approve-invite', invite }) }] : []),
    {
      label: isPending ? 'Refuse…' : 'Withdraw…',
      run: () => onDialog({ kind: 'withdraw-invite', invite }),
      danger: true,
      apart: isPending,
    },
  ];
  return (
    <tr className="team-service" aria-rowindex={index} data-testid={`invite-${invite.name}`} data-state={invite.state}>
      <td className="p-name people-invited">
        <span className="ellipsis">{invite.name}</span>
      </td>
      <td className="p-role">{invite.role}</td>
      <td className="p-presence" title={`Invited by ${invite.by}, ${untilText(invite.issued)}`}>
        by {invite.by}
      </td>
      <td className="p-environment">until {untilText(invite.expires)}</td>
      <td className={isPending ? 'p-config tone-text-warn' : 'p-config'}>
        {isPending ? 'waits for approval' : 'can be used'}
      </td>
      <td className="p-more">
        {isOperator ? <Menu label={`The invite for ${invite.name}`} icon="more" entries={entries} /> : null}
      </td>
    </tr>
  );
}
