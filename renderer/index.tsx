import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from './client/client.ts';
import { openTransport, type Transport } from './client/transport.ts';
import { applyTheme, keptTheme } from './show/theme.ts';
import { createClock } from './store/clock.ts';
import { AppContext, type AppStores } from './store/context.ts';
import { createCredentialsStore } from './store/credentials.ts';
import { createLiveStore, type Schedule } from './store/live.ts';
import { createOperationsStore } from './store/operations.ts';
import { createPlansStore } from './store/plans.ts';
import { createResources } from './store/resources.ts';
import { createSwarmStore } from './store/swarm.ts';
import { createTeamServicesStore } from './store/team-services.ts';
import { createUiStore } from './store/ui.ts';
import './styles/index.css';
import { App } from './views/app.tsx';
import { CrashPage } from './views/crash-page.tsx';

/** A hidden page gets no animation frames; what arrives then is applied a few times a second. */
const hiddenPause = 250;
const schedule: Schedule = (run) => {
  if (document.visibilityState === 'hidden') window.setTimeout(run, hiddenPause);
  else window.requestAnimationFrame(run);
};
const after = (ms: number, run: () => void) => {
  window.setTimeout(run, ms);
};

function createStores({ bridge, connection }: Transport): AppStores {
  const client = createClient(bridge, connection);
  return {
    client,
    capabilities: bridge.capabilities,
    live: createLiveStore(client, schedule, after),
    operations: createOperationsStore(client, schedule, after),
    plans: createPlansStore(client),
    resources: createResources(client),
    credentials: createCredentialsStore(client),
    swarm: createSwarmStore(client, after),
    teamServices: createTeamServicesStore(client, after),
    ui: createUiStore(window.localStorage),
    clock: createClock({
      now: () => Date.now(),
      after: (ms, run) => {
        const timer = window.setTimeout(run, ms);
        return () => window.clearTimeout(timer);
      },
    }),
  };
}

applyTheme(keptTheme(window.localStorage));
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
const stores = createStores(await openTransport());
// A restarted host may have other settings and environments.
stores.client.connection.subscribe((now, before) => {
  if (now.kind === 'open' && before.kind === 'lost') void stores.resources.actions.load();
});
void stores.resources.actions.load();
createRoot(root).render(
  <StrictMode>
    <CrashPage>
      <AppContext value={stores}>
        <App />
      </AppContext>
    </CrashPage>
  </StrictMode>,
);
