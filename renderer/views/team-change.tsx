import { useCallback, useEffect, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { AppError } from '../../preload/contract/errors.ts';
import { toStackId } from '../../preload/contract/ids.ts';
import type { Plan } from '../../preload/contract/model.ts';
import type { SwarmChange, SwarmService } from '../../preload/contract/swarm.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { ReplicaForm } from '../components/replica-form.tsx';
import { changeWords, shortName, swarmCommand } from '../show/swarm.ts';
import { useApp, useOperations, useOtherEngine, useSwarm } from '../store/context.ts';
import { OperationDock } from './operation-dock.tsx';
import { PlanBody } from './plan-body.tsx';

export interface AskedChange {
  readonly service: SwarmService;
  readonly change: SwarmChange;
}

/** Of a stack's service: another number of tasks, and back to what ran before. Both show their plan first. */
export function ServiceControls({
  service,
  onChange,
}: {
  readonly service: SwarmService;
  readonly onChange: (asked: AskedChange) => void;
}) {
  const scales = service.mode === 'replicated';
  if (service.stack === undefined || (!scales && !service.canRollBack)) return null;
  return (
    <div className="team-controls">
      {scales ? (
        <ReplicaForm
          label="How many tasks"
          now={service.desired}
          onScale={(replicas) => onChange({ service, change: { kind: 'scale', service: service.name, replicas } })}
        />
      ) : null}
      {service.canRollBack ? (
        <Button
          kind="quiet"
          icon="restart"
          onClick={() => onChange({ service, change: { kind: 'rollback', service: service.name } })}
        >
          Roll back…
        </Button>
      ) : null}
    </div>
  );
}

interface Shown {
  readonly plan?: Plan;
  readonly error?: AppError;
  readonly busy?: boolean;
}

/** The plan of a change, which is done only when it is confirmed; one that no longer holds is made anew and shown. */
export function TeamChangeDialog({
  engine,
  asked: { service, change },
  onClose,
}: {
  readonly engine: string;
  readonly asked: AskedChange;
  readonly onClose: () => void;
}) {
  const { client } = useApp();
  const other = useOtherEngine();
  const [{ plan, error, busy }, show] = useState<Shown>({});
  const stack = service.stack ?? '';
  const look = useCallback(async () => {
    try {
      show({ plan: await client.call('swarm.plan', { engine, stack, change }) });
    } catch (thrown) {
      show({ error: toAppError(thrown) });
    }
  }, [client, engine, stack, change]);
  useEffect(() => void look(), [look]);

  const confirm = async () => {
    if (plan === undefined) return;
    show({ plan, busy: true });
    try {
      await client.call('swarm.run', { engine, stack, change, fingerprint: plan.fingerprint });
      onClose();
    } catch (thrown) {
      const said = toAppError(thrown);
      if (said.code === 'plan.changed') await look();
      show((now) => ({ ...now, error: said, busy: false }));
    }
  };
  const scale = change.kind === 'scale';
  const title = scale ? `Scale ${shortName(service)} to ${change.replicas}` : `Roll ${shortName(service)} back`;
  const possible = plan !== undefined && plan.problems.length === 0 && plan.steps.length > 0;
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy === true} disabled={!possible} onClick={() => void confirm()}>
            {scale ? 'Scale' : 'Roll back'}
          </Button>
        </>
      }
    >
      {error === undefined ? null : <ErrorNotice error={error} />}
      {plan === undefined ? (
        error === undefined && (
          <div className="skeleton" role="status" aria-label="Asking the manager what this would do" />
        )
      ) : (
        <PlanBody plan={plan} environment={undefined} sources={{}} onOpen={() => undefined} onReplan={look} />
      )}
      <CopyLine text={swarmCommand(changeWords(service, change), other)} what="command" />
    </Dialog>
  );
}

/** What was started here, or by another window, on the Swarm's stacks. */
export function TeamOperations({ engine }: { readonly engine: string }) {
  const stacks = useSwarm(
    useShallow(({ services }) => [...new Set(Object.values(services).flatMap(({ stack }) => stack ?? []))].sort()),
  );
  const active = useOperations(
    useShallow(({ byId }) => {
      const known = new Set(Object.values(byId).map((operation) => operation.stack));
      return stacks.map((stack) => toStackId(engine, stack)).filter((id) => known.has(id));
    }),
  );
  return active.map((id) => <OperationDock key={id} stack={id} />);
}
