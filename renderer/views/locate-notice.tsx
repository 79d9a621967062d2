import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { useApp, useLive } from '../store/context.ts';

/** The compose file is not where the containers (or the user) say; asks for it. `purpose`: what cannot be done without. */
export function LocateNotice({ stack, purpose }: { readonly stack: string; readonly purpose: string }) {
  const { ui } = useApp();
  const files = useLive((live) => live.stacks[stack]?.files ?? []);
  return (
    <Notice
      severity="warn"
      title={
        files.length === 0 ? `Nobody knows its compose file, ${purpose}` : `Its compose file is not there, ${purpose}`
      }
      actions={
        <Button kind="primary" icon="file" onClick={() => ui.actions.show('locate')}>
          {files.length === 0 ? 'Name its file…' : 'Where is it now?…'}
        </Button>
      }
    >
      {files.length === 0 ? (
        <p>Its containers do not say which file they were made from.</p>
      ) : (
        <p>
          Its containers were made from <span className="mono">{files.join(', ')}</span>. If it was moved, say where it
          is now.
        </p>
      )}
      <p className="hint">Start, stop, restart and remove work without it.</p>
    </Notice>
  );
}
