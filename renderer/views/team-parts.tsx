import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import type { JoinedTeam } from '../../preload/contract/team.ts';
import type { PersonRole } from '../../preload/contract/team-services.ts';
import { Awaited } from '../components/awaited.tsx';
import { Choices, WordChoices } from '../components/choices.tsx';
import { TextField } from '../components/field.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { adviceText, machineHelp, overlayLook, roleHelp } from '../show/team.ts';
import { personRoleHelp } from '../show/team-services.ts';
import { useAnswer } from '../store/use-answer.ts';

/* What the team's dialogs have in common. */

export type MachineRole = keyof typeof machineHelp;

interface Choosing<T> {
  readonly value: T;
  readonly onChange: (value: T) => void;
}
export const MachineChoice = (props: Choosing<MachineRole>) => (
  <WordChoices legend="What the machine is for" help={machineHelp} {...props} />
);
export const SwarmRoleChoice = (props: Choosing<keyof typeof roleHelp>) => (
  <WordChoices legend="Role in the Swarm" help={roleHelp} {...props} />
);
export const PersonRoleChoice = (props: Choosing<PersonRole>) => (
  <WordChoices legend="Role in the team" help={personRoleHelp} {...props} />
);

/** Above a form that may be scrolled down when it is refused. */
export function Failed({ title, error }: { readonly title?: string; readonly error: AppError | undefined }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error !== undefined) element.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  if (error === undefined) return null;
  return (
    <div ref={element}>
      <ErrorNotice error={error} {...(title === undefined ? {} : { title })} />
    </div>
  );
}

/** What came of it takes the place of the form, and the focus with it. */
export function Outcome({ children }: { readonly children: ReactNode }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => element.current?.focus(), []);
  return (
    <div ref={element} className="team-outcome" role="status" tabIndex={-1}>
      {children}
    </div>
  );
}

export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts team-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Whether overlay traffic flows both ways between this machine and a manager. */
export function OverlayFound({ overlay }: Pick<JoinedTeam, 'overlay'>) {
  return (
    <ul className="checks">
      <li data-testid="overlay" data-verdict={overlay.verdict}>
        <StateShape look={overlayLook(overlay)} />
        <span className="check-title">Overlay network</span>
        <span className="check-found">{overlay.says}</span>
      </li>
    </ul>
  );
}

export function Warnings({ texts }: { readonly texts: readonly string[] }) {
  return texts.map((text) => <Notice key={text} severity="warn" title={<Prose text={text} />} />);
}

const another = 'another';

/** By which address the others reach this machine. The only one is taken; among several only people know. */
export function AddressField({
  engine,
  value,
  tried,
  onChange,
}: {
  readonly engine: string;
  readonly value: string;
  readonly tried: boolean;
  readonly onChange: (address: string) => void;
}) {
  const { answer: known, error } = useAnswer('team.addresses', { engine });
  const [own, setOwn] = useState(false);
  const change = useRef(onChange);
  change.current = onChange;
  const only = known?.addresses.length === 1 ? known.addresses[0]?.address : undefined;
  useEffect(() => {
    if (only !== undefined) change.current(only);
  }, [only]);

  const missing = tried && value === '' ? 'Say by which address the others reach this machine.' : undefined;
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (missing !== undefined) fields.current?.querySelector('input')?.focus();
  }, [missing]);

  if (known === undefined && error === undefined) {
    return <Awaited label="Looking at this machine’s addresses" error={error} />;
  }
  const listed = known?.listed === true && known.addresses.length > 0;
  const typed = (
    <TextField
      label={listed ? 'Address' : 'Address of this machine'}
      mono
      value={value}
      placeholder="10.77.0.3"
      error={missing}
      help="By which the other machines reach it, in the team’s network or VPN."
      onChange={(event) => onChange(event.target.value.trim())}
    />
  );
  return (
    <div ref={fields} className="form">
      {error === undefined ? null : <ErrorNotice title="The addresses could not be listed" error={error} />}
      <Warnings texts={known?.warnings ?? []} />
      {listed ? (
        <Choices
          legend="Address of this machine"
          value={own ? another : value}
          error={own ? undefined : missing}
          onChange={(chosen) => {
            setOwn(chosen === another);
            onChange(chosen === another ? '' : chosen);
          }}
          options={[
            ...known.addresses.map((one) => ({ value: one.address, label: one.address, help: adviceText(one) })),
            { value: another, label: 'another one', help: 'Behind NAT, or a name that all of them know.' },
          ]}
        />
      ) : null}
      {!listed || own ? typed : null}
    </div>
  );
}
