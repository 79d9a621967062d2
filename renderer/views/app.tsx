import { useEffect, useState } from 'react';
import { aggregateLook } from '../show/aggregate.ts';
import { applyTheme, keepTheme } from '../show/theme.ts';
import { useApp, useConnection, useLive, useResources, useUi } from '../store/context.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { Main } from './main.tsx';
import { Overlays } from './overlays.tsx';
import { SessionPage } from './session-page.tsx';
import { Sidebar } from './sidebar.tsx';
import { StatusBar } from './status-bar.tsx';
import { useKeyboard } from './use-keyboard.ts';

const narrow = '(max-width: 1023px)';

/** True below 1024 px, where the sidebar folds to icons unless the user said otherwise. */
function useNarrow(): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(narrow).matches);
  useEffect(() => {
    const query = window.matchMedia(narrow);
    const onChange = () => setMatches(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);
  return matches;
}

function useTheme() {
  const theme = useResources(({ settings }) => settings?.theme);
  useEffect(() => {
    if (theme === undefined) return;
    applyTheme(theme);
    keepTheme(window.localStorage, theme);
  }, [theme]);
}

/** The state of what is looked at, so that a browser's tab says it. */
function useTitle() {
  const place = useUi((ui) => ui.place);
  const title = useLive((live) => {
    const stack = place.view === 'stack' ? live.stacks[place.stack] : undefined;
    return stack === undefined ? 'claude-env' : `${stack.title}: ${aggregateLook[stack.aggregate].label} · claude-env`;
  });
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** Where a link of the system leads; nothing else is read from the address. */
function useJoinLink() {
  const { ui } = useApp();
  useEffect(() => {
    const look = () => {
      if (window.location.hash !== '#join') return;
      window.history.replaceState(null, '', window.location.pathname + window.location.search);
      ui.actions.go({ view: 'team', join: true });
    };
    look();
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, [ui]);
}

/** The frame of look.md, or the one page that is left when the host refuses this page. */
export function App() {
  useTheme();
  const refusal = useConnection((connection) => (connection.kind === 'refused' ? connection.reason : undefined));
  useTitle();
  useJoinLink();
  return refusal === undefined ? <Frame /> : <SessionPage reason={refusal} />;
}

function Frame() {
  const isNarrow = useNarrow();
  const collapsed = useUi((ui) => ui.sidebarCollapsed) ?? isNarrow;
  useKeyboard(collapsed);
  const kind = useConnection((connection) => connection.kind);
  return (
    <div className={`frame ${collapsed ? 'collapsed' : ''}`} data-connection={kind}>
      <ConnectionBanner />
      <Sidebar collapsed={collapsed} />
      <Main />
      <StatusBar />
      <Overlays />
    </div>
  );
}
