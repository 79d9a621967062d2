import { Awaited } from '../components/awaited.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { Prose } from '../components/prose.tsx';
import { useAnswer } from '../store/use-answer.ts';

/** How a manager's state is kept and brought back. It is done by hand, as root: no engine stops itself. */
export function TeamBackupDialog({ engine, onClose }: { readonly engine: string; readonly onClose: () => void }) {
  return (
    <ClosingDialog title="Back up the Swarm’s state" onClose={onClose}>
      <div className="form">
        <p>
          Services, secrets, nodes and keys, as this manager knows them. Only a stopped engine can be copied, so it is
          done in a terminal on its machine.
        </p>
        <BackupSteps engine={engine} />
        <p>
          To have it back: stop the engine there, <code>team restore</code> with the same folder and the file, start it;
          where the other managers are gone for good, recover from here.
        </p>
        <CopyLine text="npx claude-env team restore --root FOLDER --from swarm-backup.tar.gz" what="command" />
      </div>
    </ClosingDialog>
  );
}

/** The commands, with this engine's own folder, each to be copied. */
export function BackupSteps({ engine }: { readonly engine: string }) {
  const { answer, error } = useAnswer('team.guideBackup', { engine });
  if (answer === undefined) {
    return <Awaited label="Asking where its state is" failed="There is no guide to a backup now" error={error} />;
  }
  return (
    <ul className="guide" aria-label="How it is backed up">
      {answer.steps.map((step) =>
        step.startsWith('  ') ? (
          <li key={step}>
            <CopyLine text={step.trim().replace(/ +#.*$/, '')} what="command" />
          </li>
        ) : (
          <li key={step}>
            <Prose text={step} />
          </li>
        ),
      )}
    </ul>
  );
}
