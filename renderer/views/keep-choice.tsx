import { useId } from 'react';
import type { KeepIn, KeychainState } from '../../preload/contract/credentials.ts';
import { Prose } from '../components/prose.tsx';

/** Where the value is kept. Without a keychain only memory is left, and that is said with its cause. */
export function KeepChoice({
  keychain,
  value,
  onChange,
}: {
  readonly keychain: KeychainState;
  readonly value: KeepIn;
  readonly onChange: (keep: KeepIn) => void;
}) {
  const id = useId();
  const choice = (keep: KeepIn, label: string, help: string, disabled: boolean) => (
    <div className="check-field">
      <input
        id={`${id}-${keep}`}
        type="radio"
        name={id}
        checked={value === keep}
        disabled={disabled}
        aria-describedby={`${id}-${keep}-help`}
        onChange={() => onChange(keep)}
      />
      <div>
        <label htmlFor={`${id}-${keep}`}>{label}</label>
        <div id={`${id}-${keep}-help`} className="help">
          <Prose text={help} />
        </div>
      </div>
    </div>
  );
  const trouble = 'error' in keychain ? keychain.error : undefined;
  return (
    <fieldset className="keep-choice">
      <legend>Keep it</legend>
      {choice(
        'keychain',
        'in the system’s keychain',
        trouble === undefined ? 'It is there for every start from now on, and in no file.' : trouble.message,
        keychain.kind === 'none',
      )}
      {choice('session', 'for this run only', 'In memory until claude-env ends; it is written nowhere.', false)}
    </fieldset>
  );
}
