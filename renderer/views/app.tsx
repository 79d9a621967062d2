import { useEffect, useState } from 'react';
import { useConnection, useResources, useUi } from '../store/context.ts';
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
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
}

/** The frame of look.md, or the one page that is left when the host refuses this page. */
export function App() {
  useTheme();
  const refusal = useConnection((connection) => (connection.kind === 'refused' ? connection.reason : undefined));
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
