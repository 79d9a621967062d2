import { shellWord } from '../../preload/contract/shell-word.ts';
import { sizeText } from '../../preload/contract/size-text.ts';
import type { VolumeBackup } from '../../preload/contract/volume-backup.ts';
import { Awaited } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { Ago } from '../components/time.tsx';
import { swarmCommand } from '../show/swarm.ts';
import type { AskedChange } from '../show/swarm-change.ts';
import { useApp } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { useConfirm } from '../store/use-confirm.ts';

/** Copies of the stack's volumes on this machine: one is put back after its plan, or removed. */
export function TeamCopiesDialog({
  stack,
  onPlan,
  onClose,
}: {
  readonly stack: string;
  readonly onPlan: (asked: AskedChange) => void;
  readonly onClose: () => void;
}) {
  const { client } = useApp();
  const { answer, error, again } = useAnswer('swarm.backups', { stack });
  const {
    busy,
    error: refused,
    part: list,
    asked: removing,
    ask,
    confirm,
  } = useConfirm<string, HTMLOListElement>(async (backup) => {
    await client.call('swarm.removeBackup', { backup });
    again();
  });
  return (
    <ClosingDialog title={`Copies of volumes of ${stack}`} onClose={onClose}>
      <div className="form">
        {refused === undefined ? null : <ErrorNotice title="It was not removed" error={refused} />}
        {answer === undefined ? (
          <Awaited label="Looking for copies" failed="They could not be listed" error={error} />
        ) : answer.backups.length === 0 ? (
          <p>
            This machine has none. The plan of a deploy offers to make them, where a service that changes keeps data in
            a volume.
          </p>
        ) : (
          <ol ref={list} className="deploys" aria-label="Copies, the latest first" tabIndex={-1}>
            {answer.backups.map((copy) => (
              <Copy key={copy.id} copy={copy}>
                {removing === copy.id ? (
                  <Notice
                    severity="warn"
                    title={`${copy.file} will be gone for good.`}
                    actions={
                      <>
                        <Button kind="danger" busy={busy} onClick={() => confirm(copy.id)}>
                          Remove it
                        </Button>
                        <Button onClick={() => ask(undefined)}>Keep it</Button>
                      </>
                    }
                  />
                ) : (
                  <div className="copy-acts">
                    <Button
                      kind="quiet"
                      icon="restart"
                      onClick={() => onPlan({ stack, change: { kind: 'restore-volume', from: copy.id } })}
                    >
                      Restore…
                    </Button>
                    <Button kind="quiet" onClick={() => ask(copy.id)}>
                      Remove…
                    </Button>
                  </div>
                )}
              </Copy>
            ))}
          </ol>
        )}
        <CopyLine text={swarmCommand(`stack backups ${shellWord(stack)}`, undefined)} what="command" />
      </div>
    </ClosingDialog>
  );
}

function Copy({
  copy: { id, volume, node, at, bytes, image, reason, inUse, file },
  children,
}: {
  readonly copy: VolumeBackup;
  readonly children: React.ReactNode;
}) {
  return (
    <li className="deploy" data-testid={`copy-${id}`}>
      <div className="deploy-head">
        <strong title={file}>
          {volume} on {node}
        </strong>
        <span className="muted">
          <Ago since={at} />
        </span>
        <span className="number muted">{sizeText(bytes)}</span>
      </div>
      <p className="deploy-changes">
        {image.replace(/@.*$/, '')}, {reason}
        {inUse ? ', while it ran: what was written meanwhile may not fit together' : ''}
      </p>
      {children}
    </li>
  );
}
