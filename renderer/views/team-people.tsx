import { useMemo, useState } from 'react';
import { actionsTitle, TableHead } from '../components/table-head.tsx';
import { peopleRows } from '../show/team-rows.ts';
import { mayAs } from '../show/team-services.ts';
import { useTeamServices } from '../store/context.ts';
import { useOpenRows } from '../store/use-open-rows.ts';
import { AwaitedPart, PartTrouble } from './team-link.tsx';
import { PeopleTableRow } from './team-people-rows.tsx';
import type { ServicesDialog } from './team-services-dialogs.tsx';
import { useVirtualRows } from './use-virtual-rows.ts';

const columns = [
  ['p-name', 'Person'],
  ['p-role', 'Role'],
  ['p-presence', 'Presence'],
  ['p-environment', 'Environment'],
  ['p-config', 'Configuration'],
  ['p-more', actionsTitle],
] as const;

const noInvites = [] as const;

/** Everybody, with what they have running; the invites that are out above them. Two hundred people are as quick as two. */
export function TeamPeople({ onDialog }: { readonly onDialog: (dialog: ServicesDialog) => void }) {
  const people = useTeamServices((state) => state.people);
  const invites = useTeamServices((state) => state.invites) ?? noInvites;
  const link = useTeamServices((state) => state.link);
  const me = 'me' in link ? link.me.id : undefined;
  const isOperator = mayAs(link, 'operator');
  const [query, setQuery] = useState('');
  const [open, toggle] = useOpenRows();
  const rows = useMemo(() => peopleRows(people ?? {}, invites, { query, open }), [people, invites, query, open]);
  const { scroller, shown, space } = useVirtualRows(rows);
  if (people === undefined) return <AwaitedPart part="people" label="Asking who is in the team" />;
  return (
    <>
      <PartTrouble part="people" />
      <PartTrouble part="invites" />
      <div className="people-search">
        <input
          type="search"
          className="input search"
          data-search
          aria-label="Search people"
          placeholder="Search"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      </div>
      <div className="people-scroll" ref={scroller}>
        <table
          className="list-table sticky team-table people-table"
          aria-label="People"
          aria-rowcount={rows.length + 1}
          style={space}
        >
          <TableHead columns={columns} rowIndex={1} />
          <tbody>
            {shown.map(({ row, index }) => (
              <PeopleTableRow
                key={row.id}
                row={row}
                index={index + 2}
                columns={columns.length}
                isMe={row.id === me}
                isOperator={isOperator}
                onToggle={toggle}
                onDialog={onDialog}
              />
            ))}
          </tbody>
        </table>
        {rows.length > 0 ? null : (
          <p className="team-empty">
            {query === '' ? 'Nobody is in the team’s services yet.' : 'Nobody and nothing matches the search.'}
          </p>
        )}
      </div>
    </>
  );
}
