import { useState } from 'react';
import type { SwarmNode } from '../../preload/contract/swarm.ts';
import { CopyLine } from '../components/copy-button.tsx';
import { TextArea } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { nodeTitle, swarmCommand } from '../show/swarm.ts';
import { labelChanges, labelsText, labelWords, readLabels } from '../show/team-labels.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Failed } from './team-parts.tsx';

/** A machine's labels, by which services are placed; one a line. */
export function TeamLabelsDialog({
  engine,
  node,
  onClose,
}: {
  readonly engine: string;
  readonly node: SwarmNode;
  readonly onClose: () => void;
}) {
  const { client } = useApp();
  const other = useOtherEngine();
  const [text, setText] = useState(labelsText(node.labels));
  const { busy, error, attempt } = useAttempt();
  const read = readLabels(text);
  const changes = 'mistake' in read ? {} : labelChanges(node.labels, read.labels);
  const isChanged = Object.keys(changes).length > 0;
  return (
    <FormDialog
      title={`Labels of ${nodeTitle(node)}`}
      submit="Set labels"
      busy={busy}
      disabled={!isChanged}
      onSubmit={() => attempt(() => client.call('team.label', { engine, node: node.id, labels: changes }), onClose)}
      onClose={onClose}
    >
      <Failed title="The labels were not changed" error={error} />
      <TextArea
        label="One label a line"
        data-first
        mono
        rows={6}
        placeholder="disk=ssd"
        value={text}
        error={'mistake' in read ? read.mistake : undefined}
        help="KEY=VALUE. Services are placed by them: node.labels.disk == ssd. A change may move tasks."
        onChange={(event) => setText(event.target.value)}
      />
      {isChanged ? <CopyLine text={swarmCommand(labelWords(node, changes), other)} what="command" /> : null}
    </FormDialog>
  );
}
