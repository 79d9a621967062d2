import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { Button, IconButton } from './button.tsx';

/**
 * The browser's own modal: it keeps the focus inside, makes the rest inert, closes on Escape and gives the focus back
 * to where it was. A click beside it closes as well.
 */
export function Modal({
  labelledBy,
  className,
  onClose,
  children,
}: {
  readonly labelledBy: string;
  readonly className: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const element = useRef<HTMLDialogElement>(null);
  /** A selection of text that is drawn out of the dialog ends in a click on it, which nobody meant as one beside it. */
  const pressedBeside = useRef(false);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // What the dialog is for comes before its close button, which the browser would choose.
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus();
    // Closing before the element goes away is what returns the focus.
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is on the backdrop; the key for it is Escape (cancel)
    <dialog
      ref={element}
      className={className}
      aria-labelledby={labelledBy}
      onCancel={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      onPointerDown={(event) => {
        pressedBeside.current = event.target === event.currentTarget;
      }}
      onClick={(event) => {
        if (pressedBeside.current && event.target === event.currentTarget) onClose();
      }}
    >
      <div className="modal-body">{children}</div>
    </dialog>
  );
}

/** Only for acts that must not be done in passing, and for questions that need an answer first. */
export function Dialog({
  title,
  onClose,
  children,
  footer,
  isReading = false,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  /** Nothing in it takes the focus, so the keyboard scrolls the body itself. */
  readonly isReading?: boolean;
}) {
  const id = useId();
  return (
    <Modal labelledBy={id} className="dialog" onClose={onClose}>
      <header className="dialog-head">
        <h2 id={id} className="dialog-title">
          {title}
        </h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      {isReading ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
        <section className="dialog-body" tabIndex={0} aria-labelledby={id}>
          {children}
        </section>
      ) : (
        <div className="dialog-body">{children}</div>
      )}
      {footer === undefined ? null : <footer className="dialog-foot">{footer}</footer>}
    </Modal>
  );
}

/** Says what there is, or what came of it. */
export function ClosingDialog({
  title,
  onClose,
  beside,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  /** What can be done about it, after the button that closes it. */
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button data-first onClick={onClose}>
            Close
          </Button>
          {beside}
        </>
      }
    >
      {children}
    </Dialog>
  );
}
