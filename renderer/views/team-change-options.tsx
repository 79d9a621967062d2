import { type ComponentProps, type Dispatch, type SetStateAction, useEffect, useState } from 'react';
import type { SwarmChange } from '../../preload/contract/swarm-change.ts';
import { CheckField, TextField } from '../components/field.tsx';

type OnMistakes = Dispatch<SetStateAction<number>>;

/** What a change does beyond the services that it has; each answer makes another plan. */
export function ChangeOptions({
  change,
  onChange,
  backup,
  onBackup,
  onMistakes,
  keepsData,
}: {
  readonly change: SwarmChange;
  readonly onChange: (change: SwarmChange) => void;
  readonly backup: boolean | undefined;
  readonly onBackup: (backup: boolean) => void;
  /** Counts the options that hold a mistake. */
  readonly onMistakes: OnMistakes;
  /** Services change that keep data in volumes of which there is no fresh backup here. */
  readonly keepsData: boolean;
}) {
  const isDeploy = change.kind === 'deploy';
  const hasOptions = isDeploy || change.kind === 'go-back';
  if (!hasOptions && !keepsData && backup === undefined) return null;
  return (
    <fieldset className="choices">
      <legend>What else</legend>
      {keepsData || backup !== undefined ? (
        <CheckField
          label="Copy the volumes of services that change to this machine first"
          help="A newer program may change its data in a way that the older one cannot read."
          checked={backup === true}
          onChange={(event) => onBackup(event.target.checked)}
        />
      ) : null}
      {hasOptions ? (
        <>
          <CheckField
            label={isDeploy ? 'Remove what the files no longer have' : 'Remove what was not there then'}
            help="Once everything else has succeeded."
            checked={change.options.prune === true}
            onChange={(event) => onChange(withOptions(change, { prune: event.target.checked }))}
          />
          <CheckField
            label={isDeploy ? 'Set replicas to what the files say' : 'Set replicas to what they were'}
            help="Numbers that were set by hand are kept otherwise."
            checked={change.options.resetScale === true}
            onChange={(event) => onChange(withOptions(change, { resetScale: event.target.checked }))}
          />
        </>
      ) : null}
      {isDeploy ? (
        <>
          <CheckField
            label="Start in order"
            help="A service starts once what it depends on runs; a Swarm does not care otherwise."
            checked={change.options.ordered === true}
            onChange={(event) => onChange(withOptions(change, { ordered: event.target.checked }))}
          />
          <LateField
            label="Canary: so many tasks first (optional)"
            inputMode="numeric"
            placeholder="all of them"
            help="Of each service that changes. The others follow when you promote it, or it is taken back."
            read={(text) =>
              text === '' || /^(?:[1-9]\d{0,2}|1000)$/.test(text) ? undefined : 'A number from 1 to 1000.'
            }
            onMistakes={onMistakes}
            onRead={(text) => onChange(withCanary(change, text === '' ? undefined : Number(text)))}
          />
          <LateField
            label="Registry for images that are in none (optional)"
            mono
            placeholder="registry.example:5000/team"
            help="They are pushed there, so that each node can pull them. Else they are copied to the nodes."
            read={(text) => (/\s/.test(text) ? 'It has no spaces.' : undefined)}
            onMistakes={onMistakes}
            onRead={(text) => onChange(withRegistry(change, text))}
          />
        </>
      ) : null}
    </fieldset>
  );
}

type WithOptions = Extract<SwarmChange, { kind: 'deploy' | 'go-back' }>;
type Deploy = Extract<SwarmChange, { kind: 'deploy' }>;

const withOptions = (change: WithOptions, options: Partial<Deploy['options']>): SwarmChange => ({
  ...change,
  options: { ...change.options, ...options },
});
function withCanary(change: Deploy, canary: number | undefined): SwarmChange {
  const { canary: _before, ...rest } = change.options;
  return { ...change, options: canary === undefined ? rest : { ...rest, canary } };
}
function withRegistry(change: Deploy, registry: string): SwarmChange {
  const { registry: _before, ...rest } = change.options;
  return { ...change, options: registry === '' ? rest : { ...rest, registry } };
}

/** Typed to its end before another plan is made: when the field is left, or at Enter. */
function LateField({
  read,
  onRead,
  onMistakes,
  ...rest
}: {
  /** The mistake in what was typed. */
  readonly read: (text: string) => string | undefined;
  readonly onRead: (text: string) => void;
  readonly onMistakes: OnMistakes;
} & Omit<ComponentProps<typeof TextField>, 'error' | 'value' | 'onChange' | 'onBlur' | 'onKeyDown'>) {
  const [text, setText] = useState('');
  const [known, setKnown] = useState('');
  const error = read(text.trim());
  const isWrong = error !== undefined;
  useEffect(() => {
    if (!isWrong) return;
    onMistakes((count) => count + 1);
    return () => onMistakes((count) => count - 1);
  }, [isWrong, onMistakes]);
  const end = () => {
    const wanted = text.trim();
    if (isWrong || wanted === known) return;
    setKnown(wanted);
    onRead(wanted);
  };
  return (
    <TextField
      {...rest}
      value={text}
      error={error}
      onChange={(event) => setText(event.target.value)}
      onBlur={end}
      onKeyDown={(event) => event.key === 'Enter' && end()}
    />
  );
}
