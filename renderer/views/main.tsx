import { useUi } from '../store/context.ts';
import { CredentialsView } from './credentials-view.tsx';
import { DoctorView } from './doctor-view.tsx';
import { EnvironmentView } from './environment-view.tsx';
import { Home } from './home.tsx';
import { MovedNotice } from './moved-notice.tsx';
import { SettingsView } from './settings-view.tsx';
import { StackView } from './stack-view.tsx';
import { TeamView } from './team-view.tsx';

export function Main() {
  return (
    <main className="main">
      <MovedNotice />
      <Place />
    </main>
  );
}

function Place() {
  const place = useUi((ui) => ui.place);
  switch (place.view) {
    case 'stack':
      return <StackView key={place.stack} id={place.stack} />;
    case 'environment':
      return <EnvironmentView key={place.name ?? ''} name={place.name} />;
    case 'credentials':
      return <CredentialsView />;
    case 'team':
      return <TeamView chosen={place.engine} tab={place.tab} logs={place.logs} join={place.join === true} />;
    case 'doctor':
      return <DoctorView />;
    case 'settings':
      return <SettingsView />;
    case 'home':
      return <Home />;
  }
}
