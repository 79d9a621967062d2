import { useEffect, useId, useRef, useState } from 'react';
import type { KeepIn } from '../../preload/contract/credentials.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { SecretField, type SecretReader } from '../components/secret-field.tsx';
import { useApp, useCredentials, useUi } from '../store/context.ts';
import { KeepChoice } from './keep-choice.tsx';

type Doing = { readonly busy: boolean; readonly error?: AppError };

/** The same as `docker login`; what is kept goes to the keychain, and only after the engine was let in with it. */
export function RegistryLoginDialog() {
  const { ui, credentials } = useApp();
  const target = useUi((state) => state.credentialTarget);
  useEffect(() => credentials.actions.follow(), [credentials]);
  const keychain = useCredentials((state) => state.keychain);
  const [registry, setRegistry] = useState(target.name ?? '');
  const [user, setUser] = useState('');
  const [chosen, setChosen] = useState<KeepIn>();
  const [empty, setEmpty] = useState(true);
  const [tried, setTried] = useState(false);
  const [state, setState] = useState<Doing>({ busy: false });
  const reader: SecretReader = useRef(null);
  const formId = useId();
  const close = () => ui.actions.show(undefined);
  const keep = chosen ?? (keychain.kind === 'available' || keychain.kind === 'asking' ? 'keychain' : 'session');

  const login = async () => {
    setTried(true);
    const password = reader.current?.value ?? '';
    if (user === '' || password === '') return;
    setState({ busy: true });
    try {
      await credentials.actions.login({ registry, user, password, keep });
      close();
    } catch (thrown) {
      setState({ busy: false, error: toAppError(thrown) });
    }
  };
  return (
    <Dialog
      title="Log in to a registry"
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form={formId} kind="primary" busy={state.busy}>
            Log in
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void login();
        }}
      >
        {state.error === undefined ? null : <ErrorNotice title="It was not kept" error={state.error} />}
        <TextField
          label="Registry"
          mono
          data-first
          value={registry}
          placeholder="ghcr.io"
          help="Its host, with the port if it has one. Empty: Docker Hub."
          onChange={(event) => setRegistry(event.target.value.trim())}
        />
        <TextField
          label="User"
          mono
          value={user}
          error={tried && user === '' ? 'Give the user’s name.' : undefined}
          onChange={(event) => setUser(event.target.value.trim())}
        />
        <SecretField
          label="Password or token"
          help="The engine tries it at the registry before it is kept."
          error={tried && empty ? 'Give the password or a token.' : undefined}
          reader={reader}
          onType={setEmpty}
        />
        <KeepChoice keychain={keychain} value={keep} onChange={setChosen} />
        {keep === 'session' ? null : (
          <CopyLine text={`npx claude-env registry login ${registry}`.trim()} what="command" />
        )}
      </form>
    </Dialog>
  );
}

export function RegistryLogoutDialog() {
  const { ui, credentials } = useApp();
  const { name: registry = '' } = useUi((state) => state.credentialTarget);
  const title = useCredentials(({ registries = [] }) => registries.find((one) => one.registry === registry)?.title);
  const [state, setState] = useState<Doing>({ busy: false });
  const [left, setLeft] = useState<string>();
  const close = () => ui.actions.show(undefined);

  const logout = async () => {
    setState({ busy: true });
    try {
      const other = await credentials.actions.logout(registry);
      if (other === undefined) close();
      else setLeft(other);
    } catch (thrown) {
      setState({ busy: false, error: toAppError(thrown) });
    }
  };
  return (
    <Dialog
      title={`Log out of ${title ?? registry}`}
      onClose={close}
      footer={
        left === undefined ? (
          <>
            <Button data-first onClick={close}>
              Cancel
            </Button>
            <Button kind="danger" busy={state.busy} onClick={() => void logout()}>
              Log out
            </Button>
          </>
        ) : (
          <Button onClick={close}>Close</Button>
        )
      }
    >
      {left === undefined ? (
        <p>
          Its login is taken out of the keychain. Images that need one can no longer be pulled, built from or deployed.
        </p>
      ) : (
        <p role="status">It was taken out. Docker’s own login in {left} is used from now on.</p>
      )}
      {state.error === undefined ? null : <ErrorNotice title="It could not be taken out" error={state.error} />}
    </Dialog>
  );
}
