import { useState } from 'react';
import { shellWord } from '../../preload/contract/shell-word.ts';
import type { CreatedTeam } from '../../preload/contract/team.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { CheckField, TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { teamNameMistake } from '../show/team.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { AddressField, Facts, Failed, MachineChoice, type MachineRole, Outcome, Warnings } from './team-parts.tsx';

interface Props {
  readonly engine: string;
  readonly onInvite: () => void;
  readonly onClose: () => void;
}

/** Makes a Swarm with this engine as its first manager. */
export function TeamCreateDialog({ engine, onInvite, onClose }: Props) {
  const { client } = useApp();
  const other = useOtherEngine();
  const [name, setName] = useState('');
  const [advertise, setAdvertise] = useState('');
  const [machine, setMachine] = useState<MachineRole>('server');
  const [encrypt, setEncrypt] = useState(true);
  const [tried, setTried] = useState(false);
  const { busy, error, attempt } = useAttempt();
  const [made, setMade] = useState<CreatedTeam>();
  const wrongName = teamNameMistake(name);

  const create = () => {
    setTried(true);
    if (wrongName !== undefined || advertise === '') return;
    void attempt(() => client.call('team.create', { engine, name, advertise, machine, encrypt }), setMade);
  };
  if (made !== undefined) return <Made made={made} onInvite={onInvite} onClose={onClose} />;
  const words = `team create ${wrongName === undefined ? shellWord(name) : 'NAME'}${advertise === '' ? '' : ` --advertise ${shellWord(advertise)}`} --machine ${machine}${encrypt ? '' : ' --no-encrypt'}`;
  return (
    <FormDialog title="Create a team" submit="Create" busy={busy} onSubmit={create} onClose={onClose}>
      <Failed title="No team was made" error={error} />
      <TextField
        label="Name"
        data-first
        value={name}
        error={tried ? wrongName : undefined}
        help="As everybody in the team sees it."
        onChange={(event) => setName(event.target.value)}
      />
      <AddressField
        engine={engine}
        value={advertise}
        tried={tried && wrongName === undefined}
        onChange={setAdvertise}
      />
      <MachineChoice value={machine} onChange={setMachine} />
      <CheckField
        label="Encrypt what containers send between machines"
        help="Left off, and said, where this machine’s kernel cannot."
        checked={encrypt}
        onChange={(event) => setEncrypt(event.target.checked)}
      />
      <CopyLine text={swarmCommand(words, other)} what="command" />
    </FormDialog>
  );
}

function Made({
  made,
  onInvite,
  onClose,
}: {
  readonly made: CreatedTeam;
  readonly onInvite: () => void;
  readonly onClose: () => void;
}) {
  return (
    <ClosingDialog
      title={`${made.team} is there`}
      onClose={onClose}
      beside={
        <Button kind="primary" onClick={onInvite}>
          Invite…
        </Button>
      }
    >
      <Outcome>
        <p>This engine is its first manager.</p>
        <Facts
          facts={[
            ['Address', <code key="address">{made.address}</code>],
            ['Certificate', <code key="fingerprint">{made.fingerprint}</code>],
            ['Networks', made.encrypted ? 'encrypted' : 'not encrypted'],
          ]}
        />
        <Warnings texts={made.warnings} />
        <section aria-label="For firewalls">
          <div className="field-label">Firewalls between the machines have to let through</div>
          <ul className="team-means">
            {made.firewall.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </section>
      </Outcome>
    </ClosingDialog>
  );
}
