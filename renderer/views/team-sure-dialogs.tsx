import { type ReactNode, useState } from 'react';
import type { Output } from '../../preload/contract/api.ts';
import type { PendingRevision, PersonInvite } from '../../preload/contract/team-services.ts';
import { CopyLine } from '../components/copy-button.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { isLinked, shortSha, signatureLook } from '../show/team-services.ts';
import { useApp, useTeamServices } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { LeftDialog } from './team-leave-dialog.tsx';
import { Facts, Failed } from './team-parts.tsx';

/* Questions about the team's services that have one answer besides no. */

/** One act after what it means was read. */
function SureDialog({
  title,
  submit,
  kind = 'primary',
  failed,
  command,
  act,
  onClose,
  children,
}: {
  readonly title: string;
  readonly submit: string;
  readonly kind?: 'primary' | 'danger';
  /** What is so when it fails. */
  readonly failed: string;
  /** The same in a terminal, without the program. */
  readonly command: string;
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
      <CopyLine text={swarmCommand(command, undefined)} what="command" />
    </FormDialog>
  );
}

interface Closing {
  readonly onClose: () => void;
}

export function LeaveDialog({ onClose }: Closing) {
  const { client } = useApp();
  const team = useTeamServices(({ link }) => (isLinked(link) ? link.team : 'the team'));
  const { busy, error, attempt } = useAttempt();
  const [left, setLeft] = useState<Output<'teamServices.leave'>>();
  if (left !== undefined) return <LeftDialog {...left} onClose={onClose} />;
  const leave = () =>
    attempt(
      () => client.call('teamServices.leave', {}),
      (done) => (done.notes.length === 0 ? onClose() : setLeft(done)),
    );
  return (
    <FormDialog
      title={`Leave the services of ${team}`}
      submit="Leave"
      kind="danger"
      first="cancel"
      busy={busy}
      onSubmit={() => void leave()}
      onClose={onClose}
    >
      <Failed title="This machine has not left" error={error} />
      <ul className="team-means">
        <li>Claude in your development environments uses the team’s MCP servers no longer.</li>
        <li>What the team’s configuration put there is taken back; files that you changed since stay.</li>
        <li>Your token ends. To come back you need another invite.</li>
        <li>The Swarm is another matter: a node stays one until it leaves that.</li>
      </ul>
    </FormDialog>
  );
}

export function RenewDialog({ onClose }: Closing) {
  const { client } = useApp();
  return (
    <SureDialog
      title="Renew your token"
      submit="Renew it"
      failed="The token is as it was"
      command="team renew-token"
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

export function ApproveInviteDialog({ invite, onClose }: Closing & { readonly invite: PersonInvite }) {
  const { client } = useApp();
  return (
    <SureDialog
      title={`Let ${invite.name} in`}
      submit="Approve"
      failed="It was not approved"
      command={`team person approve ${invite.id}`}
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

export function WithdrawInviteDialog({ invite, onClose }: Closing & { readonly invite: PersonInvite }) {
  const { client } = useApp();
  const isPending = invite.state === 'pending';
  return (
    <SureDialog
      title={isPending ? `Refuse ${invite.name}` : `Withdraw the invite for ${invite.name}`}
      submit={isPending ? 'Refuse' : 'Withdraw'}
      kind="danger"
      failed="The invite is as it was"
      command={`team person withdraw ${invite.id}`}
      act={() => client.call('teamServices.withdrawInvite', { id: invite.id })}
      onClose={onClose}
    >
      <p>It will be worth nothing. A machine that has joined the Swarm by it stays a node.</p>
    </SureDialog>
  );
}

export function ApproveRevisionDialog({ revision, onClose }: Closing & { readonly revision: PendingRevision }) {
  const { client } = useApp();
  return (
    <SureDialog
      title={`Approve ${shortSha(revision.sha)}`}
      submit="Approve this commit"
      failed="It was not approved"
      command={`team config approve ${revision.sha}`}
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
