import { useShallow } from 'zustand/react/shallow';
import type { PlanAction, Service, Stack } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { Menu, type MenuEntry } from '../components/menu.tsx';
import { Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Ago } from '../components/time.tsx';
import { aggregateLook } from '../show/aggregate.ts';
import { act, editorService, openEditor, possibleActions } from '../store/actions.ts';
import { type AppStores, useApp, useLive, useOperations, usePlans, useResources, useUi } from '../store/context.ts';
import { selectServices } from '../store/live.ts';
import { isActive, selectOperation } from '../store/operations.ts';
import { environmentOf } from '../store/resources.ts';
import { useReachable } from '../store/use-reachable.ts';
import { RetryButton } from './engine-details.tsx';

/** Two lines of fixed height: state and title; below it the cause of any trouble, otherwise where its file is. */
export function StackHeader({ id }: { readonly id: string }) {
  const stack = useLive((live) => live.stacks[id]);
  const environment = useResources((resources) => environmentOf(resources, id));
  const look = aggregateLook[stack?.aggregate ?? 'stopped'];
  return (
    <header className="stack-header">
      <div className="stack-title-block">
        <div className="stack-title-line">
          <StateShape look={look} />
          <h1>{stack?.title ?? environment?.name ?? id}</h1>
          <span className={`state-word tone-text-${look.tone}`}>{look.label}</span>
          {stack === undefined ? null : <StackMeta stack={stack} />}
        </div>
        <div className="stack-sub ellipsis">{stack === undefined ? 'Not created yet' : <SubLine stack={stack} />}</div>
      </div>
      {stack === undefined ? null : <StackActions stack={stack} />}
    </header>
  );
}

function SubLine({ stack }: { readonly stack: Stack }) {
  if (stack.reason !== undefined && stack.aggregate !== 'healthy') {
    return (
      <span
        className={stack.aggregate === 'failed' || stack.aggregate === 'degraded' ? 'reason' : ''}
        title={stack.reason}
      >
        <Prose text={stack.reason} />
      </span>
    );
  }
  if (stack.files.length === 0) {
    return (
      <span>
        Nobody knows its compose file. <LocateLink label="Name it" />
      </span>
    );
  }
  const text = stack.files.join(', ');
  if (stack.filesFound) {
    return (
      <span className="mono" title={text}>
        {text}
      </span>
    );
  }
  return (
    <span title={text}>
      <span className="mono">{text}</span> is not there. <LocateLink label="Where is it now?" />
    </span>
  );
}

function LocateLink({ label }: { readonly label: string }) {
  const { ui } = useApp();
  return (
    <button type="button" className="link" onClick={() => ui.actions.show('locate')}>
      {label}
    </button>
  );
}

/** "2/2 running · up 3 h" */
function StackMeta({ stack }: { readonly stack: Stack }) {
  const running = useLive(
    (live) => selectServices(live, stack.id).filter((service) => service.state === 'running').length,
  );
  const since = useLive((live) =>
    selectServices(live, stack.id)
      .filter((service) => service.state === 'running')
      .map((service) => service.startedAt)
      .filter((instant) => instant !== undefined)
      .sort()
      .at(0),
  );
  return (
    <span className="stack-meta">
      {running}/{stack.services.length} running
      {since === undefined ? null : (
        <>
          {' · '}
          <Ago since={since} prefix="up " />
        </>
      )}
    </span>
  );
}

function StackActions({ stack }: { readonly stack: Stack }) {
  const app = useApp();
  const services = useLive(useShallow((live) => selectServices(live, stack.id)));
  const selected = useUi((ui) => ui.services[stack.id]);
  const starting = usePlans((plans) => plans.starting[stack.id]);
  const running = useOperations((operations) => {
    const operation = selectOperation(operations, stack.id);
    return operation !== undefined && isActive(operation) ? operation.action : undefined;
  });
  const busy = running ?? starting;
  const reachable = useReachable(stack.id);
  const possible = possibleActions(stack, services);
  const editor = editorService(stack, services, selected);
  const entries = useMoreEntries(stack, busy !== undefined || !reachable);
  const button = (
    action: PlanAction,
    label: string,
    icon: 'play' | 'stop' | 'restart' | 'redeploy',
    primary = false,
  ) => (
    <Button
      icon={icon}
      kind={primary ? 'primary' : 'plain'}
      busy={busy === action}
      disabled={!reachable || (busy !== undefined && busy !== action)}
      title={reachable ? label : 'Its engine does not answer'}
      onClick={() => void act(app, stack.id, action)}
    >
      {label}
    </Button>
  );
  return (
    <div className="stack-actions" role="toolbar" aria-label="Stack actions">
      {possible.fresh ? button('up', 'Start…', 'play', true) : null}
      {possible.start ? button('start', 'Start', 'play', true) : null}
      {possible.stop ? button('stop', 'Stop', 'stop') : null}
      {possible.stop ? button('restart', 'Restart', 'restart') : null}
      {stack.filesFound && !possible.fresh ? button('up', 'Redeploy…', 'redeploy') : null}
      {editor === undefined ? null : <EditorButton app={app} service={editor} />}
      <Menu label="More actions" icon="more" entries={entries} className="framed" />
    </div>
  );
}

function EditorButton({ app, service }: { readonly app: AppStores; readonly service: Service }) {
  return (
    <Button icon="editor" title={`Open ${service.name} in VS Code`} onClick={() => void openEditor(app, service)}>
      Open in VS Code
    </Button>
  );
}

function useMoreEntries(stack: Stack, busy: boolean): readonly MenuEntry[] {
  const app = useApp();
  const environment = useResources((resources) => environmentOf(resources, stack.id));
  const run = (action: PlanAction) => () => void act(app, stack.id, action);
  return [
    ...(stack.filesFound
      ? [
          { label: 'Build images…', disabled: busy, run: run('build') },
          { label: 'Pull newer images…', disabled: busy, run: run('pull') },
        ]
      : []),
    ...(environment === undefined
      ? []
      : [
          {
            label: 'Change folder, ports and consents…',
            run: () => app.ui.actions.go({ view: 'environment', name: environment.name }),
          },
        ]),
    ...(environment === undefined && stack.kind === 'compose'
      ? [{ label: 'Its file is elsewhere…', run: () => app.ui.actions.show('locate') }]
      : []),
    { label: 'Remove…', danger: true, apart: true, disabled: busy, run: run('down') },
    { label: 'Take off the list…', run: () => app.ui.actions.show('forget') },
  ];
}

/** The stack's engine is lost: since when, why, what to do. The last known state stays below. */
export function EngineBanner({ id }: { readonly id: string }) {
  const engine = useLive((live) => live.engines[live.stacks[id]?.engine ?? '']);
  if (engine === undefined || engine.state.kind !== 'unreachable') return null;
  const { error, since } = engine.state;
  return (
    <div className="engine-banner">
      <Notice
        severity="bad"
        title={
          <>
            {engine.title} has not answered for <Ago since={since} />. What you see is the last known state.
          </>
        }
        actions={<RetryButton engine={engine.id} />}
      >
        <p>
          <Prose text={error.message} />
          {error.hint === undefined ? null : (
            <span className="hint">
              <Prose text={error.hint} />
            </span>
          )}
        </p>
      </Notice>
    </div>
  );
}
