import { type ComponentProps, type ReactNode, useId } from 'react';

/** A labelled text field with its explanation below and its mistake in place of it. */
export function TextField({
  label,
  help,
  error,
  after,
  mono = false,
  ...rest
}: {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
  readonly after?: ReactNode;
  readonly mono?: boolean;
} & ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-row">
        <input
          id={id}
          spellCheck={false}
          autoComplete="off"
          {...rest}
          className={`input ${mono ? 'mono' : ''} ${error === undefined ? '' : 'invalid'}`}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={help === undefined && error === undefined ? undefined : `${id}-help`}
        />
        {after}
      </div>
      {help === undefined && error === undefined ? null : (
        <div id={`${id}-help`} className={error === undefined ? 'help' : 'help bad'}>
          {error ?? help}
        </div>
      )}
    </div>
  );
}

/** One of what is there, by a short list. */
export function SelectField({
  label,
  help,
  options,
  value,
  onChange,
}: {
  readonly label: string;
  readonly help?: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        value={value}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map(([one, title]) => (
          <option key={one} value={one}>
            {title}
          </option>
        ))}
      </select>
      {help === undefined ? null : (
        <div id={`${id}-help`} className="help">
          {help}
        </div>
      )}
    </div>
  );
}

export function CheckField({
  label,
  help,
  ...rest
}: { readonly label: ReactNode; readonly help?: ReactNode } & ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className="check-field">
      <input id={id} type="checkbox" {...rest} aria-describedby={help === undefined ? undefined : `${id}-help`} />
      <div>
        <label htmlFor={id}>{label}</label>
        {help === undefined ? null : (
          <div id={`${id}-help`} className="help">
            {help}
          </div>
        )}
      </div>
    </div>
  );
}
