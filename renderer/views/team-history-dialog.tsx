import { shellWord } from '../../preload/contract/shell-word.ts';
import type { RecordedDeploy } from '../../preload/contract/swarm-change.ts';
import { Awaited } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { Ago } from '../components/time.tsx';
import { swarmCommand } from '../show/swarm.ts';
import type { AskedChange } from '../show/swarm-change.ts';
import { useOtherEngine } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';

/** Who deployed what, the last five times, and the way back to each; its plan is shown first. */
export function TeamHistoryDialog({
  engine,
  stack,
  onPlan,
  onClose,
}: {
  readonly engine: string;
  readonly stack: string;
  readonly onPlan: (asked: AskedChange) => void;
  readonly onClose: () => void;
}) {
  const other = useOtherEngine();
  const { answer, error } = useAnswer('swarm.history', { engine, stack });
  return (
    <ClosingDialog title={`Deploys of ${stack}`} onClose={onClose}>
      <div className="form">
        {answer === undefined ? (
          <Awaited label="Asking the manager" failed="They could not be listed" error={error} />
        ) : answer.deploys.length === 0 ? (
          <p>Nobody deployed {stack} with claude-env: docker stack keeps no record.</p>
        ) : (
          <ol className="deploys" aria-label={`Deploys of ${stack}, the latest first`}>
            {answer.deploys.map((deploy) => (
              <Deploy
                key={deploy.id}
                deploy={deploy}
                onBack={(to) => onPlan({ stack, change: { kind: 'go-back', to, options: {} } })}
              />
            ))}
          </ol>
        )}
        <CopyLine text={swarmCommand(`stack history -p ${shellWord(stack)}`, other)} what="command" />
      </div>
    </ClosingDialog>
  );
}

function Deploy({
  deploy: { number, at, who, changes, hash, id, back },
  onBack,
}: {
  readonly deploy: RecordedDeploy;
  readonly onBack: (to: string) => void;
}) {
  return (
    <li className="deploy" data-testid={`deploy-${number}`}>
      <div className="deploy-head">
        <strong className="number">{number}</strong>
        <span>{who}</span>
        <span className="muted">
          <Ago since={at} />
        </span>
        <code title={`SHA-256 of the files: ${hash}`}>{hash.slice(0, 12)}</code>
        {back ? (
          <Button kind="quiet" icon="restart" onClick={() => onBack(number === 0 ? id : String(number))}>
            Back to {number}…
          </Button>
        ) : (
          <span className="muted" title="It was too large to be recorded">
            no way back
          </span>
        )}
      </div>
      <p className="deploy-changes">{changes}</p>
    </li>
  );
}
