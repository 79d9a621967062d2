import { useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { credentialId, orphaned, scopeWords, takers } from '../show/credentials.ts';
import { useApp, useCredentials, useUi } from '../store/context.ts';

/** Says by name what cannot start any more without it. */
export function CredentialRemoveDialog() {
  const { ui, credentials } = useApp();
  const { key } = useUi((state) => state.credentialTarget);
  const list = useCredentials((state) => state.list) ?? [];
  const looked = useCredentials((state) => state.looked);
  const [state, setState] = useState<{ readonly busy: boolean; readonly error?: AppError }>({ busy: false });
  const credential = key && list.find((one) => credentialId(one.key) === credentialId(key));
  const close = () => ui.actions.show(undefined);
  if (key === undefined || credential === undefined) return null;

  const remove = async () => {
    setState({ busy: true });
    try {
      await credentials.actions.remove(key);
      close();
    } catch (thrown) {
      setState({ busy: false, error: toAppError(thrown) });
    }
  };
  const broken = orphaned(credential, list);
  const users = takers(credential);
  const inMemory = credential.state === 'session';
  return (
    <Dialog
      title={`Delete ${key.name}`}
      onClose={close}
      footer={
        <>
          <Button data-first onClick={close}>
            Cancel
          </Button>
          <Button kind="danger" busy={state.busy} onClick={() => void remove()}>
            Delete
          </Button>
        </>
      }
    >
      <p>
        The value of {key.name} for {scopeWords(key)} goes from{' '}
        {inMemory ? 'memory' : 'the keychain, and cannot be had back from here'}.
      </p>
      {broken.length > 0 ? (
        <>
          <p>What runs keeps its copy. Without it these cannot be started or redeployed:</p>
          <ul className="credential-losses">
            {broken.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      ) : users.length > 0 ? (
        <p>
          Your own {key.name} steps in from the next redeploy on: {users.join(' · ')}
        </p>
      ) : (
        <p>
          {looked
            ? 'No stack that is known here takes it.'
            : 'Which stacks take it is not known yet: their files are still being read.'}
        </p>
      )}
      {state.error === undefined ? null : <ErrorNotice title="It could not be deleted" error={state.error} />}
    </Dialog>
  );
}
