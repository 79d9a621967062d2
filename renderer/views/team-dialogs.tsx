import type { SwarmNode } from '../../preload/contract/swarm.ts';
import type { AskedChange } from '../show/swarm-change.ts';
import { TeamBackupDialog } from './team-backup-dialog.tsx';
import { TeamChangeDialog } from './team-change-dialog.tsx';
import { TeamCopiesDialog } from './team-copies-dialog.tsx';
import { TeamCreateDialog } from './team-create-dialog.tsx';
import { TeamDeployDialog } from './team-deploy-dialog.tsx';
import { TeamHistoryDialog } from './team-history-dialog.tsx';
import { TeamInviteDialog } from './team-invite-dialog.tsx';
import { TeamAutolockDialog, TeamUnlockDialog } from './team-keys-dialogs.tsx';
import { TeamLabelsDialog } from './team-labels-dialog.tsx';
import { TeamLeaveDialog } from './team-leave-dialog.tsx';
import { type AskedNode, TeamNodeDialog } from './team-node-dialog.tsx';
import { TeamPortsDialog } from './team-ports-dialog.tsx';
import { TeamRecoverDialog } from './team-recover-dialog.tsx';
import { TeamUpDialog } from './team-up-dialog.tsx';

export type TeamDialog =
  | { readonly kind: 'invite' | 'create' | 'leave' | 'backup' | 'unlock' | 'recover' }
  | { readonly kind: 'autolock'; readonly isOn: boolean }
  | { readonly kind: 'labels'; readonly node: SwarmNode }
  | { readonly kind: 'node'; readonly asked: AskedNode }
  /** The team’s services. */
  | { readonly kind: 'up'; readonly begin: 'options' | 'plan'; readonly isNew: boolean }
  /** `stack`: one that is there. */
  | { readonly kind: 'deploy'; readonly stack?: string }
  | { readonly kind: 'change'; readonly asked: AskedChange }
  | { readonly kind: 'history' | 'copies' | 'ports'; readonly stack: string };

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
  const plan = (asked: AskedChange) => onDialog({ kind: 'change', asked });
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'invite':
      return <TeamInviteDialog engine={engine} onClose={close} />;
    case 'create':
      return <TeamCreateDialog engine={engine} onInvite={() => onDialog({ kind: 'invite' })} onClose={close} />;
    case 'leave':
      return <TeamLeaveDialog engine={engine} onClose={close} />;
    case 'backup':
      return <TeamBackupDialog engine={engine} onClose={close} />;
    case 'autolock':
      return <TeamAutolockDialog engine={engine} isOn={dialog.isOn} onClose={close} />;
    case 'unlock':
      return <TeamUnlockDialog engine={engine} onClose={close} />;
    case 'recover':
      return <TeamRecoverDialog engine={engine} onClose={close} />;
    case 'labels':
      return <TeamLabelsDialog engine={engine} node={dialog.node} onClose={close} />;
    case 'node':
      return <TeamNodeDialog engine={engine} asked={dialog.asked} onClose={close} />;
    case 'deploy':
      return <TeamDeployDialog engine={engine} stack={dialog.stack} onPlan={plan} onClose={close} />;
    case 'up':
      return <TeamUpDialog engine={engine} begin={dialog.begin} isNew={dialog.isNew} onClose={close} />;
    case 'change':
      return <TeamChangeDialog engine={engine} asked={dialog.asked} onClose={close} />;
    case 'history':
      return <TeamHistoryDialog engine={engine} stack={dialog.stack} onPlan={plan} onClose={close} />;
    case 'copies':
      return <TeamCopiesDialog stack={dialog.stack} onPlan={plan} onClose={close} />;
    case 'ports':
      return <TeamPortsDialog engine={engine} stack={dialog.stack} onClose={close} />;
  }
}
