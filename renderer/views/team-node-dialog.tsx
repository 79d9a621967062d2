import type { SwarmNode } from '../../preload/contract/swarm.ts';
import type { NodeAction } from '../../preload/contract/team.ts';
import { Awaited } from '../components/awaited.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { actionMeans, actionTitle, actionVerb, actionWords } from '../show/team.ts';
import { useApp, useOtherEngine, useSwarm } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Failed } from './team-parts.tsx';

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
  const { answer, error } = useAnswer('team.adviseNode', { engine, node: node.id, action });
  const { busy, error: failed, attempt } = useAttempt();
  const advice = answer?.advice;

  const confirm = () => attempt(() => client.call('team.changeNode', { engine, node: node.id, action }), onClose);
  return (
    <FormDialog
      title={actionTitle(node, action)}
      submit={actionVerb(action)}
      kind={action === 'remove' || action === 'drain' ? 'danger' : 'primary'}
      first="cancel"
      busy={busy}
      disabled={answer === undefined || advice?.kind === 'refused'}
      onSubmit={confirm}
      onClose={onClose}
    >
      <Failed error={failed} />
      {actionMeans(node, action, Object.values(services)).map((text) => (
        <p key={text}>{text}</p>
      ))}
      {answer === undefined ? (
        <Awaited label="Asking what it means" error={error} />
      ) : advice === undefined ? null : advice.kind === 'fine' ? (
        <p>{advice.advice}</p>
      ) : (
        <Notice severity={advice.kind === 'refused' ? 'bad' : 'warn'} title={advice.advice} />
      )}
      <CopyLine text={swarmCommand(actionWords(node, action), other)} what="command" />
    </FormDialog>
  );
}
