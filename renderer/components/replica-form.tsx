import { useId, useState } from 'react';
import { readReplicas } from '../show/replicas.ts';
import { Button } from './button.tsx';

/** How many there are, and another number. Escape takes back what was typed. */
export function ReplicaForm({
  label,
  now,
  blocked = false,
  onScale,
}: {
  readonly label: string;
  readonly now: number;
  readonly blocked?: boolean;
  readonly onScale: (wanted: number) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const wanted = typed === undefined ? undefined : readReplicas(typed, now);
  return (
    <form
      className="scale"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted === undefined || blocked) return;
        setTyped(undefined);
        onScale(wanted);
      }}
    >
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        type="number"
        inputMode="numeric"
        min={0}
        max={1000}
        value={typed ?? String(now)}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || typed === undefined) return;
          event.stopPropagation();
          setTyped(undefined);
        }}
      />
      <Button kind="quiet" type="submit" disabled={blocked || wanted === undefined}>
        Scale…
      </Button>
    </form>
  );
}
