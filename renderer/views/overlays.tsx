import { useUi } from '../store/context.ts';
import { ForgetDialog } from './forget-dialog.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { LocateDialog } from './locate-dialog.tsx';
import { OpenFileDialog } from './open-file-dialog.tsx';
import { Palette } from './palette.tsx';

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
    default:
      return null;
  }
}
