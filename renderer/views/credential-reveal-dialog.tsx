import { useEffect, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { scopeWords } from '../show/credentials.ts';
import { useApp, useUi } from '../store/context.ts';

/** Seconds for which a value can be read. */
const shownFor = 30;

interface Shown {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly left: number;
}

/**
 * In the desktop window only. The system's own dialog asks once more, outside of this page; the value is in this
 * component alone, for half a minute or until it is closed.
 */
export function CredentialRevealDialog() {
  const { ui, client } = useApp();
  const { key } = useUi((state) => state.credentialTarget);
  const [shown, setShown] = useState<Shown>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AppError>();
  const isShown = shown !== undefined;
  const until = shown?.until;
  useEffect(() => {
    if (until === undefined) return;
    // By the clock and not by counting: a machine that slept has not ticked.
    const tick = () =>
      setShown((now) => {
        const left = Math.ceil((until - Date.now()) / 1000);
        return now === undefined || left <= 0 ? undefined : { ...now, left };
      });
    const timer = window.setInterval(tick, 1000);
    return () => window.clearInterval(timer);
  }, [until]);
  if (key === undefined) return null;
  const close = () => ui.actions.show(undefined);

  const ask = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { value } = await client.call('desktop.revealCredential', { key });
      if (value !== undefined) setShown({ value, until: Date.now() + shownFor * 1000, left: shownFor });
    } catch (thrown) {
      setError(toAppError(thrown));
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={`Show ${key.name}`}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Close</Button>
          {isShown ? (
            <Button onClick={() => setShown(undefined)}>Hide</Button>
          ) : (
            <Button kind="primary" icon="eye" busy={busy} onClick={() => void ask()}>
              Show the value…
            </Button>
          )}
        </>
      }
    >
      {isShown ? (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard */}
          <section className="output revealed" tabIndex={0} aria-label={`Value of ${key.name}`}>
            <pre data-testid="revealed">{shown.value}</pre>
          </section>
          <p className="help number">Hidden again in {shown.left} s.</p>
        </>
      ) : (
        <p>
          The value of {key.name} for {scopeWords(key)} will be readable on this screen for {shownFor} seconds. Your
          system asks once more before that.
        </p>
      )}
      {error === undefined ? null : <ErrorNotice title="It could not be shown" error={error} />}
    </Dialog>
  );
}
