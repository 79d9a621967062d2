import { useEffect, useId, useRef, useState } from 'react';
import type { CredentialKey, KeepIn } from '../../preload/contract/credentials.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { SecretField, type SecretReader } from '../components/secret-field.tsx';
import { credentialId, nameMistake, setCommand, takers } from '../show/credentials.ts';
import { useApp, useCredentials, useUi } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { CredentialScope, type ScopeChoice, toKey } from './credential-scope.tsx';
import { KeepChoice, useKeep } from './keep-choice.tsx';

/** A new credential, or another value for one that is there. The value is read from its field once, when it is sent. */
export function CredentialSetDialog() {
  const { ui, credentials } = useApp();
  const target = useUi((state) => state.credentialTarget);
  // It may be opened over another page, and says what is there already and whether there is a keychain.
  useEffect(() => credentials.actions.follow(), [credentials]);
  const list = useCredentials((state) => state.list) ?? [];
  const [name, setName] = useState(target.key?.name ?? target.name ?? '');
  const [scope, setScope] = useState<ScopeChoice>(
    target.project === undefined ? { kind: 'user' } : { kind: 'project', project: target.project },
  );
  const [empty, setEmpty] = useState(true);
  const [tried, setTried] = useState(false);
  const { busy, error, attempt } = useAttempt();
  const reader: SecretReader = useRef(null);
  const close = () => ui.actions.show(undefined);

  const key: CredentialKey | undefined = target.key ?? toKey(name, scope);
  const before = key && list.find((one) => credentialId(one.key) === credentialId(key) && one.state !== 'missing');
  const { keep, choose } = useKeep(before?.state === 'session');
  const wrongName = target.key === undefined ? nameMistake(name) : undefined;

  const save = (where: KeepIn) => {
    setTried(true);
    const value = reader.current?.value ?? '';
    if (wrongName !== undefined || key === undefined || value === '') return;
    void attempt(
      () => credentials.actions.set(key, value, where),
      () => {
        ui.actions.selectCredential(credentialId(key));
        close();
      },
    );
  };
  const refused = error?.code.startsWith('keychain.') === true;
  return (
    <FormDialog
      title={target.key === undefined ? 'Add a credential' : before === undefined ? `Set ${name}` : `Replace ${name}`}
      submit={before === undefined ? 'Save' : 'Replace'}
      busy={busy}
      beside={
        refused && keep === 'keychain' ? (
          <Button busy={busy} onClick={() => save('session')}>
            Keep for this run only
          </Button>
        ) : null
      }
      onSubmit={() => save(keep)}
      onClose={close}
    >
      {error === undefined ? null : <ErrorNotice title="It could not be kept" error={error} />}
      {target.key === undefined ? (
        <>
          <NameField name={name} onChange={setName} error={tried ? wrongName : undefined} />
          <CredentialScope value={scope} onChange={setScope} tried={tried} />
        </>
      ) : (
        <p className="hint">
          {target.key.scope === 'user'
            ? 'For you, in every project.'
            : target.key.scope === 'team'
              ? `For your deploys to the team ${target.key.team}; others keep their own.`
              : `For the project ${target.key.project} alone.`}
        </p>
      )}
      <SecretField
        label="Value"
        help="It is not shown, and not sent anywhere but to the keychain and to the containers that use it."
        error={tried && empty ? 'Give it a value.' : undefined}
        reader={reader}
        first={name !== ''}
        onType={setEmpty}
      />
      <KeepChoice value={keep} onChange={choose} />
      {before === undefined ? null : <Consequence text={takers(before)} />}
      {key === undefined || keep === 'session' ? null : <CopyLine text={setCommand(key)} what="command" />}
    </FormDialog>
  );
}

/** Suggests what stacks need and nobody has. */
function NameField({
  name,
  onChange,
  error,
}: {
  readonly name: string;
  readonly onChange: (name: string) => void;
  readonly error: string | undefined;
}) {
  const id = useId();
  const list = useCredentials((state) => state.list) ?? [];
  const missing = [...new Set(list.filter(({ state }) => state === 'missing').map(({ key }) => key.name))];
  return (
    <>
      <TextField
        label="Name"
        mono
        data-first={name === '' || undefined}
        value={name}
        list={id}
        error={error}
        help="As the compose file has it: ${NAME}, or a secret with environment: NAME."
        onChange={(event) => onChange(event.target.value.trim())}
      />
      <datalist id={id}>
        {missing.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}

function Consequence({ text }: { readonly text: readonly string[] }) {
  if (text.length === 0) return <p className="help">Its value is replaced. No stack that is known here uses it.</p>;
  return (
    <p className="help">
      Its value is replaced. What runs keeps the old one until it is redeployed: {text.join(' · ')}
    </p>
  );
}
