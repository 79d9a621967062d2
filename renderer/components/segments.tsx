/** One of a few words beside each other; what is chosen is pressed. */
export function Segments<T extends string>({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string;
  readonly options: readonly (readonly [value: T, label: string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  return (
    <fieldset className="segments" aria-label={label}>
      {options.map(([one, title]) => (
        <button key={one} type="button" className="segment" aria-pressed={value === one} onClick={() => onChange(one)}>
          {title}
        </button>
      ))}
    </fieldset>
  );
}
