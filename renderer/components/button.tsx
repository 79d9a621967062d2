import type { ComponentProps, ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

interface Look {
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly icon?: IconName;
  /** Shown as pressed and working; the button stays focusable, so that focus is not lost. */
  readonly busy?: boolean;
}

export function Button({
  kind = 'plain',
  icon,
  busy = false,
  children,
  className = '',
  ...rest
}: Look & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${kind} ${busy ? 'busy' : ''} ${className}`}
      aria-disabled={busy || rest['aria-disabled'] === true || undefined}
      onClick={busy ? undefined : rest.onClick}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children === undefined ? null : <span className="label">{children}</span>}
    </button>
  );
}

/** An icon alone; its label is its name and its tooltip. */
export function IconButton({
  icon,
  label,
  className = '',
  ...rest
}: { readonly icon: IconName; readonly label: string } & Omit<ComponentProps<'button'>, 'children'>) {
  return (
    <button type="button" title={label} {...rest} aria-label={label} className={`icon-button ${className}`}>
      <Icon name={icon} />
    </button>
  );
}

export function Kbd({ children }: { readonly children: ReactNode }) {
  return <kbd className="kbd">{children}</kbd>;
}
