import { useState } from 'react';
import { CopyLine } from '../components/copy-button.tsx';
import { CheckField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { nodeTitle, sortedNodes, swarmCommand } from '../show/swarm.ts';
import { useApp, useOtherEngine, useSwarm } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Failed } from './team-parts.tsx';

/** Through a loss of quorum: what cures it, and going on alone where nothing else is left. */
export function TeamRecoverDialog({ engine, onClose }: { readonly engine: string; readonly onClose: () => void }) {
  const { client } = useApp();
  const other = useOtherEngine();
  const nodes = useSwarm((state) => state.nodes);
  const [gone, setGone] = useState(false);
  const { busy, error, attempt } = useAttempt();
  const others = sortedNodes(nodes).filter(({ role, here }) => role === 'manager' && !here);
  return (
    <FormDialog
      title="Recover from a lost quorum"
      submit="Go on alone"
      kind="danger"
      first="cancel"
      busy={busy}
      disabled={!gone}
      onSubmit={() => attempt(() => client.call('team.recover', { engine }), onClose)}
      onClose={onClose}
    >
      <Failed title="The Swarm has not been recovered" error={error} />
      <p>Too few managers answer, so nothing in the Swarm can be changed. What runs goes on.</p>
      <ol className="guide">
        <li>
          Can the others come back{others.length === 0 ? '' : ` (${others.map(nodeTitle).join(', ')})`}? Start them, or
          their network: that is the whole cure, and this page shows it when it works.
        </li>
        <li>
          If they are gone for good, this manager goes on alone, with all services, secrets and nodes that it knows.
          What they decided and this one had not heard is lost.
        </li>
        <li>
          They must then never come back as managers: on each of them <code>docker swarm leave --force</code>, then join
          anew. Two halves of a team that both go on cannot be made one again.
        </li>
        <li>Afterwards promote others soon, and remove the dead ones from the list of nodes.</li>
      </ol>
      <CheckField
        label="The other managers are gone for good"
        checked={gone}
        onChange={(event) => setGone(event.target.checked)}
      />
      <CopyLine text={swarmCommand('team recover', other)} what="command" />
    </FormDialog>
  );
}
