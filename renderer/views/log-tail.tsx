import { useStore } from 'zustand';
import { Button } from '../components/button.tsx';
import { useApp } from '../store/context.ts';
import type { LogSession } from '../store/log-session.ts';
import { LogRowView } from './log-row.tsx';
import { useLogSession } from './use-log-session.ts';

const shownLines = 8;

/** The last lines of one service, live; its height is reserved so that nothing below moves. */
export function LogTail({ stack, service }: { readonly stack: string; readonly service: string }) {
  const { ui } = useApp();
  const session = useLogSession([service], shownLines);
  return (
    <section className="block wide">
      <h3>
        Last log lines
        <Button kind="quiet" onClick={() => ui.actions.showLogs(stack, service)}>
          Open the logs
        </Button>
      </h3>
      <div className="log-tail">{session === undefined ? null : <Lines session={session} />}</div>
    </section>
  );
}

function Lines({ session }: { readonly session: LogSession }) {
  useStore(session, (state) => state.version);
  const opened = useStore(session, (state) => state.opened);
  const rows = session.buffer.visible().slice(-shownLines);
  if (rows.length === 0) return opened ? <span className="muted">Nothing was written yet.</span> : null;
  return rows.map((row) => <LogRowView key={row.n} row={row} color={0} />);
}
