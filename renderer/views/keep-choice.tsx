import type { KeepIn, KeychainState } from '../../preload/contract/credentials.ts';
import { Choices } from '../components/choices.tsx';
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
  const trouble = 'error' in keychain ? keychain.error : undefined;
  return (
    <Choices
      legend="Keep it"
      value={value}
      onChange={onChange}
      options={[
        {
          value: 'keychain',
          label: 'in the system’s keychain',
          help:
            trouble === undefined ? (
              'It is there for every start from now on, and in no file.'
            ) : (
              <Prose text={trouble.message} />
            ),
          disabled: keychain.kind === 'none',
        },
        {
          value: 'session',
          label: 'for this run only',
          help: 'In memory until claude-env ends; it is written nowhere.',
        },
      ]}
    />
  );
}
