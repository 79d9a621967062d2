import { useState } from 'react';
import type { Output } from '../../preload/contract/api.ts';
import { shellWord } from '../../preload/contract/shell-word.ts';
import type { PersonRole } from '../../preload/contract/team-services.ts';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { CheckField, SelectField, TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { lastings, untilText } from '../show/team.ts';
import { mayAs } from '../show/team-services.ts';
import { useApp, useSwarm, useTeamServices } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Facts, Failed, MachineChoice, type MachineRole, Outcome, PersonRoleChoice, Warnings } from './team-parts.tsx';
import { ShownInvite } from './team-shown-invite.tsx';

type Made = Output<'teamServices.invitePerson'>;

/** Makes an invite for one person. It is shown once: it is in this dialog's own state and nowhere else. */
export function PersonInviteDialog({
  engine,
  onClose,
}: {
  readonly engine: string | undefined;
  readonly onClose: () => void;
}) {
  const { client } = useApp();
  const isOperator = useTeamServices(({ link }) => mayAs(link, 'operator'));
  const isManager = useSwarm((state) => state.part.kind === 'manager' && state.engine === engine);
  const [name, setName] = useState('');
  const [role, setRole] = useState<PersonRole>('guest');
  const [lasts, setLasts] = useState(86_400);
  const [withSwarm, setWithSwarm] = useState(false);
  const [machine, setMachine] = useState<MachineRole>('laptop');
  const { busy, error, attempt } = useAttempt();
  const [made, setMade] = useState<Made>();
  if (made !== undefined) return <MadeDialog made={made} onClose={onClose} />;
  // A guest has no node, and only a manager can let one in.
  const swarm = isOperator && isManager && role !== 'guest' ? engine : undefined;
  const make = () =>
    attempt(
      () =>
        client.call('teamServices.invitePerson', {
          name,
          role,
          lasts,
          ...(swarm !== undefined && withSwarm ? { swarm: { engine: swarm, role: 'worker', machine } } : {}),
        }),
      setMade,
    );
  return (
    <FormDialog
      title={isOperator ? 'Invite a person' : 'Propose a guest'}
      submit={isOperator ? 'Make an invite' : 'Propose, and make an invite'}
      busy={busy}
      disabled={name.trim() === ''}
      onSubmit={() => void make()}
      onClose={onClose}
    >
      <Failed title="No invite was made" error={error} />
      {isOperator ? null : (
        <p>
          A guest uses the team’s MCP servers and configuration, without a node and without Docker. The invite works
          once an operator has approved it.
        </p>
      )}
      <TextField
        label="Name"
        data-first
        maxLength={80}
        value={name}
        help="As the team will see this person."
        onChange={(event) => setName(event.target.value)}
      />
      {isOperator ? <PersonRoleChoice value={role} onChange={setRole} /> : null}
      <SelectField
        label="It works for"
        help="Once, by one person, until then. It can be withdrawn as long as nobody has used it."
        options={lastings.map(({ seconds, label }) => [String(seconds), label])}
        value={String(lasts)}
        onChange={(seconds) => setLasts(Number(seconds))}
      />
      {swarm === undefined ? null : (
        <CheckField
          label="A machine of theirs joins the Swarm as well"
          help="Its owner hands it over: the team’s managers can run anything on it as root. Without it they use the services alone."
          checked={withSwarm}
          onChange={(event) => setWithSwarm(event.target.checked)}
        />
      )}
      {swarm !== undefined && withSwarm ? <MachineChoice value={machine} onChange={setMachine} /> : null}
      <CopyLine
        text={swarmCommand(
          `team person invite ${name.trim() === '' ? 'NAME' : shellWord(name.trim())} --role ${role} --expires ${lasts / 3600}h${swarm !== undefined && withSwarm ? ` --machine ${machine}` : ''}`,
          undefined,
        )}
        what="command"
      />
    </FormDialog>
  );
}

function MadeDialog({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) {
  return (
    <ClosingDialog title={`An invite for ${made.name}`} onClose={onClose}>
      <Outcome>
        {made.pending ? (
          <Notice severity="note" title="It waits for an operator: until it is approved, joining with it is refused" />
        ) : null}
        <p>
          Pass it on like a password: whoever uses it first is {made.name}. It is shown only now, and claude-env keeps
          it nowhere.
        </p>
        <ShownInvite invite={made.invite} />
        <Facts
          facts={[
            ['Team', made.team],
            ['As', made.role],
            ['Until', untilText(made.expires)],
          ]}
        />
        <p className="hint">
          Over there it goes into Team, “Join with an invite…”, or into <code>npx claude-env team join</code>, which
          asks for it.
        </p>
        <Warnings texts={made.notes} />
      </Outcome>
    </ClosingDialog>
  );
}
