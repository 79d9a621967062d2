import { useRef, useState } from 'react';
import type { CredentialKey, KeepIn } from '../../preload/contract/credentials.ts';
import type { SourceLocation } from '../../preload/contract/errors.ts';
import { splitId } from '../../preload/contract/ids.ts';
import type { Plan } from '../../preload/contract/model.ts';
import type { MissingValue, PlanCredential } from '../../preload/contract/plan-values.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { PlaceLink } from '../components/place-link.tsx';
import { SecretField } from '../components/secret-field.tsx';
import { plural } from '../show/words.ts';
import { useApp, useCredentials } from '../store/context.ts';
import { CredentialScope, type ScopeChoice, toKey } from './credential-scope.tsx';
import { KeepChoice } from './keep-choice.tsx';

const sources: Readonly<Record<PlanCredential['source'], string>> = {
  project: 'from the keychain, project',
  user: 'from the keychain, user',
  session: 'for this run only',
};

/** Which credential goes to which services. What was never given to this folder is agreed to by applying the plan. */
export function PlanCredentials({ credentials }: { readonly credentials: readonly PlanCredential[] }) {
  const first = credentials.filter(({ agreed }) => !agreed);
  const known = credentials.filter(({ agreed }) => agreed);
  return (
    <>
      {first.length === 0 ? null : (
        <Notice
          severity="warn"
          title={`This project asks for ${plural(first.length, 'credential', 'credentials')} of yours for the first time`}
        >
          <CredentialList credentials={first} />
          <p className="hint">
            Applying the plan gives {first.length === 1 ? 'it' : 'them'} to these services, now and later. A file that
            came with a repository can ask for any name.
          </p>
        </Notice>
      )}
      {known.length === 0 ? null : (
        <section aria-label="Credentials that are given">
          <p className="hint">Gives {plural(known.length, 'credential', 'credentials')}:</p>
          <CredentialList credentials={known} />
        </section>
      )}
    </>
  );
}

function CredentialList({ credentials }: { readonly credentials: readonly PlanCredential[] }) {
  return (
    <ul className="losses">
      {credentials.map(({ name, source, services }) => (
        <li key={name}>
          <strong className="mono">{name}</strong> <span className="muted">({sources[source]})</span> to{' '}
          {services.join(', ')}
        </li>
      ))}
    </ul>
  );
}

/** A field for each value that nobody has. Saving one plans again. */
export function MissingValues({
  plan,
  onOpen,
  onSaved,
}: {
  readonly plan: Plan;
  readonly onOpen: (where: SourceLocation) => void;
  readonly onSaved: () => void;
}) {
  const missing = plan.missing ?? [];
  const required = missing.some((one) => one.required);
  if (missing.length === 0) return null;
  return (
    <Notice
      severity={required ? 'bad' : 'warn'}
      title={`${plural(missing.length, 'value is', 'values are')} missing${required ? '' : ', and would be blank'}`}
    >
      {missing.map((one) => (
        <MissingValueForm key={one.name} stack={plan.stack} missing={one} onOpen={onOpen} onSaved={onSaved} />
      ))}
    </Notice>
  );
}

function MissingValueForm({
  stack,
  missing,
  onOpen,
  onSaved,
}: {
  readonly stack: string;
  readonly missing: MissingValue;
  readonly onOpen: (where: SourceLocation) => void;
  readonly onSaved: () => void;
}) {
  const { credentials } = useApp();
  const keychain = useCredentials((state) => state.keychain);
  const { name, message, where } = missing;
  const [scope, setScope] = useState<ScopeChoice>({ kind: 'project', project: splitId(stack).project });
  const [chosen, setChosen] = useState<KeepIn>();
  const [empty, setEmpty] = useState(true);
  const [state, setState] = useState<{ readonly busy: boolean; readonly error?: string }>({ busy: false });
  const reader = useRef<HTMLInputElement | HTMLTextAreaElement>(null);
  const canKeep = keychain.kind === 'available' || keychain.kind === 'asking';
  const keep = chosen ?? (canKeep ? 'keychain' : 'session');

  const save = async (key: CredentialKey | undefined) => {
    const value = reader.current?.value ?? '';
    if (key === undefined || value === '') return;
    setState({ busy: true });
    try {
      await credentials.actions.set(key, value, keep);
      setState({ busy: false });
      onSaved();
    } catch (thrown) {
      setState({ busy: false, error: toAppError(thrown).message });
    }
  };
  return (
    <form
      className="form"
      data-testid={`missing-${name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save(toKey(name, scope));
      }}
    >
      <SecretField
        label={name}
        help={message ?? 'It is not shown, and goes to the keychain and to the containers that use it alone.'}
        error={state.error}
        reader={reader}
        onType={setEmpty}
      />
      <CredentialScope value={scope} onChange={setScope} tried={false} />
      <KeepChoice keychain={keychain} value={keep} onChange={setChosen} />
      <div className="field-row">
        <Button type="submit" kind="primary" busy={state.busy} disabled={empty}>
          Save and plan again
        </Button>
        {where === undefined ? null : <PlaceLink where={where} onOpen={onOpen} />}
      </div>
    </form>
  );
}
