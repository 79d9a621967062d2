import { type ReactNode, useId } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

interface Props {
  readonly title: string;
  /** What the button says that does it. */
  readonly submit: string;
  readonly kind?: 'primary' | 'danger';
  readonly busy: boolean;
  readonly disabled?: boolean;
  /** The focus begins on one of the buttons: nothing in the form asks for it. */
  readonly first?: 'cancel' | 'submit';
  /** Between Cancel and the button that does it: another way, or what is being done. */
  readonly beside?: ReactNode;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog that is a form: Enter in a field does what its button does. */
export function FormDialog({
  title,
  submit,
  kind = 'primary',
  busy,
  disabled = false,
  first,
  beside,
  onSubmit,
  onClose,
  children,
}: Props) {
  const id = useId();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button data-first={first === 'cancel' || undefined} onClick={onClose}>
            Cancel
          </Button>
          {beside}
          <Button
            type="submit"
            form={id}
            kind={kind}
            busy={busy}
            disabled={disabled}
            data-first={first === 'submit' || undefined}
          >
            {submit}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && !disabled) onSubmit();
        }}
      >
        {children}
      </form>
    </Dialog>
  );
}
