import { shellWord } from '../../preload/contract/shell-word.ts';
import type { TriedPort } from '../../preload/contract/swarm-data.ts';
import { Awaited } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { DiagnosticList } from '../components/diagnostics.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { TableHead } from '../components/table-head.tsx';
import { portLook, swarmCommand } from '../show/swarm.ts';
import { plural } from '../show/words.ts';
import { useOtherEngine } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';

const columns = [
  ['p-service', 'Service'],
  ['p-port', 'Port'],
  ['p-node', 'Node'],
  ['p-answer', 'From this machine'],
] as const;

/** Whether what the stack publishes answers, on each node where it should; what is wrong, with what to do. */
export function TeamPortsDialog({
  engine,
  stack,
  onClose,
}: {
  readonly engine: string;
  readonly stack: string;
  readonly onClose: () => void;
}) {
  const other = useOtherEngine();
  const { answer, error, asking, again } = useAnswer('swarm.tryPorts', { engine, stack });
  return (
    <ClosingDialog
      title={`Ports of ${stack}`}
      onClose={onClose}
      beside={
        <Button busy={asking} onClick={again}>
          Try again
        </Button>
      }
    >
      <div className="form">
        {answer === undefined ? (
          <>
            {error === undefined ? <p role="status">Trying each port on its nodes, for three seconds each…</p> : null}
            <Awaited label="Trying the ports" failed="The ports could not be tried" error={error} />
          </>
        ) : (
          <>
            {answer.findings.length === 0 ? null : (
              <Notice severity="warn" title={plural(answer.findings.length, 'thing to know', 'things to know')}>
                <DiagnosticList diagnostics={answer.findings} />
              </Notice>
            )}
            {answer.ports.length === 0 ? (
              <p>{stack} publishes no ports.</p>
            ) : (
              <table className="list-table tried-ports" aria-label={`Ports of ${stack}, by node`}>
                <TableHead columns={columns} />
                <tbody>
                  {answer.ports.flatMap((port) =>
                    placesOf(port).map(({ node, look }) => (
                      <tr key={`${port.service} ${portName(port)} ${node}`}>
                        <td>{port.service}</td>
                        <td className="mono" title={modeTitle[port.mode]}>
                          {portName(port)}
                        </td>
                        <td>{node}</td>
                        <td data-testid={`port-${port.published}-${node}`}>
                          <StateShape look={look} />
                          <span className={`tone-text-${look.tone}`}>{look.label}</span>
                        </td>
                      </tr>
                    )),
                  )}
                </tbody>
              </table>
            )}
          </>
        )}
        <CopyLine text={swarmCommand(`stack status --ports ${shellWord(stack)}`, other)} what="command" />
      </div>
    </ClosingDialog>
  );
}

const modeTitle = { ingress: 'The mesh answers on every node', host: 'On nodes with a task' } as const;
const portName = ({ published, target, protocol }: TriedPort): string =>
  `${published}→${target}${protocol === 'tcp' ? '' : `/${protocol}`}`;
const placesOf = ({ nodes }: TriedPort) =>
  nodes.length === 0
    ? [{ node: '–', look: portLook(undefined) }]
    : nodes.map(({ node, answer }) => ({ node, look: portLook(answer) }));
