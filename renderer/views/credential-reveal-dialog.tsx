import { useEffect, useState } from 'react';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { scopeWords } from '../show/credentials.ts';
import { useApp, useClock, useUi } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';

/** Seconds for which a value can be read. */
const shownFor = 30;

interface Shown {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** By the clock and not by counting: a machine that slept has not ticked. The clock may be late when it is first read. */
const secondsLeft = ({ until }: Shown, now: number): number =>
  Math.min(shownFor, Math.max(0, Math.ceil((until - now) / 1000)));

/**
 * In the desktop window only. The system's own dialog asks once more, outside of this page; the value is in this
 * component alone, for half a minute or until it is closed.
 */
export function CredentialRevealDialog() {
  const { ui, client } = useApp();
  const { key } = useUi((state) => state.credentialTarget);
  const { busy, error, attempt } = useAttempt();
  const [shown, setShown] = useState<Shown>();
  const left = useClock((now) => (shown === undefined ? 0 : secondsLeft(shown, now)));
  const visible = left > 0 ? shown : undefined;
  useEffect(() => {
    if (left === 0) setShown(undefined);
  }, [left]);
  if (key === undefined) return null;
  const close = () => ui.actions.show(undefined);

  const ask = () =>
    attempt(async () => {
      const { value } = await client.call('desktop.revealCredential', { key });
      if (value !== undefined) setShown({ value, until: Date.now() + shownFor * 1000 });
    });
  return (
    <Dialog
      title={`Show ${key.name}`}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Close</Button>
          {visible === undefined ? (
            <Button kind="primary" icon="eye" busy={busy} onClick={ask}>
              Show the value…
            </Button>
          ) : (
            <Button onClick={() => setShown(undefined)}>Hide</Button>
          )}
        </>
      }
    >
      {visible === undefined ? (
        <p>
          The value of {key.name} for {scopeWords(key)} will be readable on this screen for {shownFor} seconds. Your
          system asks once more before that.
        </p>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard */}
          <section className="output revealed" tabIndex={0} aria-label={`Value of ${key.name}`}>
            <pre data-testid="revealed">{visible.value}</pre>
          </section>
          <p className="help number">Hidden again in {left} s.</p>
        </>
      )}
      {error === undefined ? null : <ErrorNotice title="It could not be shown" error={error} />}
    </Dialog>
  );
}
