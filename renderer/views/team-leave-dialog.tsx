import { useState } from 'react';
import type { Output } from '../../preload/contract/api.ts';
import { Awaited } from '../components/awaited.tsx';
import { Choices } from '../components/choices.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { BackupSteps } from './team-backup-dialog.tsx';
import { Failed, Outcome, Warnings } from './team-parts.tsx';

type Way = 'backup' | 'without';

/** What breaks, then the question. The only manager is asked for a backup: the Swarm ends with it. */
export function TeamLeaveDialog({ engine, onClose }: { readonly engine: string; readonly onClose: () => void }) {
  const { client } = useApp();
  const other = useOtherEngine();
  const { answer: leaving, error } = useAnswer('team.adviseLeaving', { engine });
  const [way, setWay] = useState<Way>('backup');
  const [backup, setBackup] = useState('');
  const { busy, error: refused, attempt } = useAttempt();
  const [left, setLeft] = useState<Output<'team.leave'>>();
  const ends = leaving?.last === true;
  const flags = ends ? (way === 'backup' ? ' --backup FILE' : ' --without-backup') : '';
  const leave = () =>
    attempt(
      () =>
        client.call('team.leave', {
          engine,
          withoutBackup: ends && way === 'without',
          ...(ends && way === 'backup' ? { backup: backup.trim() } : {}),
        }),
      (left) => (left.notes.length === 0 ? onClose() : setLeft(left)),
    );
  if (left !== undefined) return <LeftDialog {...left} onClose={onClose} />;
  return (
    <FormDialog
      title={leaving === undefined ? 'Leave the team' : ends ? `End ${leaving.team}` : `Leave ${leaving.team}`}
      submit={ends ? 'Leave, and end it' : 'Leave'}
      kind="danger"
      first="cancel"
      busy={busy}
      disabled={leaving === undefined || (ends && way === 'backup' && backup.trim() === '')}
      onSubmit={leave}
      onClose={onClose}
    >
      <Failed title="This machine has not left" error={refused} />
      {leaving === undefined ? (
        <Awaited label="Asking what breaks" failed="It cannot leave now" error={error} />
      ) : (
        <Notice severity={ends ? 'bad' : 'warn'} title="What breaks">
          <ul className="losses">
            {leaving.breaks.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Notice>
      )}
      {ends ? (
        <>
          <Choices
            legend="The Swarm’s state"
            value={way}
            onChange={setWay}
            options={[
              {
                value: 'backup',
                label: 'there is a backup',
                help: 'Made as below; the Swarm can be had back from it.',
              },
              { value: 'without', label: 'no backup', help: 'It is gone for good, with its secrets.' },
            ]}
          />
          {way === 'backup' ? (
            <>
              <TextField
                label="Backup file"
                mono
                value={backup}
                placeholder="/root/swarm-backup.tar.gz"
                help="Full path. It is looked at before anything is left."
                onChange={(event) => setBackup(event.target.value)}
              />
              <BackupSteps engine={engine} />
            </>
          ) : null}
        </>
      ) : null}
      <CopyLine text={swarmCommand(`team leave${flags}`, other)} what="command" />
    </FormDialog>
  );
}

/** What there is to know after leaving. */
export function LeftDialog({
  team,
  notes,
  onClose,
}: {
  readonly team: string;
  readonly notes: readonly string[];
  readonly onClose: () => void;
}) {
  return (
    <ClosingDialog title={`This machine has left ${team}`} onClose={onClose}>
      <Outcome>
        <Warnings texts={notes} />
      </Outcome>
    </ClosingDialog>
  );
}
