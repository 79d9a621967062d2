import type { ComponentType } from 'react';
import { Button } from '../components/button.tsx';
import { Empty, Page } from '../components/page.tsx';
import { Tabs } from '../components/tabs.tsx';
import { isConfigured } from '../show/environment.ts';
import { useApp, useLive, useResources, useUi } from '../store/context.ts';
import { environmentOf } from '../store/resources.ts';
import type { Tab } from '../store/ui.ts';
import { ComposeFileView } from './compose-file-view.tsx';
import { DriftView } from './drift-view.tsx';
import { EngineTrouble } from './engine-trouble.tsx';
import { EnvironmentView } from './environment-view.tsx';
import { LogsView } from './logs-view.tsx';
import { OperationDock } from './operation-dock.tsx';
import { PlanView } from './plan-view.tsx';
import { ServicesView } from './services-view.tsx';
import { EngineBanner, StackHeader } from './stack-header.tsx';

const items = [
  { key: 'services', title: 'Services' },
  { key: 'logs', title: 'Logs' },
  { key: 'plan', title: 'Plan' },
  { key: 'drift', title: 'File drift' },
  { key: 'file', title: 'Compose file' },
] as const satisfies readonly { readonly key: Tab; readonly title: string }[];

const views: Readonly<Record<Tab, ComponentType<{ readonly stack: string }>>> = {
  services: ServicesView,
  logs: LogsView,
  plan: PlanView,
  drift: DriftView,
  file: ComposeFileView,
};

/** Everything about one stack. */
export function StackView({ id }: { readonly id: string }) {
  const { ui } = useApp();
  const known = useLive((live) => live.stacks[id] !== undefined);
  const ready = useLive((live) => live.ready);
  const needsSetup = useNeedsSetup(id);
  const tab = useUi((state) => state.tabs[id]) ?? 'services';
  const noEngine = useLive(
    (live) => live.ready && !Object.values(live.engines).some((engine) => engine.state.kind !== 'unreachable'),
  );
  const saved = useResources((resources) => environmentOf(resources, id) !== undefined);

  if (!known) {
    if (!ready) return <div className="skeleton-page" role="status" aria-label="Loading" />;
    if (noEngine) return <EngineTrouble />;
    if (!saved) return <Gone />;
  }
  if (needsSetup) return <EnvironmentView name={undefined} />;
  const open = known ? tab : 'plan';
  const View = views[open];
  return (
    <div className="stack-view">
      <StackHeader id={id} />
      <EngineBanner id={id} />
      <Tabs items={items} value={open} onChange={(value) => ui.actions.setTab(id, value)} label="Views of the stack">
        <View stack={id} />
      </Tabs>
      <OperationDock stack={id} />
    </div>
  );
}

/** The stack we ship, before anybody said where the code is: its own screen asks. */
function useNeedsSetup(id: string): boolean {
  const fresh = useLive(
    (live) =>
      live.stacks[id]?.kind === 'local' &&
      (live.stacks[id]?.services ?? []).every((service) => (live.services[service]?.state ?? 'absent') === 'absent'),
  );
  return useResources((resources) => {
    if (!fresh || resources.environments === undefined) return false;
    const environment = environmentOf(resources, id);
    return environment === undefined || !isConfigured(environment);
  });
}

function Gone() {
  const { ui } = useApp();
  return (
    <Page title="This stack is gone">
      <Empty title="It has no containers any more, and nobody opened its file here.">
        <p>It may have been removed in a terminal. Open its compose file to have it back in the list.</p>
        <Button icon="file" kind="primary" onClick={() => ui.actions.show('open-file')}>
          Open a compose file…
        </Button>
      </Empty>
    </Page>
  );
}
