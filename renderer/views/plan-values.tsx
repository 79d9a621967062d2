import { useEffect, useRef, useState } from 'react';
import type { SourceLocation } from '../../preload/contract/errors.ts';
import { splitId } from '../../preload/contract/ids.ts';
import type { Plan } from '../../preload/contract/model.ts';
import type { MissingValue, PlanCredential } from '../../preload/contract/plan-values.ts';
import { Button } from '../components/button.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { PlaceLink } from '../components/place-link.tsx';
import { SecretField, type SecretReader } from '../components/secret-field.tsx';
import { plural } from '../show/words.ts';
import { useApp } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { CredentialScope, type ScopeChoice, toKey } from './credential-scope.tsx';
import { KeepChoice, useKeep } from './keep-choice.tsx';

const sources: Readonly<Record<PlanCredential['source'], string>> = {
  project: 'from the keychain, project',
  team: 'from the keychain, team',
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

/** A field for each value that nobody has; what is filled in is kept in one way, and the plan is made again. */
export function MissingValues({
  plan,
  onOpen,
  onSaved,
}: {
  readonly plan: Plan;
  readonly onOpen?: ((where: SourceLocation) => void) | undefined;
  readonly onSaved: () => void;
}) {
  const { credentials } = useApp();
  const [scope, setScope] = useState<ScopeChoice>({ kind: 'project', project: splitId(plan.stack).project });
  const { keep, choose } = useKeep();
  const [filled, setFilled] = useState<ReadonlySet<string>>(new Set());
  const { busy, error, attempt } = useAttempt();
  /** Where what was typed is read from, once. */
  const fields = useRef(new Map<string, SecretReader>());
  const missing = plan.missing ?? [];
  if (missing.length === 0) return null;
  const required = missing.some((one) => one.required);
  const hasScope = toKey('X', scope) !== undefined;

  const save = () =>
    attempt(async () => {
      for (const { name } of missing) {
        const value = fields.current.get(name)?.current?.value ?? '';
        const key = toKey(name, scope);
        if (value !== '' && key !== undefined) await credentials.actions.set(key, value, keep);
      }
      onSaved();
    });
  return (
    <Notice
      severity={required ? 'bad' : 'warn'}
      title={`${plural(missing.length, 'value is', 'values are')} missing${required ? '' : ', and would be blank'}`}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {missing.map((one) => (
          <MissingField
            key={one.name}
            missing={one}
            onOpen={onOpen}
            onReader={(reader) => void fields.current.set(one.name, reader)}
            onType={(isEmpty) => {
              const next = new Set(filled);
              if (isEmpty) next.delete(one.name);
              else next.add(one.name);
              setFilled(next);
            }}
          />
        ))}
        <CredentialScope value={scope} onChange={setScope} tried={!hasScope} />
        <KeepChoice value={keep} onChange={choose} />
        {error === undefined ? null : <ErrorNotice title="It could not be kept" error={error} />}
        <div>
          <Button type="submit" kind="primary" busy={busy} disabled={filled.size === 0 || !hasScope}>
            Save and plan again
          </Button>
        </div>
      </form>
    </Notice>
  );
}

function MissingField({
  missing: { name, required, message, where },
  onOpen,
  onReader,
  onType,
}: {
  readonly missing: MissingValue;
  readonly onOpen?: ((where: SourceLocation) => void) | undefined;
  readonly onReader: (reader: SecretReader) => void;
  readonly onType: (isEmpty: boolean) => void;
}) {
  const reader: SecretReader = useRef(null);
  useEffect(() => {
    onReader(reader);
  });
  const said = message ?? (required ? 'The file cannot do without it.' : 'Left empty it stays blank.');
  return (
    <div data-testid={`missing-${name}`}>
      <SecretField label={name} help={said} reader={reader} onType={onType} />
      {where === undefined ? null : <PlaceLink where={where} onOpen={onOpen} />}
    </div>
  );
}
