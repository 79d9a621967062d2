import { useEffect, useRef, useState } from 'react';
import { shellWord } from '../../preload/contract/shell-word.ts';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { SecretField, type SecretReader } from '../components/secret-field.tsx';
import { useApp, useCredentials, useUi } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { KeepChoice, useKeep } from './keep-choice.tsx';

/** The same as `docker login`; what is kept goes to the keychain, and only after the engine was let in with it. */
export function RegistryLoginDialog() {
  const { ui, credentials } = useApp();
  const target = useUi((state) => state.credentialTarget);
  useEffect(() => credentials.actions.follow(), [credentials]);
  const [registry, setRegistry] = useState(target.name ?? '');
  const [user, setUser] = useState('');
  const { keep, choose } = useKeep();
  const [empty, setEmpty] = useState(true);
  const [tried, setTried] = useState(false);
  const { busy, error, attempt } = useAttempt();
  const reader: SecretReader = useRef(null);
  const close = () => ui.actions.show(undefined);

  const login = () => {
    setTried(true);
    const password = reader.current?.value ?? '';
    if (user === '' || password === '') return;
    void attempt(() => credentials.actions.login({ registry, user, password, keep }), close);
  };
  return (
    <FormDialog title="Log in to a registry" submit="Log in" busy={busy} onSubmit={login} onClose={close}>
      {error === undefined ? null : <ErrorNotice title="It was not kept" error={error} />}
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
      <KeepChoice value={keep} onChange={choose} />
      {keep === 'session' ? null : (
        <CopyLine
          text={`npx claude-env registry login${registry === '' ? '' : ` ${shellWord(registry)}`}`}
          what="command"
        />
      )}
    </FormDialog>
  );
}

export function RegistryLogoutDialog() {
  const { ui, credentials } = useApp();
  const { name: registry = '' } = useUi((state) => state.credentialTarget);
  const title = useCredentials(({ registries = [] }) => registries.find((one) => one.registry === registry)?.title);
  const { busy, error, attempt } = useAttempt();
  /** Where docker keeps a login of its own for it. */
  const [left, setLeft] = useState<string>();
  const close = () => ui.actions.show(undefined);
  const heading = `Log out of ${title ?? registry}`;

  const logout = () =>
    attempt(
      () => credentials.actions.logout(registry),
      (other) => (other === undefined ? close() : setLeft(other)),
    );
  if (left !== undefined) {
    return (
      <ClosingDialog title={heading} onClose={close}>
        <p role="status">It was taken out. Docker’s own login in {left} is used from now on.</p>
      </ClosingDialog>
    );
  }
  return (
    <FormDialog
      title={heading}
      submit="Log out"
      kind="danger"
      first="cancel"
      busy={busy}
      onSubmit={logout}
      onClose={close}
    >
      <p>
        Its login is taken out of the keychain. Images that need one can no longer be pulled, built from or deployed.
      </p>
      {error === undefined ? null : <ErrorNotice title="It could not be taken out" error={error} />}
    </FormDialog>
  );
}
