import { useState } from 'react';
import type { TeamStackOptions } from '../../preload/contract/team-stack.ts';
import { Awaited } from '../components/awaited.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { CheckField, TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { readOptions, servicesAre, type TypedOptions, toTyped } from '../show/team-stack.ts';
import { useOtherEngine } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { TeamUpPlan } from './team-up-plan.tsx';

interface Props {
  readonly engine: string;
  /** `plan`: with the options as they are. */
  readonly begin: 'options' | 'plan';
  /** They are not there yet. */
  readonly isNew: boolean;
  readonly onClose: () => void;
}

/** The team's services, set up or brought up to date: first the few options, then the plan, which is what is agreed to. */
export function TeamUpDialog({ engine, begin, isNew, onClose }: Props) {
  const { answer: known, error, again } = useAnswer('teamStack.look', { engine });
  const [chosen, setChosen] = useState<TeamStackOptions>();
  const [step, setStep] = useState(begin);
  const title = isNew ? 'Set up the team’s services' : 'Update the team’s services';
  if (known === undefined) {
    return (
      <ClosingDialog title={title} onClose={onClose}>
        <Awaited label="Asking the manager" failed="The services cannot be set up from here" error={error} />
      </ClosingDialog>
    );
  }
  const options = chosen ?? known.options;
  if (step === 'options') {
    return (
      <UpOptions
        title={title}
        isNew={isNew}
        options={options}
        onClose={onClose}
        onPlan={(wanted) => {
          setChosen(wanted);
          setStep('plan');
        }}
      />
    );
  }
  return (
    <TeamUpPlan
      title={title}
      engine={engine}
      options={options}
      before={known.options}
      isNew={isNew}
      onOptions={() => {
        again();
        setStep('options');
      }}
      onClose={onClose}
    />
  );
}

function UpOptions({
  title,
  isNew,
  options,
  onPlan,
  onClose,
}: {
  readonly title: string;
  readonly isNew: boolean;
  readonly options: TeamStackOptions;
  readonly onPlan: (options: TeamStackOptions) => void;
  readonly onClose: () => void;
}) {
  const other = useOtherEngine();
  const [typed, setTyped] = useState(() => toTyped(options));
  const [tried, setTried] = useState(false);
  const read = readOptions(typed);
  const mistakes = tried && read.kind === 'mistakes' ? read.mistakes : {};
  const text = (key: keyof Omit<TypedOptions, 'monitoring'>) => ({
    mono: true,
    value: typed[key],
    error: mistakes[key],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setTyped({ ...typed, [key]: event.target.value }),
  });
  return (
    <FormDialog
      title={title}
      submit="Show the plan"
      busy={false}
      first="submit"
      onSubmit={() => {
        setTried(true);
        if (read.kind === 'read') onPlan(read.options);
      }}
      onClose={onClose}
    >
      <p>
        {isNew
          ? `${servicesAre} Nothing below has to be filled in. The plan is shown first.`
          : 'They stay what they are until others are given. The plan is shown first.'}
      </p>
      <TextField
        label="Git repository of the team’s configuration (optional)"
        placeholder="git@git.example.com:team/claude.git"
        help="Of Claude Code, for everybody who joins: what is signed or approved of it is offered to them."
        {...text('configRepo')}
      />
      {typed.configRepo.trim() === '' ? null : (
        <TextField label="Its branch (optional)" placeholder="main" {...text('configBranch')} />
      )}
      <TextField
        label="Names of the servers (optional)"
        placeholder="team.example.com"
        help="DNS names by which they are reached, beside their addresses: the certificate is for them, too."
        {...text('names')}
      />
      <TextField
        label="Port"
        inputMode="numeric"
        help="On each server. People reach the services there."
        {...text('port')}
      />
      <TextField
        label="Registry for images (optional)"
        placeholder="registry.example:5000/team"
        help="They go to the nodes through it. Else they are copied to the nodes that this machine is connected to."
        {...text('registry')}
      />
      <CheckField
        label="Prometheus and Grafana as well"
        help="The page has the four figures without them. Their images are pulled."
        checked={typed.monitoring}
        onChange={(event) => setTyped({ ...typed, monitoring: event.target.checked })}
      />
      <section className="form team-terminal" aria-label="Only in a terminal">
        <p className="muted">
          Who may sign the configuration, the keys of its host, and another certificate authority are for a terminal:
        </p>
        <CopyLine text={swarmCommand('team up --allowed-signers FILE --known-hosts FILE', other)} what="command" />
      </section>
    </FormDialog>
  );
}
