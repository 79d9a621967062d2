import type { ListedInvite } from '../../preload/contract/team.ts';
import { Awaited } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { untilText } from '../show/team.ts';
import { plural } from '../show/words.ts';
import { useApp } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { useConfirm } from '../store/use-confirm.ts';

type Role = ListedInvite['role'];

/** Which invites work now, without their strings, and how those of a role are ended: all of them together. */
export function OpenInvites({ engine }: { readonly engine: string }) {
  const { client } = useApp();
  const { answer, error, again } = useAnswer('team.invites', { engine });
  const {
    busy,
    error: failed,
    part,
    asked: ending,
    ask,
    confirm,
  } = useConfirm<Role, HTMLElement>(async (role) => {
    await client.call('team.rotate', { engine, role });
    again();
  });
  const invites = answer?.invites.filter(({ alive }) => alive);
  const roles = (['worker', 'manager'] as const).filter((role) => invites?.some((one) => one.role === role));
  const dying = invites?.filter(({ role }) => role === ending) ?? [];
  return (
    <section ref={part} className="team-invites" aria-label="Invites that are out" tabIndex={-1}>
      <div className="field-label">Invites that are out</div>
      {failed === undefined ? null : <ErrorNotice error={failed} />}
      {invites === undefined ? (
        <Awaited label="Asking which there are" error={error} />
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
              <Button kind="danger" busy={busy} onClick={() => confirm(ending)}>
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
