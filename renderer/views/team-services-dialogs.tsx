import { type ReactNode, useState } from 'react';
import type { PendingRevision, PersonInvite, TeamPerson } from '../../preload/contract/team-services.ts';
import { Button } from '../components/button.tsx';
import { TextArea, TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Menu } from '../components/menu.tsx';
import { Notice } from '../components/notice.tsx';
import { isLinked, mayAs, shortSha, signatureLook } from '../show/team-services.ts';
import { useApp, useTeamServices } from '../store/context.ts';
import type { TeamTab } from '../store/ui.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { TeamJoinDialog } from './team-join-dialog.tsx';
import { ConfigDiffDialog, ConfigUndoDialog } from './team-member-dialogs.tsx';
import { Facts, Failed } from './team-parts.tsx';
import { PersonRemoveDialog, PersonRoleDialog } from './team-person-dialogs.tsx';
import { PersonInviteDialog } from './team-person-invite-dialog.tsx';

/** What is asked about the team's services, over whichever part of them is open. */
export type ServicesDialog =
  | { readonly kind: 'join' | 'leave-services' | 'renew-token' | 'invite-person' | 'open-incident' }
  | { readonly kind: 'role' | 'remove-person'; readonly person: TeamPerson }
  | { readonly kind: 'approve-invite' | 'withdraw-invite'; readonly invite: PersonInvite }
  | { readonly kind: 'approve-revision'; readonly revision: PendingRevision }
  | { readonly kind: 'config-diff' | 'config-undo'; readonly environment: string };

/** Beside the page's title: only what this user's role may do. */
export function ServicesActions({
  tab,
  onDialog,
}: {
  readonly tab: TeamTab;
  readonly onDialog: (dialog: ServicesDialog) => void;
}) {
  const link = useTeamServices((state) => state.link);
  if (!isLinked(link)) return null;
  return (
    <>
      {tab === 'people' && mayAs(link, 'member') ? (
        <Button icon="plus" onClick={() => onDialog({ kind: 'invite-person' })}>
          {mayAs(link, 'operator') ? 'Invite a person…' : 'Propose a guest…'}
        </Button>
      ) : null}
      {tab === 'incidents' && mayAs(link, 'member') ? (
        <Button icon="plus" onClick={() => onDialog({ kind: 'open-incident' })}>
          Open an incident…
        </Button>
      ) : null}
      <Menu
        label="More of the team’s services"
        icon="more"
        entries={[
          { label: 'Renew your token…', run: () => onDialog({ kind: 'renew-token' }) },
          { label: 'Leave…', run: () => onDialog({ kind: 'leave-services' }), danger: true, apart: true },
        ]}
      />
    </>
  );
}

export function ServicesDialogs({
  engine,
  dialog,
  onDialog,
}: {
  readonly engine: string | undefined;
  readonly dialog: ServicesDialog | undefined;
  readonly onDialog: (dialog: ServicesDialog | undefined) => void;
}) {
  const close = () => onDialog(undefined);
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'join':
      return <TeamJoinDialog engine={engine} onClose={close} />;
    case 'leave-services':
      return <LeaveDialog onClose={close} />;
    case 'renew-token':
      return <RenewDialog onClose={close} />;
    case 'invite-person':
      return <PersonInviteDialog engine={engine} onClose={close} />;
    case 'open-incident':
      return <OpenIncidentDialog onClose={close} />;
    case 'role':
      return <PersonRoleDialog person={dialog.person} onClose={close} />;
    case 'remove-person':
      return <PersonRemoveDialog engine={engine} person={dialog.person} onClose={close} />;
    case 'approve-invite':
      return <ApproveInviteDialog invite={dialog.invite} onClose={close} />;
    case 'withdraw-invite':
      return <WithdrawInviteDialog invite={dialog.invite} onClose={close} />;
    case 'approve-revision':
      return <ApproveRevisionDialog revision={dialog.revision} onClose={close} />;
    case 'config-diff':
      return <ConfigDiffDialog environment={dialog.environment} onClose={close} />;
    case 'config-undo':
      return <ConfigUndoDialog environment={dialog.environment} onClose={close} />;
  }
}

/** One act after what it means was read. */
function SureDialog({
  title,
  submit,
  kind = 'primary',
  failed,
  act,
  onClose,
  children,
}: {
  readonly title: string;
  readonly submit: string;
  readonly kind?: 'primary' | 'danger';
  /** What is so when it fails. */
  readonly failed: string;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { busy, error, attempt } = useAttempt();
  return (
    <FormDialog
      title={title}
      submit={submit}
      kind={kind}
      first="cancel"
      busy={busy}
      onSubmit={() => void attempt(act, onClose)}
      onClose={onClose}
    >
      <Failed title={failed} error={error} />
      {children}
    </FormDialog>
  );
}

interface Closing {
  readonly onClose: () => void;
}

function LeaveDialog({ onClose }: Closing) {
  const { client } = useApp();
  const team = useTeamServices(({ link }) => (isLinked(link) ? link.team : 'the team'));
  return (
    <SureDialog
      title={`Leave the services of ${team}`}
      submit="Leave"
      kind="danger"
      failed="This machine has not left"
      act={() => client.call('teamServices.leave', {})}
      onClose={onClose}
    >
      <ul className="team-means">
        <li>Claude in your development environments uses the team’s MCP servers no longer.</li>
        <li>What the team’s configuration put there is taken back; files that you changed since stay.</li>
        <li>Your token ends. To come back you need another invite.</li>
        <li>The Swarm is another matter: a node stays one until it leaves that.</li>
      </ul>
    </SureDialog>
  );
}

function RenewDialog({ onClose }: Closing) {
  const { client } = useApp();
  return (
    <SureDialog
      title="Renew your token"
      submit="Renew it"
      failed="The token is as it was"
      act={() => client.call('teamServices.renewToken', {})}
      onClose={onClose}
    >
      <p>
        A new one takes its place in the keychain, and the one before ends a minute later: for when it may have been
        seen by somebody. On other machines that use the same token, join again.
      </p>
    </SureDialog>
  );
}

function ApproveInviteDialog({ invite, onClose }: Closing & { readonly invite: PersonInvite }) {
  const { client } = useApp();
  return (
    <SureDialog
      title={`Let ${invite.name} in`}
      submit="Approve"
      failed="It was not approved"
      act={() => client.call('teamServices.approveInvite', { id: invite.id })}
      onClose={onClose}
    >
      <p>
        {invite.by} proposes {invite.name} as a {invite.role}. Who has the invite can use it from then on, once: the
        team’s MCP servers and its configuration. Make sure with {invite.by} who it is for.
      </p>
    </SureDialog>
  );
}

function WithdrawInviteDialog({ invite, onClose }: Closing & { readonly invite: PersonInvite }) {
  const { client } = useApp();
  const isPending = invite.state === 'pending';
  return (
    <SureDialog
      title={isPending ? `Refuse ${invite.name}` : `Withdraw the invite for ${invite.name}`}
      submit={isPending ? 'Refuse' : 'Withdraw'}
      kind="danger"
      failed="The invite is as it was"
      act={() => client.call('teamServices.withdrawInvite', { id: invite.id })}
      onClose={onClose}
    >
      <p>It will be worth nothing. A machine that has joined the Swarm by it stays a node.</p>
    </SureDialog>
  );
}

function ApproveRevisionDialog({ revision, onClose }: Closing & { readonly revision: PendingRevision }) {
  const { client } = useApp();
  return (
    <SureDialog
      title={`Approve ${shortSha(revision.sha)}`}
      submit="Approve this commit"
      failed="It was not approved"
      act={() => client.call('teamServices.approveRevision', { sha: revision.sha })}
      onClose={onClose}
    >
      <Facts
        facts={[
          ['Change', revision.subject],
          ['Author', revision.author],
          ['Signature', signatureLook(revision).label],
          ['Commit', <code key="sha">{revision.sha}</code>],
        ]}
      />
      <Notice
        severity="warn"
        title="A configuration carries hooks and commands, which run on the machines of everybody who applies it"
      >
        <p>
          Read the commit in the team’s repository first. Exactly this one is offered, and your name is kept with it;
          one that is altered later needs another approval.
        </p>
      </Notice>
    </SureDialog>
  );
}

function OpenIncidentDialog({ onClose }: Closing) {
  const { client } = useApp();
  const [title, setTitle] = useState('');
  const [detail, setDetail] = useState('');
  const { busy, error, attempt } = useAttempt();
  const written = detail.trim();
  const open = () =>
    attempt(
      () =>
        client.call('teamServices.openIncident', {
          title: title.trim(),
          ...(written === '' ? {} : { detail: written }),
        }),
      onClose,
    );
  return (
    <FormDialog
      title="Open an incident"
      submit="Open it"
      busy={busy}
      disabled={title.trim() === ''}
      onSubmit={() => void open()}
      onClose={onClose}
    >
      <Failed title="It was not opened" error={error} />
      <TextField
        label="What is wrong"
        data-first
        maxLength={200}
        value={title}
        help="One line, which everybody in the team sees at once."
        onChange={(event) => setTitle(event.target.value)}
      />
      <TextArea
        label="More (optional)"
        rows={4}
        maxLength={10_000}
        value={detail}
        help="What was seen, since when, what was tried. No passwords or tokens: everybody reads it."
        onChange={(event) => setDetail(event.target.value)}
      />
    </FormDialog>
  );
}
