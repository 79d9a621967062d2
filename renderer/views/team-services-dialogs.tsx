import { useEffect } from 'react';
import type { PendingRevision, PersonInvite, TeamPerson } from '../../preload/contract/team-services.ts';
import { Button } from '../components/button.tsx';
import { Menu, type MenuEntry } from '../components/menu.tsx';
import { isLinked, mayAs } from '../show/team-services.ts';
import { useTeamServices } from '../store/context.ts';
import type { TeamTab } from '../store/ui.ts';
import { OpenIncidentDialog } from './team-incident-dialog.tsx';
import { TeamJoinDialog } from './team-join-dialog.tsx';
import { ConfigDiffDialog, ConfigUndoDialog } from './team-member-dialogs.tsx';
import { PersonRemoveDialog, PersonRoleDialog } from './team-person-dialogs.tsx';
import { PersonInviteDialog } from './team-person-invite-dialog.tsx';
import {
  ApproveInviteDialog,
  ApproveRevisionDialog,
  LeaveDialog,
  RenewDialog,
  WithdrawInviteDialog,
} from './team-sure-dialogs.tsx';

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
  more = [],
  onDialog,
}: {
  readonly tab: TeamTab;
  /** What a manager of the Swarm can do with them as a stack. */
  readonly more?: readonly MenuEntry[];
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
          ...more,
          { label: 'Renew your token…', run: () => onDialog({ kind: 'renew-token' }), apart: more.length > 0 },
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
  // The row whose button led here may be gone: then the keyboard goes on at the open tab.
  useEffect(() => {
    if (dialog !== undefined || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>('.team [role="tab"][aria-selected="true"]')?.focus();
  }, [dialog]);
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
