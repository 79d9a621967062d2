import type { SwarmService } from '../../preload/contract/swarm.ts';
import type { SwarmChange } from '../../preload/contract/swarm-change.ts';
import { Button } from '../components/button.tsx';
import { ReplicaForm } from '../components/replica-form.tsx';
import type { AskedChange } from '../show/swarm-change.ts';
import { useApp, useUi } from '../store/context.ts';

/** Of a stack's service: its log, another number of tasks, fresh ones, and back to what ran before. Changes show their plan first. */
export function ServiceControls({
  service,
  onChange,
}: {
  readonly service: SwarmService;
  readonly onChange: (asked: AskedChange) => void;
}) {
  const { ui } = useApp();
  const place = useUi((state) => state.place);
  const { stack, name, mode, desired, canRollBack, canary } = service;
  if (stack === undefined || place.view !== 'team') return null;
  const scales = mode === 'replicated';
  const isJob = mode === 'replicated-job' || mode === 'global-job';
  const ask = (change: SwarmChange) => onChange({ stack, change });
  return (
    <div className="team-controls">
      {scales ? (
        <ReplicaForm
          label="How many tasks"
          now={desired}
          onScale={(replicas) => ask({ kind: 'scale', service: name, replicas })}
        />
      ) : null}
      <Button kind="quiet" icon="file" onClick={() => ui.actions.go({ ...place, logs: { stack, service: name } })}>
        Logs
      </Button>
      {isJob ? null : (
        <Button kind="quiet" icon="restart" onClick={() => ask({ kind: 'restart', services: [name] })}>
          Restart…
        </Button>
      )}
      {canary === undefined ? null : (
        <>
          <Button kind="quiet" icon="check" onClick={() => ask({ kind: 'canary', end: 'promote', services: [name] })}>
            Promote…
          </Button>
          <Button
            kind="quiet"
            icon="restart"
            onClick={() => ask({ kind: 'canary', end: 'rollback', services: [name] })}
          >
            Take back…
          </Button>
        </>
      )}
      {canRollBack ? (
        <Button kind="quiet" icon="restart" onClick={() => ask({ kind: 'rollback', services: [name] })}>
          Roll back…
        </Button>
      ) : null}
    </div>
  );
}
