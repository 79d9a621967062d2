import { type ComponentProps, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';

const gap = 5;
const margin = 8;

/** Beside its button and inside the window: below when there is room, otherwise above. */
function place(panel: HTMLElement, trigger: HTMLElement, align: 'start' | 'end') {
  const at = trigger.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const left = align === 'start' ? at.left : at.right - width;
  const below = at.bottom + gap + height <= window.innerHeight - margin;
  panel.style.left = `${Math.max(margin, Math.min(left, window.innerWidth - width - margin))}px`;
  panel.style.top = `${below ? at.bottom + gap : Math.max(margin, at.top - gap - height)}px`;
}

/**
 * A button that opens a panel over the page, by the browser's own popover: it closes on Escape and on a click
 * elsewhere, and gives the focus back. The content exists only while it is open.
 */
export function Popover({
  trigger,
  content,
  align = 'start',
  panel = {},
}: {
  readonly trigger: ComponentProps<'button'>;
  /** `close` takes the panel away. */
  readonly content: (close: () => void) => ReactNode;
  readonly align?: 'start' | 'end';
  readonly panel?: ComponentProps<'div'>;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const element = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  // The panel has a size only once the browser shows it; the observer calls before it is painted, and when it grows.
  useLayoutEffect(() => {
    const panelElement = element.current;
    if (!open || panelElement === null) return;
    const observer = new ResizeObserver(() => {
      if (button.current !== null) place(panelElement, button.current, align);
    });
    observer.observe(panelElement);
    return () => observer.disconnect();
  }, [open, align]);
  return (
    <>
      <button type="button" {...trigger} ref={button} popoverTarget={id} aria-expanded={open} data-open={open} />
      <div
        {...panel}
        id={id}
        ref={element}
        popover="auto"
        onBeforeToggle={(event) => {
          if (event.newState === 'open') setOpen(true);
        }}
        onToggle={(event) => {
          // Only now it can be focused. And only now its content may go: the focus went back from inside of it.
          if (event.newState === 'open') element.current?.querySelector<HTMLElement>('[data-first]')?.focus();
          else setOpen(false);
        }}
      >
        {open ? content(() => element.current?.hidePopover()) : null}
      </div>
    </>
  );
}
