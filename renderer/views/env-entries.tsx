import type { EnvProposal } from '../../preload/contract/credentials.ts';
import { CheckField } from '../components/field.tsx';
import { plural } from '../show/words.ts';

type Entry = EnvProposal['entries'][number];

/** Pure. What looks like a secret and can be moved. */
export const proposedNames = ({ entries }: Pick<EnvProposal, 'entries'>): readonly string[] =>
  entries.flatMap(({ name, sign, blocked }) => (sign !== undefined && blocked === undefined ? [name] : []));

/** The file's names with a box each; those that look like secrets come first, the others behind a fold. */
export function EnvEntries({
  entries,
  chosen,
  onChange,
}: {
  readonly entries: readonly Entry[];
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
}) {
  const [secret, other] = [
    entries.filter(({ sign }) => sign !== undefined),
    entries.filter(({ sign }) => sign === undefined),
  ];
  const box = ({ name, line, sign, blocked }: Entry) => (
    <CheckField
      key={name}
      label={<span className="mono">{name}</span>}
      help={`line ${line}${blocked === undefined ? '' : `, stays: ${blocked}`}${sign === undefined ? '' : `, ${sign}`}`}
      checked={chosen.has(name)}
      disabled={blocked !== undefined}
      onChange={(event) => {
        const next = new Set(chosen);
        if (event.target.checked) next.add(name);
        else next.delete(name);
        onChange(next);
      }}
    />
  );
  return (
    <fieldset className="env-entries">
      <legend>{secret.length === 0 ? 'Nothing in it looks like a secret' : 'These look like secrets'}</legend>
      {secret.map(box)}
      {other.length === 0 ? null : (
        <details open={secret.length === 0}>
          <summary>{plural(other.length, 'other entry', 'other entries')}</summary>
          {other.map(box)}
        </details>
      )}
    </fieldset>
  );
}
