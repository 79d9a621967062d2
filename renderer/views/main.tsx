import { useEffect } from 'react';
import { isConfigured } from '../show/environment.ts';
import { useApp, useLive, useResources, useUi } from '../store/context.ts';
import { selectStackOrder } from '../store/live.ts';
import { DoctorView } from './doctor-view.tsx';
import { EngineTrouble } from './engine-trouble.tsx';
import { EnvironmentView } from './environment-view.tsx';
import { SettingsView } from './settings-view.tsx';
import { StackView } from './stack-view.tsx';

export function Main() {
  const place = useUi((ui) => ui.place);
  return (
    <main className="main">
      {place.view === 'stack' ? (
        <StackView key={place.stack} id={place.stack} />
      ) : place.view === 'environment' ? (
        <EnvironmentView key={place.name ?? ''} name={place.name} />
      ) : place.view === 'doctor' ? (
        <DoctorView />
      ) : place.view === 'settings' ? (
        <SettingsView />
      ) : (
        <Home />
      )}
    </main>
  );
}

/**
 * Where the page opens: on trouble with the only engine, on the first run of the stack we ship, otherwise on the first
 * stack.
 */
function Home() {
  const { ui } = useApp();
  const ready = useLive((live) => live.ready);
  const first = useLive((live) => selectStackOrder(live)[0]);
  const connected = useLive((live) =>
    Object.values(live.engines).some((engine) => engine.state.kind !== 'unreachable'),
  );
  const environments = useResources((resources) => resources.environments);
  const shipped = useLive((live) => Object.values(live.stacks).some((stack) => stack.kind === 'local'));
  const firstRun = environments !== undefined && !environments.some(isConfigured) && !shipped;

  useEffect(() => {
    if (ready && environments !== undefined && !firstRun && first !== undefined) {
      ui.actions.goStack(first);
    }
  }, [ready, environments, firstRun, first, ui]);

  if (!ready) return <HomeSkeleton />;
  if (!connected && first === undefined) return <EngineTrouble />;
  return firstRun ? <EnvironmentView name={undefined} /> : <HomeSkeleton />;
}

function HomeSkeleton() {
  return (
    <div className="skeleton-page" role="status" aria-label="Loading">
      <div className="skeleton head" />
      <div className="skeleton row" />
      <div className="skeleton row" />
      <div className="skeleton row" />
    </div>
  );
}
