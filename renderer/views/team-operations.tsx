import { useShallow } from 'zustand/react/shallow';
import { splitId } from '../../preload/contract/ids.ts';
import type { Operation } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { type AskedChange, operatedStacks, undoable } from '../show/swarm-change.ts';
import { useOperations, useSwarm } from '../store/context.ts';
import { OperationDock } from './operation-dock.tsx';

interface Props {
  readonly engine: string;
  readonly onChange: (asked: AskedChange) => void;
}

/** What was started here, or by another window, on the Swarm's stacks; what failed offers the way back. */
export function TeamOperations({ engine, onChange }: Props) {
  const stacks = useOperations(useShallow(({ byId }) => operatedStacks(byId, engine)));
  return stacks.map((stack) => (
    <OperationDock
      key={stack}
      stack={stack}
      offer={(operation) => <RollBackOffer operation={operation} onChange={onChange} />}
    />
  ));
}

function RollBackOffer({
  operation,
  onChange,
}: {
  readonly operation: Operation;
  readonly onChange: Props['onChange'];
}) {
  const names = useSwarm(useShallow(({ services }) => undoable(operation, services).map(({ name }) => name)));
  if (names.length === 0) return null;
  const { project } = splitId(operation.stack);
  return (
    <Button icon="restart" onClick={() => onChange({ stack: project, change: { kind: 'rollback', services: names } })}>
      Roll back…
    </Button>
  );
}
