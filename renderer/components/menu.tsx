import { Menu as Base } from '@base-ui/react/menu';
import { Fragment } from 'react';
import { Icon, type IconName } from './icon.tsx';

export interface MenuEntry {
  readonly label: string;
  readonly icon?: IconName;
  readonly run: () => void;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** A line above this entry. */
  readonly apart?: boolean;
}

/** A button with a menu of actions. */
export function Menu({
  label,
  icon,
  entries,
  className = '',
}: {
  readonly label: string;
  readonly icon: IconName;
  readonly entries: readonly MenuEntry[];
  readonly className?: string;
}) {
  return (
    <Base.Root>
      <Base.Trigger className={`icon-button ${className}`} aria-label={label} title={label}>
        <Icon name={icon} />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" className="positioner">
          <Base.Popup className="menu">
            {entries.map((entry) => (
              <Fragment key={entry.label}>
                {entry.apart === true ? <Base.Separator className="menu-line" /> : null}
                <Base.Item
                  className={`menu-item ${entry.danger === true ? 'danger' : ''}`}
                  disabled={entry.disabled ?? false}
                  onClick={entry.run}
                >
                  {entry.icon === undefined ? <span className="icon" /> : <Icon name={entry.icon} />}
                  {entry.label}
                </Base.Item>
              </Fragment>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
