import { Fragment, type KeyboardEvent, useRef } from 'react';
import { Icon, type IconName } from './icon.tsx';
import { Popover } from './popover.tsx';

export interface MenuEntry {
  readonly label: string;
  readonly icon?: IconName;
  readonly run: () => void;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** A line above this entry. */
  readonly apart?: boolean;
}

/** A button with a menu of actions (WAI-ARIA menu button). */
export function Menu({
  label,
  icon,
  entries,
  align = 'end',
  className = '',
  tabIndex,
}: {
  readonly label: string;
  readonly icon: IconName;
  readonly entries: readonly MenuEntry[];
  readonly align?: 'start' | 'end';
  readonly className?: string;
  /** -1 where keys do what the menu does. */
  readonly tabIndex?: number;
}) {
  return (
    <Popover
      align={align}
      trigger={{
        className: `icon-button ${className}`,
        'aria-label': label,
        'aria-haspopup': 'menu',
        title: label,
        ...(tabIndex === undefined ? {} : { tabIndex }),
        children: <Icon name={icon} />,
      }}
      panel={{ className: 'menu' }}
      content={(close) => <MenuItems label={label} entries={entries} onClose={close} />}
    />
  );
}

/** The arrow keys, Home and End move; a letter goes to the next entry that begins with it. */
function MenuItems({
  label,
  entries,
  onClose,
}: {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly onClose: () => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
    const at = items.findIndex((item) => item.matches(':focus'));
    const letter = event.key.length === 1 ? event.key.toLowerCase() : undefined;
    const fromHere = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    const targets: Readonly<Record<string, HTMLElement | undefined>> = {
      ArrowDown: items[(at + 1) % items.length],
      ArrowUp: items.at(at <= 0 ? -1 : at - 1),
      Home: items[0],
      End: items.at(-1),
    };
    const next =
      targets[event.key] ??
      (letter === undefined ? undefined : fromHere.find((item) => item.textContent?.toLowerCase().startsWith(letter)));
    if (next !== undefined) {
      event.preventDefault();
      next.focus();
    } else if (event.key === 'Tab') {
      onClose();
    }
  };
  return (
    <div role="menu" aria-label={label} tabIndex={-1} ref={list} onKeyDown={onKeyDown}>
      {entries.map((entry, index) => (
        <Fragment key={entry.label}>
          {entry.apart === true ? <hr className="menu-line" /> : null}
          <button
            type="button"
            role="menuitem"
            tabIndex={-1}
            data-first={index === 0 ? '' : undefined}
            className={`menu-item ${entry.danger === true ? 'danger' : ''}`}
            aria-disabled={entry.disabled === true || undefined}
            onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
            onClick={() => {
              if (entry.disabled === true) return;
              onClose();
              entry.run();
            }}
          >
            {entry.icon === undefined ? null : <Icon name={entry.icon} />}
            {entry.label}
          </button>
        </Fragment>
      ))}
    </div>
  );
}
