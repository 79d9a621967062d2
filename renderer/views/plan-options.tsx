import type { ActionOptions } from '../../preload/contract/api.ts';
import type { Diagnostic } from '../../preload/contract/errors.ts';
import type { PlanAction } from '../../preload/contract/model.ts';

interface Option {
  readonly key: 'build' | 'forceRecreate' | 'removeOrphans' | 'volumes' | 'noCache' | 'recreateVolumes';
  readonly label: string;
  readonly help: string;
  /** Offered only where the plan warns by this rule. */
  readonly after?: string;
}

const options: Readonly<Partial<Record<PlanAction, readonly Option[]>>> = {
  up: [
    { key: 'build', label: 'Build images', help: 'Build even when an image is there' },
    { key: 'forceRecreate', label: 'Recreate all', help: 'Recreate even the containers that did not change' },
    {
      key: 'removeOrphans',
      label: 'Remove orphans',
      help: 'Remove containers of services that the file no longer has',
    },
    {
      key: 'recreateVolumes',
      label: 'Recreate changed volumes',
      help: 'Volumes that differ from the file are removed and made anew: what is stored in them is lost',
      after: 'volume-differs',
    },
  ],
  build: [{ key: 'noCache', label: 'Without the cache', help: 'Build every step again' }],
  down: [
    {
      key: 'removeOrphans',
      label: 'Remove orphans',
      help: 'Remove containers of services that the file no longer has',
    },
    { key: 'volumes', label: 'Also remove volumes', help: 'What is stored in the named volumes of this stack is lost' },
  ],
};

/** Ways to change the plan; each change makes a new one. All are off by default. */
export function PlanOptions({
  action,
  options: chosen,
  warnings,
  onChange,
}: {
  readonly action: PlanAction;
  readonly options: ActionOptions;
  readonly warnings: readonly Diagnostic[];
  readonly onChange: (options: ActionOptions) => void;
}) {
  const isOffered = ({ key, after }: Option): boolean =>
    after === undefined || chosen[key] === true || warnings.some(({ rule }) => rule === after);
  return (
    <div className="plan-options">
      {(options[action] ?? []).filter(isOffered).map(({ key, label, help }) => (
        <label key={key} className="inline-check" title={help}>
          <input
            type="checkbox"
            checked={chosen[key] === true}
            onChange={(event) => onChange({ ...chosen, [key]: event.target.checked })}
          />
          {label}
        </label>
      ))}
    </div>
  );
}
