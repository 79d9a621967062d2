import { type ReactNode, useId } from 'react';

interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly help?: ReactNode;
  readonly disabled?: boolean;
}

/** One of a few, each with what it means below it. */
export function Choices<T extends string>({
  legend,
  options,
  value,
  error,
  onChange,
}: {
  readonly legend: string;
  readonly options: readonly Choice<T>[];
  /** undefined: nothing is chosen yet. */
  readonly value: T | undefined;
  readonly error?: string | undefined;
  readonly onChange: (value: T) => void;
}) {
  const id = useId();
  return (
    <fieldset className="choices" aria-describedby={error === undefined ? undefined : `${id}-error`}>
      <legend>{legend}</legend>
      {options.map((one, index) => (
        <div key={one.value} className="check-field">
          <input
            id={`${id}-${index}`}
            type="radio"
            name={id}
            checked={value === one.value}
            disabled={one.disabled}
            aria-describedby={one.help === undefined ? undefined : `${id}-${index}-help`}
            onChange={() => onChange(one.value)}
          />
          <div>
            <label htmlFor={`${id}-${index}`}>{one.label}</label>
            {one.help === undefined ? null : (
              <div id={`${id}-${index}-help`} className="help">
                {one.help}
              </div>
            )}
          </div>
        </div>
      ))}
      {error === undefined ? null : (
        <div id={`${id}-error`} className="help bad">
          {error}
        </div>
      )}
    </fieldset>
  );
}
