import { useCallback, useEffect, useRef, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import type { ListedInvite } from '../../preload/contract/team.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { untilText } from '../show/team.ts';
import { plural } from '../show/words.ts';
import { useApp } from '../store/context.ts';

type Role = ListedInvite['role'];

/** Which invites work now, without their strings, and how those of a role are ended: all of them together. */
export function OpenInvites({ engine }: { readonly engine: string }) {
  const { client } = useApp();
  const [invites, setInvites] = useState<readonly ListedInvite[]>();
  const [ending, setEnding] = useState<Role>();
  const part = useRef<HTMLElement>(null);
  /** The button that was pressed goes with it: the keyboard stays here. */
  const ask = (role: Role | undefined) => {
    part.current?.focus();
    setEnding(role);
  };
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AppError>();
  const look = useCallback(async () => {
    try {
      const answer = await client.call('team.invites', { engine });
      setInvites(answer.invites.filter(({ alive }) => alive));
    } catch (thrown) {
      setError(toAppError(thrown));
    }
  }, [client, engine]);
  useEffect(() => void look(), [look]);

  const end = async (role: Role) => {
    setBusy(true);
    setError(undefined);
    try {
      await client.call('team.rotate', { engine, role });
      await look();
    } catch (thrown) {
      setError(toAppError(thrown));
    }
    setBusy(false);
    ask(undefined);
  };
  const roles = (['worker', 'manager'] as const).filter((role) => invites?.some((one) => one.role === role));
  const dying = invites?.filter(({ role }) => role === ending) ?? [];
  return (
    <section ref={part} className="team-invites" aria-label="Invites that are out" tabIndex={-1}>
      <div className="field-label">Invites that are out</div>
      {error === undefined ? null : <ErrorNotice error={error} />}
      {invites === undefined ? (
        error === undefined && <div className="skeleton" role="status" aria-label="Asking which there are" />
      ) : invites.length === 0 ? (
        <p className="help">None.</p>
      ) : (
        <ul>
          {invites.map(({ id, role, machine, by, expires }) => (
            <li key={id} title={`Invite ${id}`}>
              {role}, {machine} · by {by} · until {untilText(expires)}
            </li>
          ))}
        </ul>
      )}
      {ending === undefined ? (
        roles.map((role) => (
          <Button key={role} kind="quiet" onClick={() => ask(role)}>
            End all {role} invites…
          </Button>
        ))
      ) : (
        <Notice
          severity="warn"
          title={`${plural(dying.length, 'invite')} for ${ending}s will be worth nothing. Members stay members.`}
          actions={
            <>
              <Button kind="danger" busy={busy} onClick={() => void end(ending)}>
                End them
              </Button>
              <Button onClick={() => ask(undefined)}>Keep them</Button>
            </>
          }
        />
      )}
    </section>
  );
}
