import { useEffect, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import type { SwarmNode } from '../../preload/contract/swarm.ts';
import type { NodeAction, NodeAdvice } from '../../preload/contract/team.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { actionMeans, actionTitle, actionVerb, actionWords } from '../show/team.ts';
import { useApp, useOtherEngine, useSwarm } from '../store/context.ts';

export interface AskedNode {
  readonly node: SwarmNode;
  readonly action: NodeAction;
}

/** One change of a machine: what it does by name, what it means for the managers, then the question. */
export function TeamNodeDialog({
  engine,
  asked: { node, action },
  onClose,
}: {
  readonly engine: string;
  readonly asked: AskedNode;
  readonly onClose: () => void;
}) {
  const { client } = useApp();
  const other = useOtherEngine();
  const services = useSwarm((state) => state.services);
  const [advice, setAdvice] = useState<NodeAdvice | 'none'>();
  const [error, setError] = useState<AppError>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let left = false;
    client
      .call('team.adviseNode', { engine, node: node.id, action })
      .then((answer) => left || setAdvice(answer.advice ?? 'none'))
      .catch((thrown: unknown) => left || setError(toAppError(thrown)));
    return () => {
      left = true;
    };
  }, [client, engine, node.id, action]);

  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await client.call('team.changeNode', { engine, node: node.id, action });
      onClose();
    } catch (thrown) {
      setError(toAppError(thrown));
      setBusy(false);
    }
  };
  const refused = typeof advice === 'object' && advice.kind === 'refused';
  return (
    <Dialog
      title={actionTitle(node, action)}
      onClose={onClose}
      footer={
        <>
          <Button data-first onClick={onClose}>
            Cancel
          </Button>
          <Button
            kind={action === 'remove' || action === 'drain' ? 'danger' : 'primary'}
            busy={busy}
            disabled={advice === undefined || refused}
            onClick={() => void confirm()}
          >
            {actionVerb(action)}
          </Button>
        </>
      }
    >
      <div className="form">
        {error === undefined ? null : <ErrorNotice error={error} />}
        {actionMeans(node, action, Object.values(services)).map((text) => (
          <p key={text}>{text}</p>
        ))}
        {advice === undefined ? (
          error === undefined && <div className="skeleton" role="status" aria-label="Asking what it means" />
        ) : advice === 'none' ? null : advice.kind === 'fine' ? (
          <p>{advice.advice}</p>
        ) : (
          <Notice severity={advice.kind === 'refused' ? 'bad' : 'warn'} title={advice.advice} />
        )}
        <CopyLine text={swarmCommand(actionWords(node, action), other)} what="command" />
      </div>
    </Dialog>
  );
}
