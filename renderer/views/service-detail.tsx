import type { Container, Service } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { Notice, Output } from '../components/notice.tsx';
import { Port } from '../components/port.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Ago } from '../components/time.tsx';
import { aggregateLook } from '../show/aggregate.ts';
import { toShownPorts } from '../show/ports.ts';
import { serviceStateWords } from '../show/words.ts';
import { act, openEditor } from '../store/actions.ts';
import { useApp, useLive, useOperations } from '../store/context.ts';
import { isActive, selectOperation } from '../store/operations.ts';
import { useReachable } from '../store/use-reachable.ts';
import { EditorCommand } from './editor-command.tsx';
import { LogTail } from './log-tail.tsx';
import { McpPanel } from './mcp-panel.tsx';
import { ScaleControl } from './scale-control.tsx';

/** Everything about one service on one screen. */
export function ServiceDetail({ id, local }: { readonly id: string; readonly local: boolean }) {
  const service = useLive((live) => live.services[id]);
  if (service === undefined) return null;
  return (
    <section className="detail" aria-label={`Details of ${service.name}`}>
      <DetailHead service={service} />
      <div className="detail-body">
        {service.reason === undefined ? null : <Reason service={service} />}
        <HealthOutput service={service} />
        {service.mcp === undefined || service.mcp.length === 0 ? null : (
          <McpPanel servers={service.mcp} local={local} />
        )}
        <Containers service={service} />
        <FileAdvice service={service} />
        <Ports service={service} local={local} />
        <section className="block">
          <h3>Image</h3>
          <div className="value-line">
            <code className="ellipsis" title={service.image}>
              {service.image}
            </code>
            <CopyButton text={service.image} what="the image's name" />
          </div>
        </section>
        {service.state === 'running' ? <EditorCommand service={service.id} /> : null}
        {service.containers.length === 0 ? null : <LogTail stack={service.stack} service={service.id} />}
      </div>
    </section>
  );
}

/** Nothing can be asked of the stack now: its engine is away, or something runs already. */
function useBlocked(stack: string): boolean {
  const busy = useOperations((operations) => {
    const operation = selectOperation(operations, stack);
    return operation !== undefined && isActive(operation);
  });
  return !useReachable(stack) || busy;
}

function DetailHead({ service }: { readonly service: Service }) {
  const app = useApp();
  const blocked = useBlocked(service.stack);
  const only = { services: [service.name] };
  const running = service.state === 'running' || service.state === 'restarting' || service.state === 'paused';
  return (
    <header className="detail-head">
      <StateShape look={aggregateLook[service.aggregate]} />
      <h2>{service.name}</h2>
      <span className="muted">{serviceStateWords(service)}</span>
      <span className="spacer" />
      {running ? (
        <>
          <Button
            kind="quiet"
            icon="stop"
            disabled={blocked}
            onClick={() => void act(app, service.stack, 'stop', only)}
          >
            Stop
          </Button>
          <Button
            kind="quiet"
            icon="restart"
            disabled={blocked}
            onClick={() => void act(app, service.stack, 'restart', only)}
          >
            Restart
          </Button>
        </>
      ) : (
        <Button
          kind="quiet"
          icon="play"
          disabled={blocked}
          onClick={() => void act(app, service.stack, service.state === 'absent' ? 'up' : 'start', only)}
        >
          {service.state === 'absent' ? 'Start…' : 'Start'}
        </Button>
      )}
      <Button kind="quiet" icon="clear" onClick={() => app.ui.actions.showLogs(service.stack, service.id)}>
        Logs
      </Button>
      {service.state === 'running' ? (
        <Button kind="quiet" icon="editor" onClick={() => void openEditor(app, service)}>
          VS Code
        </Button>
      ) : null}
    </header>
  );
}

function Reason({ service }: { readonly service: Service }) {
  if (service.aggregate === 'working') {
    return (
      <p className="reason-line">
        <StateShape look={aggregateLook.working} />
        <span>
          <Prose text={service.reason ?? ''} />
        </span>
      </p>
    );
  }
  const severity = service.aggregate === 'failed' ? 'bad' : service.aggregate === 'degraded' ? 'warn' : 'note';
  return (
    <Notice
      severity={severity}
      title={<Prose text={service.reason ?? ''} />}
      {...(lacksSecrets(service) ? { actions: <StartAgain service={service} /> } : {})}
    >
      {service.nextStep === undefined ? null : (
        <p className="hint">
          <Prose text={service.nextStep} />
        </p>
      )}
    </Notice>
  );
}

const lacksSecrets = ({ containers }: Service): boolean =>
  containers.some(({ missingSecrets = [] }) => missingSecrets.length > 0);

/** Offered where nothing else mends it: secrets that are kept in memory come with a start of ours. */
function StartAgain({ service }: { readonly service: Service }) {
  const app = useApp();
  const blocked = useBlocked(service.stack);
  return (
    <Button
      icon="restart"
      disabled={blocked}
      onClick={() => void act(app, service.stack, 'restart', { services: [service.name] })}
    >
      Start again
    </Button>
  );
}

/** Passwords that need not be in the environment. */
function FileAdvice({ service }: { readonly service: Service }) {
  const advice = service.fileAdvice ?? [];
  if (advice.length === 0) return null;
  return (
    <section className="block" data-testid="file-advice">
      <h3>Secrets in the environment</h3>
      {advice.map(({ variable, fileVariable }) => (
        <p key={variable} className="hint">
          <code>{variable}</code> is in the environment, which <code>docker inspect</code> shows. This image reads{' '}
          <code>{fileVariable}</code>: name a file below <code>/run/secrets</code> there, and let it come from the
          keychain.
        </p>
      ))}
    </section>
  );
}

function HealthOutput({ service }: { readonly service: Service }) {
  const probe = service.containers.find((container) => container.healthOutput !== undefined)?.healthOutput;
  if (probe === undefined || probe.trim() === '') return null;
  return (
    <section className="block">
      <h3>Last failing health check</h3>
      <Output text={probe} label="Output of the last failing health check" />
    </section>
  );
}

function Containers({ service }: { readonly service: Service }) {
  const blocked = useBlocked(service.stack);
  return (
    <section className="block">
      <h3>{service.containers.length > 1 ? 'Containers' : 'Container'}</h3>
      {service.containers.length === 0 ? <p className="muted">None was created yet.</p> : null}
      {service.containers.map((container) => (
        <ContainerLines key={container.id} container={container} />
      ))}
      <ScaleControl service={service} blocked={blocked} />
    </section>
  );
}

function ContainerLines({ container }: { readonly container: Container }) {
  const hash = container.id.slice(container.id.lastIndexOf('/') + 1);
  return (
    <div className="container-lines">
      <div className="value-line">
        <code className="ellipsis">{container.name}</code>
        <CopyButton text={container.name} what="the container's name" />
        <span className="muted">{containerWords(container)}</span>
      </div>
      <div className="value-line">
        <code className="muted" title={hash}>
          {hash.slice(0, 12)}
        </code>
        <CopyButton text={hash} what="the container's id" />
        <span className="muted">
          {container.state === 'running' && container.startedAt !== undefined ? (
            <>
              started <Ago since={container.startedAt} /> ago
            </>
          ) : container.finishedAt === undefined ? null : (
            <>
              ended <Ago since={container.finishedAt} /> ago
            </>
          )}
          {container.restarts > 0 ? `, ${container.restarts} restarts` : ''}
        </span>
      </div>
    </div>
  );
}

function containerWords(container: Container): string {
  const exit = container.exitCode !== undefined && container.state !== 'running' ? ` (${container.exitCode})` : '';
  const health = container.health === 'none' ? '' : `, ${container.health}`;
  const killed = container.oomKilled === true ? ', out of memory' : '';
  return `${container.state}${exit}${container.state === 'running' ? health : ''}${killed}${container.oneOff ? ', one-off' : ''}`;
}

function Ports({ service, local }: { readonly service: Service; readonly local: boolean }) {
  const ports = toShownPorts(service.ports, local);
  if (ports.length === 0) return null;
  return (
    <section className="block">
      <h3>Ports</h3>
      <ul className="port-list">
        {ports.map((port) => (
          <li key={port.key}>
            <Port port={port} />
            <span className="muted mono">{port.full}</span>
          </li>
        ))}
      </ul>
      {local || !ports.some((port) => port.published) ? null : (
        <p className="help">This engine runs on another machine, so these ports are not on your localhost.</p>
      )}
    </section>
  );
}
