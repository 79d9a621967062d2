import type { ReactNode } from 'react';
import type { AppError, Diagnostic } from '../../preload/contract/errors.ts';
import { aggregateLook, mcpLook } from '../show/aggregate.ts';
import { errorText } from '../show/error-text.ts';
import { IconButton } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { DiagnosticList } from './diagnostics.tsx';
import { Prose } from './prose.tsx';
import { StateShape } from './state-shape.tsx';

export type Severity = 'bad' | 'warn' | 'note';
const looks = { bad: aggregateLook.failed, warn: aggregateLook.degraded, note: mcpLook['needs-setup'] } as const;

/** A message that stays until it is dealt with: cause first, then what to do. */
export function Notice({
  severity,
  title,
  children,
  actions,
  onClose,
}: {
  readonly severity: Severity;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly onClose?: () => void;
}) {
  return (
    <div className={`notice ${severity}`} role={severity === 'bad' ? 'alert' : 'status'}>
      <StateShape look={looks[severity]} />
      <div className="notice-body">
        <div className="notice-title">{title}</div>
        {children}
        {actions === undefined ? null : <div className="notice-actions">{actions}</div>}
      </div>
      {onClose === undefined ? null : <IconButton icon="close" label="Close" onClick={onClose} />}
    </div>
  );
}

/** Any failure, whole: message, hint, every mistake in files, the longer material, and a button that copies it all. */
export function ErrorNotice({
  title,
  error,
  actions,
  onClose,
  onOpenDiagnostic,
  sources,
}: {
  readonly title?: string;
  readonly error: AppError;
  readonly actions?: ReactNode;
  readonly onClose?: () => void;
  readonly onOpenDiagnostic?: (diagnostic: Diagnostic) => void;
  readonly sources?: Readonly<Record<string, string>>;
}) {
  return (
    <Notice
      severity="bad"
      title={title ?? <Prose text={error.message} />}
      {...(onClose === undefined ? {} : { onClose })}
      actions={
        <>
          {actions}
          <CopyButton text={errorText(error, title)} what="details" label="Copy details" />
        </>
      }
    >
      {title === undefined ? null : (
        <p>
          <Prose text={error.message} />
        </p>
      )}
      <Hint text={error.hint} />
      {error.diagnostics === undefined || error.diagnostics.length === 0 ? null : (
        <DiagnosticList
          diagnostics={error.diagnostics}
          {...(sources === undefined ? {} : { sources })}
          {...(onOpenDiagnostic === undefined ? {} : { onOpen: onOpenDiagnostic })}
        />
      )}
      {error.detail === undefined ? null : <Output text={error.detail} />}
    </Notice>
  );
}

/** The end of a build's or a probe's output; it scrolls in itself, and is focusable so that the keyboard can scroll it. */
export function Output({ text, label = 'Output' }: { readonly text: string; readonly label?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard (axe: scrollable-region-focusable)
    <section className="output" tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}

/** What to do about it, below what happened. */
export function Hint({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p className="hint">
      <Prose text={text} />
    </p>
  );
}
