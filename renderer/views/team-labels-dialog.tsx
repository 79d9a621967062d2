import { useState } from 'react';
import type { SwarmNode } from '../../preload/contract/swarm.ts';
import { CopyLine } from '../components/copy-button.tsx';
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
      <div className="field">
        <label htmlFor="node-labels">One label a line</label>
        <textarea
          id="node-labels"
          data-first
          className={`input mono ${'mistake' in read ? 'invalid' : ''}`}
          rows={6}
          spellCheck={false}
          placeholder="disk=ssd"
          value={text}
          aria-invalid={'mistake' in read || undefined}
          aria-describedby="node-labels-help"
          onChange={(event) => setText(event.target.value)}
        />
        <div id="node-labels-help" className={'mistake' in read ? 'help bad' : 'help'}>
          {'mistake' in read
            ? read.mistake
            : 'KEY=VALUE. Services are placed by them: node.labels.disk == ssd. A change may move tasks.'}
        </div>
      </div>
      {isChanged ? <CopyLine text={swarmCommand(labelWords(node, changes), other)} what="command" /> : null}
    </FormDialog>
  );
}
