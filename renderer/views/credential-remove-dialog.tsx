import { FormDialog } from '../components/form-dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { credentialId, orphaned, scopeWords, takers } from '../show/credentials.ts';
import { useApp, useCredentials, useUi } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';

/** Says by name what cannot start any more without it. */
export function CredentialRemoveDialog() {
  const { ui, credentials } = useApp();
  const { key } = useUi((state) => state.credentialTarget);
  const list = useCredentials((state) => state.list) ?? [];
  const looked = useCredentials((state) => state.looked);
  const { busy, error, attempt } = useAttempt();
  const credential = key && list.find((one) => credentialId(one.key) === credentialId(key));
  const close = () => ui.actions.show(undefined);
  if (key === undefined || credential === undefined) return null;

  const remove = () => attempt(() => credentials.actions.remove(key), close);
  const broken = orphaned(credential, list);
  const users = takers(credential);
  const inMemory = credential.state === 'session';
  return (
    <FormDialog
      title={`Delete ${key.name}`}
      submit="Delete"
      kind="danger"
      first="cancel"
      busy={busy}
      onSubmit={remove}
      onClose={close}
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
      {error === undefined ? null : <ErrorNotice title="It could not be deleted" error={error} />}
    </FormDialog>
  );
}
