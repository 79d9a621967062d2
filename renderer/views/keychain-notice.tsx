import type { KeychainState } from '../../preload/contract/credentials.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { useApp, useCredentials } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';

type Trouble = Exclude<KeychainState, { kind: 'asking' | 'available' }>;
const consequences: Readonly<Record<Trouble['kind'], string>> = {
  none: 'Values can be kept for this run only: they stay in memory until claude-env ends, and nothing is written.',
  locked: 'What is in it cannot be read until then. New values can be kept for this run only.',
  denied: 'What is in it cannot be read until it is allowed. New values can be kept for this run only.',
  failed: 'New values can be kept for this run only.',
};

/** Why nothing can be kept, what to do about it, and what can be done all the same. Nothing while the keychain answers. */
export function KeychainNotice() {
  const { credentials } = useApp();
  const keychain = useCredentials((state) => state.keychain);
  // What comes of it is told by the stream.
  const { busy, attempt } = useAttempt();
  if (keychain.kind === 'asking' || keychain.kind === 'available') return null;
  const { error } = keychain;
  return (
    <Notice
      severity={keychain.kind === 'none' ? 'note' : 'warn'}
      title={<Prose text={error.message} />}
      actions={
        <Button icon="restart" busy={busy} onClick={() => void attempt(credentials.actions.retry)}>
          Try again
        </Button>
      }
    >
      {error.hint === undefined ? null : (
        <p className="hint">
          <Prose text={error.hint} />
        </p>
      )}
      <p>{consequences[keychain.kind]}</p>
    </Notice>
  );
}
