import { useState } from 'react';
import { shellWord } from '../../preload/contract/shell-word.ts';
import type { RemovedPerson, TeamPerson } from '../../preload/contract/team-services.ts';
import { Awaited } from '../components/awaited.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { removedFacts } from '../show/team-services.ts';
import { useApp, useSwarm } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Facts, Failed, Outcome, PersonRoleChoice, Warnings } from './team-parts.tsx';

interface Props {
  readonly person: TeamPerson;
  readonly onClose: () => void;
}

/** What a person may do, from now on. */
export function PersonRoleDialog({ person, onClose }: Props) {
  const { client } = useApp();
  const [role, setRole] = useState(person.role);
  const { busy, error, attempt } = useAttempt();
  return (
    <FormDialog
      title={`The role of ${person.name}`}
      submit="Change it"
      busy={busy}
      disabled={role === person.role}
      onSubmit={() => void attempt(() => client.call('teamServices.setRole', { person: person.id, role }), onClose)}
      onClose={onClose}
    >
      <Failed title="The role is as it was" error={error} />
      <PersonRoleChoice value={role} onChange={setRole} />
      <CopyLine text={swarmCommand(`team person role ${shellWord(person.name)} ${role}`, undefined)} what="command" />
    </FormDialog>
  );
}

/** What it means, by name; then the question; then what was done, and what only people can do. */
export function PersonRemoveDialog({ engine, person, onClose }: Props & { readonly engine: string | undefined }) {
  const { client } = useApp();
  const isManager = useSwarm((state) => state.part.kind === 'manager' && state.engine === engine);
  const asked = { person: person.id, ...(isManager && engine !== undefined ? { engine } : {}) };
  const { answer, error } = useAnswer('teamServices.adviseRemoval', asked);
  const { busy, error: failed, attempt } = useAttempt();
  const [removed, setRemoved] = useState<RemovedPerson>();
  if (removed !== undefined) return <RemovedDialog removed={removed} onClose={onClose} />;
  return (
    <FormDialog
      title={`Remove ${person.name} from the team`}
      submit={`Remove ${person.name}`}
      kind="danger"
      first="cancel"
      busy={busy}
      disabled={answer === undefined}
      // Only what was shown: another machine of theirs may have come since.
      onSubmit={() =>
        void attempt(
          () => client.call('teamServices.removePerson', { ...asked, nodes: [...(answer?.nodes ?? [])] }),
          setRemoved,
        )
      }
      onClose={onClose}
    >
      <Failed title={`${person.name} was not removed, or not wholly`} error={failed} />
      {answer === undefined ? (
        <Awaited label="Asking what it means" failed="It cannot be said what it means" error={error} />
      ) : (
        <Notice severity="warn" title="What happens">
          <ul className="losses">
            {answer.means.map((text) => (
              <li key={text}>
                <Prose text={text} />
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <CopyLine text={swarmCommand(`team person rm ${shellWord(person.name)}`, undefined)} what="command" />
    </FormDialog>
  );
}

function RemovedDialog({ removed, onClose }: { readonly removed: RemovedPerson; readonly onClose: () => void }) {
  return (
    <ClosingDialog title={`${removed.name} is out of the team`} onClose={onClose}>
      <Outcome>
        <Facts facts={removedFacts(removed)} />
        {removed.secrets.length === 0 ? null : (
          <Notice severity="warn" title="Change these secrets: they could be read on their machines">
            <ul className="losses">
              {removed.secrets.map(({ name, stack, why }) => (
                <li key={`${stack ?? ''} ${name}`}>
                  <code>{name}</code>
                  {stack === undefined ? '' : ` of ${stack}`}: <Prose text={why} />
                </li>
              ))}
            </ul>
          </Notice>
        )}
        <Warnings texts={removed.notes} />
      </Outcome>
    </ClosingDialog>
  );
}
