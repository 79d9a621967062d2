import { type ClipboardEvent, type RefObject, useId, useRef, useState } from 'react';

/** What was typed, read once when it is needed; it is in no state of the page. */
export type SecretReader = RefObject<HTMLInputElement | HTMLTextAreaElement | null>;

/**
 * A value that is not shown. A field for passwords takes one line only and drops the breaks of what is pasted, which
 * would spoil a key in PEM form: such a text opens a field of several lines, hidden by the browser as well.
 */
export function SecretField({
  label,
  help,
  error,
  reader,
  onType,
  first = false,
}: {
  readonly label: string;
  readonly help: string;
  readonly error?: string | undefined;
  readonly reader: SecretReader;
  /** Told whether there is something, never what. */
  readonly onType: (isEmpty: boolean) => void;
  /** It has the focus when its dialog opens. */
  readonly first?: boolean;
}) {
  const id = useId();
  const [lines, setLines] = useState(false);
  /** What moves from the one field to the other. */
  const carried = useRef('');

  const widen = (text: string) => {
    carried.current = text;
    setLines(true);
    onType(text === '');
  };
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData.getData('text/plain');
    if (!text.trimEnd().includes('\n')) return;
    event.preventDefault();
    widen(text);
  };
  const shared = {
    id,
    spellCheck: false,
    className: `input mono ${error === undefined ? '' : 'invalid'}`,
    'aria-invalid': error !== undefined || undefined,
    'aria-describedby': `${id}-help`,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onType(event.currentTarget.value === ''),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {lines ? (
        <textarea
          {...shared}
          className={`${shared.className} masked`}
          rows={5}
          autoComplete="off"
          ref={(element) => {
            reader.current = element;
            if (element === null || carried.current === '') return;
            element.value = carried.current;
            carried.current = '';
            element.focus();
          }}
        />
      ) : (
        <div className="field-row">
          <input
            {...shared}
            type="password"
            data-first={first || undefined}
            autoComplete="new-password"
            onPaste={onPaste}
            ref={(element) => {
              reader.current = element;
            }}
          />
          <button type="button" className="button quiet" onClick={() => widen(reader.current?.value ?? '')}>
            <span className="label">Several lines</span>
          </button>
        </div>
      )}
      <div id={`${id}-help`} className={error === undefined ? 'help' : 'help bad'}>
        {error ?? help}
      </div>
    </div>
  );
}
