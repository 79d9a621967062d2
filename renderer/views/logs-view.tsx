import { useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { splitId } from '../../preload/contract/ids.ts';
import { Button, IconButton } from '../components/button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { useApp, useLive, useUi } from '../store/context.ts';
import type { LogSession } from '../store/log-session.ts';
import { LogList } from './log-list.tsx';
import { useLogSession } from './use-log-session.ts';

/** Logs of all services of a stack, or of those picked by the chips. */
export function LogsView({ stack }: { readonly stack: string }) {
  const services = useLive(useShallow((live) => live.stacks[stack]?.services ?? []));
  const exists = useLive((live) => services.some((id) => (live.services[id]?.containers.length ?? 0) > 0));
  // A redeploy takes containers away for a moment; the stream goes on through that, so it stays open.
  const [wanted, setWanted] = useState(exists);
  if (exists && !wanted) setWanted(true);
  const session = useLogSession(wanted ? services : []);
  const { ui } = useApp();
  const picked = useUi((state) => state.logServices[stack]);
  if (!wanted) {
    return (
      <Empty title="No logs yet">
        <p>Logs appear here as soon as the stack has containers.</p>
      </Empty>
    );
  }
  return session === undefined ? null : (
    <OpenLogs
      services={services}
      session={session}
      picked={picked ?? none}
      onPick={(ids) => ui.actions.setLogServices(stack, ids)}
    />
  );
}

const none: readonly string[] = [];

/** Lines as they come, of all or of those that are picked; paused, searched, wrapped. */
export function OpenLogs({
  services,
  session,
  picked,
  onPick,
}: {
  readonly services: readonly string[];
  readonly session: LogSession;
  readonly picked: readonly string[];
  readonly onPick: (services: readonly string[]) => void;
}) {
  const [text, setText] = useState('');
  const [wrap, setWrap] = useState(false);
  const [follow, setFollow] = useState(true);
  const search = useRef<HTMLInputElement>(null);
  const anchor = useRef(0);
  const { paused, waiting, ended } = useStore(session);
  const shown = useMemo(() => picked.filter((id) => services.includes(id)), [picked, services]);
  const colors = useMemo(() => new Map(services.map((id, index) => [id, (index % 8) + 1])), [services]);

  useEffect(() => {
    session.filter({ services: new Set(shown), text: text.trim().toLowerCase() });
  }, [session, shown, text]);

  const toggle = (id: string) => onPick(shown.includes(id) ? shown.filter((other) => other !== id) : [...shown, id]);

  return (
    <div className="logs">
      <div className="log-bar">
        <fieldset className="chips" aria-label="Services">
          <button type="button" className="chip" aria-pressed={shown.length === 0} onClick={() => onPick([])}>
            All
          </button>
          {services.map((id) => (
            <button
              key={id}
              type="button"
              className="chip"
              aria-pressed={shown.includes(id)}
              onClick={() => toggle(id)}
            >
              <span className={`swatch log-${colors.get(id)}`} />
              {splitId(id).name}
            </button>
          ))}
        </fieldset>
        <input
          ref={search}
          className="input search"
          type="search"
          placeholder="Filter lines"
          aria-label="Filter lines"
          data-search=""
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          icon={paused ? 'play' : 'pause'}
          kind={paused ? 'primary' : 'plain'}
          className="pause"
          aria-pressed={paused}
          onClick={() => session.pause(!paused)}
        >
          {paused ? (waiting > 0 ? `Resume (${waiting})` : 'Resume') : 'Pause'}
        </Button>
        <IconButton
          icon="end"
          label={follow ? 'Following the end' : 'Follow the end'}
          aria-pressed={follow}
          onClick={() => setFollow(!follow)}
        />
        <IconButton icon="wrap" label="Wrap long lines" aria-pressed={wrap} onClick={() => setWrap(!wrap)} />
        <IconButton icon="trash" label="Clear the view" onClick={session.clear} />
      </div>
      {ended === undefined ? null : ended.error === undefined ? null : <ErrorNotice error={ended.error} />}
      <LogList
        key={wrap ? 'wrapped' : 'plain'}
        session={session}
        anchor={anchor}
        colors={colors}
        wrap={wrap}
        follow={follow}
        onFollow={setFollow}
        filtered={text.trim() !== ''}
      />
    </div>
  );
}
