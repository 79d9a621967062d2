import { type KeyboardEvent, memo, useEffect, useMemo } from 'react';
import type { Credential } from '../../preload/contract/credentials.ts';
import { Menu, type MenuEntry } from '../components/menu.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { actionsTitle, TableHead } from '../components/table-head.tsx';
import { Ago } from '../components/time.tsx';
import { type CredentialRow, credentialLook, passedOver, scopeWords, setCommand, takers } from '../show/credentials.ts';
import { useApp, useCredentials, useUi } from '../store/context.ts';
import { mayDo, moveCredential, openSelected, pickCredential } from '../store/credential-actions.ts';
import { useVirtualRows } from './use-virtual-rows.ts';

const gridId = 'credential-grid';
const elementId = (id: string) => `credential ${id}`;

/** Gives the keyboard to the table, whose keys then work on its selected row. */
export const focusTable = (): void => document.getElementById(gridId)?.focus();

const columns = [
  ['c-name', 'Name'],
  ['c-scope', 'Scope'],
  ['c-used', 'Used by'],
  ['c-changed', 'Changed'],
  ['c-state', 'State'],
  ['c-actions', actionsTitle],
] as const;

/** How far a key goes, in rows; a page is less than what is in sight. */
const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 12,
  PageUp: -12,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** Only the rows in sight exist, so the focus is the table's, and the selected row is said to it (aria-activedescendant). */
export function CredentialTable({ rows }: { readonly rows: readonly CredentialRow[] }) {
  const app = useApp();
  const chosen = useUi((ui) => ui.credential);
  const entries = useMemo(() => rows.filter((row) => row.kind === 'credential'), [rows]);
  const selected = pickCredential(entries, chosen)?.id;
  const { scroller, shown, space, scrollTo } = useVirtualRows(rows);

  // Only when the choice changes, or what is being read would jump away with every change of the list.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const index = rows.findIndex(({ id }) => id === chosen);
    if (index >= 0) scrollTo(index);
  }, [chosen]);

  const onKeyDown = (event: KeyboardEvent) => {
    // A row's menu has these keys to itself.
    if (event.target !== event.currentTarget) return;
    const by = steps[event.key];
    const done = by !== undefined ? moveCredential(app, by) : event.key === 'Enter' ? openSelected(app, 'set') : false;
    if (done) event.preventDefault();
  };
  return (
    <div className="credential-scroll" ref={scroller}>
      <table
        id={gridId}
        className="list-table sticky credential-table"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are selected and moved through, which is a grid; a table is not
        role="grid"
        aria-label="Credentials"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={selected === undefined ? undefined : elementId(selected)}
        style={space}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <TableHead columns={columns} rowIndex={1} />
        <tbody>
          {shown.map(({ row, index }) =>
            row.kind === 'group' ? (
              <GroupRow key={row.id} title={row.title} count={row.count} index={index + 2} />
            ) : (
              <EntryRow
                key={row.id}
                id={row.id}
                credential={row.credential}
                selected={row.id === selected}
                index={index + 2}
              />
            ),
          )}
        </tbody>
      </table>
      {rows.length === 0 ? <p className="credential-none">Nothing matches the search.</p> : null}
    </div>
  );
}

/** `index`: in the whole table, from 1, its head counted. */
const GroupRow = memo(function GroupRow({
  title,
  count,
  index,
}: {
  readonly title: string;
  readonly count: number;
  readonly index: number;
}) {
  return (
    <tr className="credential-group" aria-rowindex={index}>
      {columns.map(([className]) => (
        <td key={className} className={className}>
          {className === 'c-name' ? (
            <>
              {title} <span className="muted number">{count}</span>
            </>
          ) : null}
        </td>
      ))}
    </tr>
  );
});

const EntryRow = memo(function EntryRow({
  id,
  credential,
  selected,
  index,
}: {
  readonly id: string;
  readonly credential: Credential;
  readonly selected: boolean;
  readonly index: number;
}) {
  const { ui } = useApp();
  const keychain = useCredentials((state) => state.keychain);
  const { key, changedAt, state } = credential;
  const look = credentialLook(credential, keychain);
  return (
    <tr
      id={elementId(id)}
      className="credential-row"
      aria-rowindex={index}
      aria-selected={selected}
      data-testid={`credential-${key.name}`}
      data-state={state}
      onClick={() => ui.actions.selectCredential(id)}
    >
      <td className="c-name mono" title={key.name}>
        {key.name}
      </td>
      <td className="c-scope">{scopeWords(key)}</td>
      <UsedBy credential={credential} />
      <td className="c-changed">{changedAt === undefined ? '–' : <Ago since={changedAt} />}</td>
      <td className="c-state">
        <StateShape look={look} />
        <span>{look.label}</span>
      </td>
      <td className="c-actions">
        <RowMenu credential={credential} />
      </td>
    </tr>
  );
});

function UsedBy({ credential }: { readonly credential: Credential }) {
  const looked = useCredentials((state) => state.looked);
  const taking = takers(credential).join(' · ');
  const passed = passedOver(credential).join(' · ');
  const nothing = looked ? '–' : '…';
  return (
    <td className="c-used" title={[taking, passed].filter((text) => text !== '').join(' · ')}>
      {taking === '' ? <span className="muted">{passed === '' ? nothing : passed}</span> : taking}
    </td>
  );
}

function RowMenu({ credential }: { readonly credential: Credential }) {
  const app = useApp();
  const { key, state } = credential;
  const copy = () => void navigator.clipboard.writeText(setCommand(key)).catch(() => undefined);
  const open = (deed: 'set' | 'remove' | 'reveal') => () =>
    app.ui.actions.showCredential(`credential-${deed}`, { key });
  const entries: readonly MenuEntry[] = [
    { label: state === 'missing' ? 'Set its value…' : 'Replace…', icon: 'key', run: open('set') },
    ...(mayDo(app, 'reveal', credential) ? [{ label: 'Show value…', icon: 'eye', run: open('reveal') } as const] : []),
    { label: 'Copy the terminal command', icon: 'copy', run: copy },
    ...(mayDo(app, 'remove', credential)
      ? [{ label: 'Delete…', icon: 'trash', danger: true, apart: true, run: open('remove') } as const]
      : []),
  ];
  return <Menu label={`Actions of ${key.name}`} icon="more" entries={entries} tabIndex={-1} />;
}
