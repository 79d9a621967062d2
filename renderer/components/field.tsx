import { type ComponentProps, type ReactNode, useId } from 'react';

interface Explained {
  readonly help?: ReactNode;
  readonly error?: string | undefined;
}

/** Below a field: its explanation, or its mistake in place of it. `of`: the field's id. */
export function Help({ of, help, error }: Explained & { readonly of: string }) {
  if (help === undefined && error === undefined) return null;
  return (
    <div id={helpId(of)} className={error === undefined ? 'help' : 'help bad'}>
      {error ?? help}
    </div>
  );
}
const helpId = (of: string): string => `${of}-help`;
/** For the field itself: what describes it, when something does. */
export const describedBy = (of: string, { help, error }: Explained): string | undefined =>
  help === undefined && error === undefined ? undefined : helpId(of);

interface FieldProps extends Explained {
  readonly label: string;
  readonly mono?: boolean | undefined;
}
const inputProps = (id: string, { mono = false, ...explained }: Omit<FieldProps, 'label'>) => ({
  id,
  className: `input ${mono ? 'mono' : ''} ${explained.error === undefined ? '' : 'invalid'}`,
  'aria-invalid': explained.error !== undefined || undefined,
  'aria-describedby': describedBy(id, explained),
});

/** A field below its label, and what is to be said of it below that. */
function Labelled({
  id,
  label,
  children,
  ...explained
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      <Help of={id} {...explained} />
    </div>
  );
}

interface TextFieldProps extends FieldProps {
  /** Beside it. */
  readonly after?: ReactNode;
}

/** A labelled text field with its explanation below and its mistake in place of it. */
export function TextField({ label, help, error, after, mono, ...rest }: TextFieldProps & ComponentProps<'input'>) {
  const id = useId();
  return (
    <Labelled id={id} label={label} help={help} error={error}>
      <div className="field-row">
        <input spellCheck={false} autoComplete="off" {...rest} {...inputProps(id, { help, error, mono })} />
        {after}
      </div>
    </Labelled>
  );
}

/** The same for several lines. */
export function TextArea({ label, help, error, after, mono, ...rest }: TextFieldProps & ComponentProps<'textarea'>) {
  const id = useId();
  return (
    <Labelled id={id} label={label} help={help} error={error}>
      <div className="field-row">
        <textarea spellCheck={false} {...rest} {...inputProps(id, { help, error, mono })} />
        {after}
      </div>
    </Labelled>
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
    <Labelled id={id} label={label} help={help}>
      <select {...inputProps(id, { help })} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([one, title]) => (
          <option key={one} value={one}>
            {title}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** A box or a dot with its label beside it and what it means below that. */
export function CheckField({
  label,
  help,
  type = 'checkbox',
  ...rest
}: { readonly label: ReactNode; readonly help?: ReactNode } & ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className="check-field">
      <input type={type} {...rest} id={id} aria-describedby={describedBy(id, { help })} />
      <div>
        <label htmlFor={id}>{label}</label>
        <Help of={id} help={help} />
      </div>
    </div>
  );
}
