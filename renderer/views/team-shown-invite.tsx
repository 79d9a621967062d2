import { useState } from 'react';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { TextArea } from '../components/field.tsx';
import { QrCode } from '../components/qr-code.tsx';

/** An invite's one word, to pass on: it is shown once, here. */
export function ShownInvite({ invite }: { readonly invite: string }) {
  const [isPictured, setPictured] = useState(false);
  return (
    <div className="field team-invite">
      <TextArea
        label="Invite"
        mono
        rows={5}
        readOnly
        value={invite}
        data-testid="invite"
        onFocus={(event) => event.currentTarget.select()}
      />
      <div className="team-ways">
        <CopyButton text={invite} what="invite" label="Copy invite" />
        <Button aria-expanded={isPictured} onClick={() => setPictured(!isPictured)}>
          QR code
        </Button>
      </div>
      {isPictured ? <QrCode text={invite} label="The invite as a QR code" /> : null}
    </div>
  );
}
