import { useUi } from '../store/context.ts';
import { CredentialImportDialog } from './credential-import-dialog.tsx';
import { CredentialRemoveDialog } from './credential-remove-dialog.tsx';
import { CredentialRevealDialog } from './credential-reveal-dialog.tsx';
import { CredentialSetDialog } from './credential-set-dialog.tsx';
import { ForgetDialog } from './forget-dialog.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { LocateDialog } from './locate-dialog.tsx';
import { OpenFileDialog } from './open-file-dialog.tsx';
import { Palette } from './palette.tsx';
import { RegistryLoginDialog, RegistryLogoutDialog } from './registry-dialogs.tsx';

/** The few things that lie over the page; one at a time. */
export function Overlays() {
  const overlay = useUi((ui) => ui.overlay);
  switch (overlay) {
    case 'palette':
      return <Palette />;
    case 'keys':
      return <KeysDialog />;
    case 'open-file':
      return <OpenFileDialog />;
    case 'locate':
      return <LocateDialog />;
    case 'forget':
      return <ForgetDialog />;
    case 'credential-set':
      return <CredentialSetDialog />;
    case 'credential-import':
      return <CredentialImportDialog />;
    case 'registry-login':
      return <RegistryLoginDialog />;
    case 'registry-logout':
      return <RegistryLogoutDialog />;
    case 'credential-remove':
      return <CredentialRemoveDialog />;
    case 'credential-reveal':
      return <CredentialRevealDialog />;
    default:
      return null;
  }
}
