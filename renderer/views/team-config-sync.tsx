import { useState } from 'react';
import type { LookedConfig } from '../../preload/contract/team-services.ts';
import { Button } from '../components/button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Ago, Elapsed } from '../components/time.tsx';
import { useApp } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';

/** For who has just pushed: the repository is looked at now, and what that brought is said in the button's place. */
export function SyncNow() {
  const { client } = useApp();
  const { busy, error, attempt } = useAttempt();
  const [began, setBegan] = useState('');
  const [found, setFound] = useState<{ readonly looked: LookedConfig; readonly at: string }>();
  const sync = () => {
    setBegan(new Date().toISOString());
    setFound(undefined);
    void attempt(
      () => client.call('teamServices.syncConfig', {}),
      (looked) => setFound({ looked, at: new Date().toISOString() }),
    );
  };
  return (
    <div className="team-awaited">
      <div className="team-sync">
        <Button icon="restart" busy={busy} title="claude-env team config sync" onClick={sync}>
          Sync now
        </Button>
        <p role="status" data-testid="config-sync" data-outcome={busy ? 'going-on' : found?.looked.outcome}>
          {busy ? (
            <>
              Looking at the team’s repository <Elapsed since={began} />
            </>
          ) : found === undefined ? null : (
            <Found {...found} />
          )}
        </p>
      </div>
      {error === undefined ? null : <ErrorNotice title="The repository was not looked at" error={error} />}
    </div>
  );
}

function Found({ looked: { outcome, says, hint }, at }: { readonly looked: LookedConfig; readonly at: string }) {
  return (
    <>
      <span className={outcome === 'trouble' ? 'tone-text-warn' : undefined}>{says}</span>
      {hint === undefined ? null : ` ${hint}`}{' '}
      <span className="muted">
        <Ago since={at} /> ago
      </span>
    </>
  );
}
