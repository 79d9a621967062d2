import type { SwarmService } from '../../preload/contract/swarm.ts';
import type { SwarmChange } from '../../preload/contract/swarm-change.ts';
import { Button } from '../components/button.tsx';
import { ReplicaForm } from '../components/replica-form.tsx';
import type { AskedChange } from '../show/swarm-change.ts';

/** Of a stack's service: another number of tasks, and back to what ran before. Both show their plan first. */
export function ServiceControls({
  service,
  onChange,
}: {
  readonly service: SwarmService;
  readonly onChange: (asked: AskedChange) => void;
}) {
  const { stack, name, mode, desired, canRollBack } = service;
  const scales = mode === 'replicated';
  if (stack === undefined || (!scales && !canRollBack)) return null;
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
      {canRollBack ? (
        <Button kind="quiet" icon="restart" onClick={() => ask({ kind: 'rollback', services: [name] })}>
          Roll back…
        </Button>
      ) : null}
    </div>
  );
}
