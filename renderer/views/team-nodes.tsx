import { memo, useMemo } from 'react';
import type { SwarmNode } from '../../preload/contract/swarm.ts';
import { Menu } from '../components/menu.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { actionsTitle, TableHead } from '../components/table-head.tsx';
import { availabilityWords, nodeLook, nodeTitle, roleWords, sortedNodes } from '../show/swarm.ts';
import { actionVerb, nodeActions } from '../show/team.ts';
import { labelsText } from '../show/team-labels.ts';
import { useSwarm } from '../store/context.ts';
import type { AskedNode } from './team-node-dialog.tsx';

const columns = [
  ['t-name', 'Node'],
  ['t-role', 'Role'],
  ['t-state', 'State'],
  ['t-availability', 'Availability'],
  ['t-machine', 'Machine'],
  ['t-address', 'Address'],
  ['t-engine', 'Engine'],
] as const;

/** The machines of the Swarm, as far as this engine knows them; `onAct` where it can change them. */
export function TeamNodes({
  onAct,
  onLabels,
}: {
  readonly onAct: ((asked: AskedNode) => void) | undefined;
  readonly onLabels: (node: SwarmNode) => void;
}) {
  const nodes = useSwarm((state) => state.nodes);
  const rows = useMemo(() => sortedNodes(nodes), [nodes]);
  if (rows.length === 0) return null;
  return (
    <section className="team-part" aria-labelledby="team-nodes">
      <h2 id="team-nodes">Nodes</h2>
      <table className="list-table team-table">
        <TableHead columns={onAct === undefined ? columns : [...columns, ['t-more', actionsTitle]]} />
        <tbody>
          {rows.map((node) => (
            <NodeRow key={node.id} node={node} onAct={onAct} onLabels={onLabels} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const NodeRow = memo(function NodeRow({
  node,
  onAct,
  onLabels,
}: {
  readonly node: SwarmNode;
  readonly onLabels: (node: SwarmNode) => void;
  readonly onAct: ((asked: AskedNode) => void) | undefined;
}) {
  const look = nodeLook(node);
  return (
    <tr data-testid={`node-${nodeTitle(node)}`} data-state={node.state}>
      <td className="t-name" title={node.id}>
        <StateShape look={look} />
        <span className="ellipsis">{nodeTitle(node)}</span>
        {node.here ? <span className="count">this engine</span> : null}
      </td>
      <td className="t-role">{roleWords(node)}</td>
      <td className={`t-state tone-text-${look.tone}`} title={node.message}>
        {look.label}
        {node.message === '' ? null : <span className="team-note"> {node.message}</span>}
      </td>
      <td className={node.availability === 'active' ? 't-availability' : 't-availability tone-text-warn'}>
        {node.engine === '' ? '–' : availabilityWords[node.availability]}
      </td>
      <td className="t-machine" title={labelsText(node.labels)}>
        {node.machine ?? '–'}
      </td>
      <td className="t-address mono" title={node.address}>
        {node.address}
      </td>
      <td className="t-engine" title={node.platform}>
        {node.engine === '' ? '–' : node.engine}
      </td>
      {onAct === undefined ? null : (
        <td className="t-more">
          <Menu
            label={`Change ${nodeTitle(node)}`}
            icon="more"
            entries={[
              { label: 'Labels…', run: () => onLabels(node) },
              ...nodeActions(node).map((action) => ({
                label: `${actionVerb(action)}…`,
                run: () => onAct({ node, action }),
                danger: action === 'remove',
                apart: action === 'remove',
              })),
            ]}
          />
        </td>
      )}
    </tr>
  );
});
