import { useEffect } from 'react';
import { Button } from '../components/button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { isConfigured } from '../show/environment.ts';
import { useApp, useLive, useResources } from '../store/context.ts';
import { selectStackOrder } from '../store/live.ts';
import { EngineTrouble } from './engine-trouble.tsx';
import { EnvironmentView } from './environment-view.tsx';

/**
 * Where the page opens: on trouble with the only engine, on the first run of the stack we ship, otherwise on the first
 * stack.
 */
export function Home() {
  const { ui, resources } = useApp();
  const ready = useLive((live) => live.ready);
  const first = useLive((live) => selectStackOrder(live)[0]);
  const connected = useLive((live) =>
    Object.values(live.engines).some((engine) => engine.state.kind !== 'unreachable'),
  );
  const shipped = useLive((live) => Object.values(live.stacks).some((stack) => stack.kind === 'local'));
  const environments = useResources((state) => state.environments);
  const error = useResources((state) => state.error);
  const firstRun = environments !== undefined && !environments.some(isConfigured) && !shipped;

  useEffect(() => {
    if (ready && environments !== undefined && !firstRun && first !== undefined) ui.actions.beginAt(first);
  }, [ready, environments, firstRun, first, ui]);

  if (!ready) return <HomeSkeleton />;
  if (!connected && first === undefined) return <EngineTrouble />;
  if (environments === undefined && error !== undefined) {
    return (
      <Page title="claude-env">
        <ErrorNotice
          title="What is set up on this machine could not be read"
          error={error}
          actions={<Button onClick={() => void resources.actions.load()}>Try again</Button>}
        />
      </Page>
    );
  }
  if (firstRun) return <EnvironmentView name={undefined} />;
  return environments === undefined || first !== undefined ? <HomeSkeleton /> : <NoStacks />;
}

/** Environments are known, but nothing of them is listed: start one, or open something else. */
function NoStacks() {
  const { ui } = useApp();
  const environments = useResources((state) => state.environments) ?? [];
  return (
    <Page
      title="No stacks yet"
      lead="A stack is what runs together: the services of one compose file. Every compose project on the engine is listed here, running or not."
      actions={
        <Button icon="file" onClick={() => ui.actions.show('open-file')}>
          Open a compose file…
        </Button>
      }
    >
      <ul className="ways">
        {environments.filter(isConfigured).map((environment) => (
          <li key={environment.name}>
            <span>Local environment {environment.name}</span>
            <span>
              <Button kind="primary" icon="play" onClick={() => ui.actions.goStack(environment.stack, 'plan')}>
                Show what starting it would do
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </Page>
  );
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
