import { type ReactNode, useId } from 'react';
import { CheckField, describedBy, Help } from './field.tsx';

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
    <fieldset className="choices" aria-describedby={describedBy(id, { error })}>
      <legend>{legend}</legend>
      {options.map((one) => (
        <CheckField
          key={one.value}
          type="radio"
          name={id}
          label={one.label}
          help={one.help}
          checked={value === one.value}
          disabled={one.disabled}
          onChange={() => onChange(one.value)}
        />
      ))}
      <Help of={id} error={error} />
    </fieldset>
  );
}

/** One of the words that `help` explains, in its order. */
export function WordChoices<T extends string>({
  help,
  ...rest
}: {
  readonly legend: string;
  readonly help: Readonly<Record<T, ReactNode>>;
  readonly value: T | undefined;
  readonly onChange: (value: T) => void;
}) {
  const words = Object.keys(help) as T[];
  return <Choices {...rest} options={words.map((word) => ({ value: word, label: word, help: help[word] }))} />;
}
