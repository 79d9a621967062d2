import { useState } from 'react';
import type { KeepIn } from '../../preload/contract/credentials.ts';
import { Choices } from '../components/choices.tsx';
import { Prose } from '../components/prose.tsx';
import { canKeep } from '../show/credentials.ts';
import { useCredentials } from '../store/context.ts';

/** The keychain, where there is one and the value is not `inMemory` already, until something else is chosen. */
export function useKeep(inMemory = false): { readonly keep: KeepIn; readonly choose: (keep: KeepIn) => void } {
  const keychain = useCredentials((state) => state.keychain);
  const [chosen, choose] = useState<KeepIn>();
  return { keep: chosen ?? (canKeep(keychain) && !inMemory ? 'keychain' : 'session'), choose };
}

/** Where the value is kept. Without a keychain only memory is left, and that is said with its cause. */
export function KeepChoice({ value, onChange }: { readonly value: KeepIn; readonly onChange: (keep: KeepIn) => void }) {
  const keychain = useCredentials((state) => state.keychain);
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
