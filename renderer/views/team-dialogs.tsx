import { TeamCreateDialog } from './team-create-dialog.tsx';
import { TeamInviteDialog } from './team-invite-dialog.tsx';
import { TeamJoinDialog } from './team-join-dialog.tsx';
import { type AskedNode, TeamNodeDialog } from './team-node-dialog.tsx';

export type TeamDialog =
  | { readonly kind: 'invite' | 'join' | 'create' }
  | { readonly kind: 'node'; readonly asked: AskedNode };

/** They stay open while the page below them changes: an engine that joined is no longer in no Swarm. */
export function TeamDialogs({
  engine,
  dialog,
  onDialog,
}: {
  readonly engine: string;
  readonly dialog: TeamDialog | undefined;
  readonly onDialog: (dialog: TeamDialog | undefined) => void;
}) {
  const close = () => onDialog(undefined);
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'invite':
      return <TeamInviteDialog engine={engine} onClose={close} />;
    case 'join':
      return <TeamJoinDialog engine={engine} onClose={close} />;
    case 'create':
      return <TeamCreateDialog engine={engine} onInvite={() => onDialog({ kind: 'invite' })} onClose={close} />;
    case 'node':
      return <TeamNodeDialog engine={engine} asked={dialog.asked} onClose={close} />;
  }
}
