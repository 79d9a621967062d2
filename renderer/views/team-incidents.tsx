import { useState } from 'react';
import type { Incident } from '../../preload/contract/team-services.ts';
import { Button } from '../components/button.tsx';
import { TextArea } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { TableHead } from '../components/table-head.tsx';
import { Ago } from '../components/time.tsx';
import { incidentLook } from '../show/team-services.ts';
import { useApp, useTeamServices } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { AwaitedPart, PartTrouble } from './team-link.tsx';

const columns = [
  ['i-title', 'Incident'],
  ['i-who', 'Who is on it'],
  ['i-by', 'Opened by'],
  ['i-at', 'Since'],
] as const;

/** What is wrong, and who is on it. Open ones first; those that are resolved stay below, with what was found. */
export function TeamIncidents() {
  const incidents = useTeamServices((state) => state.incidents);
  const [open, setOpen] = useState<string>();
  if (incidents === undefined) return <AwaitedPart part="incidents" label="Asking for incidents" />;
  return (
    <div className="team-body">
      <PartTrouble part="incidents" />
      {incidents.length === 0 ? (
        <p className="team-empty">
          None. When something is wrong that others should know of, open one: everybody sees it at once, and who is on
          it.
        </p>
      ) : (
        <table className="list-table team-table" aria-label="Incidents">
          <TableHead columns={columns} />
          <tbody>
            {incidents.map((one) => (
              <IncidentRows
                key={one.id}
                incident={one}
                isOpen={one.id === open}
                onToggle={() => setOpen(one.id === open ? undefined : one.id)}
              />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function IncidentRows({
  incident,
  isOpen,
  onToggle,
}: {
  readonly incident: Incident;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}) {
  const look = incidentLook(incident);
  return (
    <>
      <tr className="team-service" data-testid={`incident-${incident.title}`} data-state={incident.state}>
        <td className="i-title">
          <button type="button" className="team-open" data-team-row aria-expanded={isOpen} onClick={onToggle}>
            <Icon name={isOpen ? 'down' : 'right'} />
            <StateShape look={look} />
            <span className="ellipsis">{incident.title}</span>
          </button>
        </td>
        <td className={`i-who tone-text-${look.tone}`}>{look.label}</td>
        <td className="i-by">{incident.by}</td>
        <td className="i-at">
          <Ago since={incident.opened} />
        </td>
      </tr>
      {isOpen ? (
        <tr className="team-tasks-row">
          <td colSpan={columns.length}>
            <IncidentBody incident={incident} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function IncidentBody({ incident: { id, detail, notes, state, owner, resolved } }: { readonly incident: Incident }) {
  const { client } = useApp();
  const me = useTeamServices(({ link }) => ('me' in link ? link.me.id : undefined));
  const { busy, error, attempt } = useAttempt();
  const [note, setNote] = useState('');
  const change = (what: {
    readonly owner?: 'me' | null;
    readonly state?: 'open' | 'resolved';
    readonly note?: string;
  }) =>
    void attempt(
      () => client.call('teamServices.changeIncident', { id, ...what }),
      () => setNote(''),
    );
  const written = note.trim();
  const withNote = written === '' ? {} : { note: written };
  return (
    <div className="incident">
      {detail === undefined ? null : <p className="incident-text">{detail}</p>}
      {notes.length === 0 ? null : (
        <ol className="incident-notes" aria-label="Notes">
          {notes.map(({ by, at, text }) => (
            <li key={`${at} ${by}`}>
              <span className="muted">
                {by}, <Ago since={at} />
              </span>
              <p className="incident-text">{text}</p>
            </li>
          ))}
        </ol>
      )}
      {resolved === undefined ? null : (
        <p className="muted">
          Resolved <Ago since={resolved} /> ago
        </p>
      )}
      {error === undefined ? null : <ErrorNotice title="It was not changed" error={error} />}
      <TextArea label="Note" rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
      <div className="form-actions">
        <Button busy={busy} disabled={written === ''} onClick={() => change(withNote)}>
          Add the note
        </Button>
        {state === 'resolved' ? (
          <Button busy={busy} onClick={() => change({ state: 'open', ...withNote })}>
            Open it again
          </Button>
        ) : (
          <>
            {owner?.id === me ? (
              <Button busy={busy} onClick={() => change({ owner: null, ...withNote })}>
                Give it back
              </Button>
            ) : (
              <Button busy={busy} onClick={() => change({ owner: 'me', ...withNote })}>
                {owner === undefined ? 'I am on it' : `Take it over from ${owner.name}`}
              </Button>
            )}
            <Button busy={busy} icon="check" onClick={() => change({ state: 'resolved', ...withNote })}>
              Resolve
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
