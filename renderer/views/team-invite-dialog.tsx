import { useState } from 'react';
import { shellWord } from '../../preload/contract/shell-word.ts';
import type { IssuedInvite } from '../../preload/contract/team.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { errorLine } from '../show/error-text.ts';
import { swarmCommand } from '../show/swarm.ts';
import { lastings, untilText } from '../show/team.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { OpenInvites } from './team-open-invites.tsx';
import { Facts, Failed, MachineChoice, type MachineRole, Outcome, SwarmRoleChoice, Warnings } from './team-parts.tsx';
import { ShownInvite } from './team-shown-invite.tsx';

/** Makes one string that lets machines in. It is shown once: it is in this dialog's own state and nowhere else. */
export function TeamInviteDialog({ engine, onClose }: { readonly engine: string; readonly onClose: () => void }) {
  const { client } = useApp();
  const other = useOtherEngine();
  const [role, setRole] = useState<'worker' | 'manager'>('worker');
  const [machine, setMachine] = useState<MachineRole>('laptop');
  const [lasts, setLasts] = useState(86_400);
  const [see, setSee] = useState('');
  const { busy, error, attempt } = useAttempt();
  const [made, setMade] = useState<IssuedInvite>();

  const make = () =>
    attempt(
      () => client.call('team.invite', { engine, role, machine, lasts, ...(see === '' ? {} : { see }) }),
      setMade,
    );
  if (made !== undefined) return <Made made={made} onClose={onClose} />;
  const wrongSee = error?.code === 'usage' ? errorLine(error) : undefined;
  return (
    <FormDialog
      title="Invite to the team"
      submit="Make an invite"
      first="submit"
      busy={busy}
      onSubmit={make}
      onClose={onClose}
    >
      <Failed title="No invite was made" error={wrongSee === undefined ? error : undefined} />
      <p>
        One string that lets machines join. Who joins hands the machine over: the team’s managers can run anything on it
        as root.
      </p>
      <SwarmRoleChoice value={role} onChange={setRole} />
      <MachineChoice value={machine} onChange={setMachine} />
      <SelectField
        label="It works for"
        help="As often as it is used until then. It cannot be taken back alone: invites of a role end together."
        options={lastings.map(({ seconds, label }) => [String(seconds), label])}
        value={String(lasts)}
        onChange={(seconds) => setLasts(Number(seconds))}
      />
      <TextField
        label="How the team is seen from there (optional)"
        mono
        value={see}
        placeholder="ssh://anna@10.77.0.2"
        error={wrongSee}
        help="A login of theirs on a manager, or context:NAME. A worker’s own engine sees hardly anything of the Swarm."
        onChange={(event) => setSee(event.target.value.trim())}
      />
      <OpenInvites engine={engine} />
      <CopyLine
        text={swarmCommand(
          `team invite --role ${role} --machine ${machine} --expires ${lasts / 3600}h${see === '' ? '' : ` --see ${shellWord(see)}`}`,
          other,
        )}
        what="command"
      />
    </FormDialog>
  );
}

function Made({ made, onClose }: { readonly made: IssuedInvite; readonly onClose: () => void }) {
  return (
    <Dialog title={`An invite to ${made.team}`} onClose={onClose} footer={<Button onClick={onClose}>Close</Button>}>
      <Outcome>
        <p>
          Pass it on like a password: whoever has it can join. It is shown only now, and claude-env keeps it nowhere.
        </p>
        <ShownInvite invite={made.invite} />
        <Facts
          facts={[
            ['As', `${made.role}, ${made.machine}`],
            ['Until', untilText(made.expires)],
            ['Certificate', <code key="fingerprint">{made.fingerprint}</code>],
          ]}
        />
        <p className="hint">
          Over there it goes into Team, “Join with an invite…”, or into <code>npx claude-env team join</code>, which
          asks for it. Tell them the certificate another way: they compare it.
        </p>
        {made.rotated ? (
          <p className="hint">Earlier invites for {made.role}s had all expired; their token is worthless now.</p>
        ) : null}
        <Warnings texts={made.notes} />
      </Outcome>
    </Dialog>
  );
}
