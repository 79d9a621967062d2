import { useRef, useState } from 'react';
import { Button } from '../components/button.tsx';
import { CopyButton, CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { SecretField, type SecretReader } from '../components/secret-field.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Failed, Outcome } from './team-parts.tsx';

interface Props {
  readonly engine: string;
  readonly onClose: () => void;
}

/** Whether managers need a key after a restart. It goes to the keychain; only where there is none is it shown, once. */
export function TeamAutolockDialog({ engine, isOn, onClose }: Props & { readonly isOn: boolean }) {
  const { client } = useApp();
  const other = useOtherEngine();
  const { busy, error, attempt } = useAttempt();
  const [key, setKey] = useState<string>();
  const turn = (on: boolean) =>
    attempt(
      () => client.call('team.autolock', { engine, on }),
      ({ unlockKey }) => (unlockKey === undefined ? onClose() : setKey(unlockKey)),
    );
  if (key !== undefined) return <UnlockKeyDialog unlockKey={key} onClose={onClose} />;
  return (
    <FormDialog
      title={isOn ? 'Autolock is on' : 'Turn autolock on'}
      submit={isOn ? 'Turn it off' : 'Turn it on'}
      first="cancel"
      busy={busy}
      beside={
        isOn ? (
          <Button busy={busy} onClick={() => void turn(true)}>
            New key
          </Button>
        ) : undefined
      }
      onSubmit={() => void turn(!isOn)}
      onClose={onClose}
    >
      <Failed title="Nothing was changed" error={error} />
      <p>
        With autolock a manager’s keys and secrets are encrypted on its disk, and each manager needs the unlock key
        after a restart of its engine, or of its machine, before it takes part again.
      </p>
      <p>
        The key goes to this machine’s keychain. The others need it as well: <code>docker swarm unlock-key</code> on a
        manager shows it. Without the key, what a locked manager has is lost.
      </p>
      {isOn ? (
        <p>A new key takes the old one’s place; managers that are away keep the old one until they answer.</p>
      ) : null}
      <CopyLine text={swarmCommand(`team autolock ${isOn ? 'off' : 'on'}`, other)} what="command" />
    </FormDialog>
  );
}

function UnlockKeyDialog({ unlockKey, onClose }: { readonly unlockKey: string; readonly onClose: () => void }) {
  return (
    <Dialog title="Autolock is on" onClose={onClose} footer={<Button onClick={onClose}>I have kept it</Button>}>
      <Outcome>
        <Notice severity="warn" title="There is no keychain here, so the key is shown this once. Write it down." />
        <p>
          <code className="mono" data-testid="unlock-key">
            {unlockKey}
          </code>{' '}
          <CopyButton text={unlockKey} what="unlock key" label="Copy" />
        </p>
      </Outcome>
    </Dialog>
  );
}

/** After a restart of a manager with autolock: the keychain's key, or one that is typed. */
export function TeamUnlockDialog({ engine, onClose }: Props) {
  const { client } = useApp();
  const other = useOtherEngine();
  const reader: SecretReader = useRef(null);
  const { busy, error, attempt } = useAttempt();
  const [waiting, setWaiting] = useState(false);
  const [wrong, setWrong] = useState(false);
  const unlock = () => {
    const key = reader.current?.value.trim() ?? '';
    const isKey = key === '' || /^SWMKEY-1-[A-Za-z0-9+/]{20,100}$/.test(key);
    setWrong(!isKey);
    if (!isKey) {
      reader.current?.focus();
      return;
    }
    void attempt(
      () => client.call('team.unlock', { engine, ...(key === '' ? {} : { key }) }),
      (done) => (done.waiting ? setWaiting(true) : onClose()),
    );
  };
  return (
    <FormDialog title="Unlock this manager" submit="Unlock" busy={busy} onSubmit={unlock} onClose={onClose}>
      <Failed title="It is still locked" error={error} />
      {waiting ? (
        <Notice
          severity="note"
          title="The key was taken. Too few managers answer yet; it goes on by itself when they do."
        />
      ) : null}
      <SecretField
        label="Unlock key (optional)"
        help="SWMKEY-1-… Left empty, the keychain’s is taken."
        error={wrong ? 'That is no unlock key: they begin with SWMKEY-1-.' : undefined}
        reader={reader}
        first
        onType={() => setWrong(false)}
      />
      <CopyLine text={swarmCommand('team unlock', other)} what="command" />
    </FormDialog>
  );
}
