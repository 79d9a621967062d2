import type { PendingRevision, TeamConfig, TeamPerson } from '../../preload/contract/team-services.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { TableHead } from '../components/table-head.tsx';
import { Ago } from '../components/time.tsx';
import { configLook, mayAs, notCurrent, shortSha, signatureLook } from '../show/team-services.ts';
import { useTeamServices } from '../store/context.ts';
import { SyncNow } from './team-config-sync.tsx';
import { AwaitedPart, PartTrouble } from './team-link.tsx';
import { TeamMember } from './team-member.tsx';
import { Facts } from './team-parts.tsx';
import type { ServicesDialog } from './team-services-dialogs.tsx';

/** The team's configuration for Claude Code: what is offered, what waits, and who does not have it yet. */
export function TeamConfigView({ onDialog }: { readonly onDialog: (dialog: ServicesDialog) => void }) {
  const config = useTeamServices((state) => state.config);
  const people = useTeamServices((state) => state.people);
  const isMember = useTeamServices(({ link }) => mayAs(link, 'member'));
  const isOperator = useTeamServices(({ link }) => mayAs(link, 'operator'));
  return (
    <div className="team-body">
      {config === undefined ? (
        <AwaitedPart part="config" label="Asking which configuration is offered" />
      ) : (
        <>
          <PartTrouble part="config" />
          <Offered config={config} />
          {isMember ? <SyncNow /> : null}
          <TeamMember onDialog={onDialog} />
          <Pending
            config={config}
            onApprove={isOperator ? (revision) => onDialog({ kind: 'approve-revision', revision }) : undefined}
          />
        </>
      )}
      {people === undefined ? null : <Behind people={people} />}
    </div>
  );
}

function Offered({ config: { current, sync } }: { readonly config: TeamConfig }) {
  return (
    <section className="team-part" aria-labelledby="team-offered">
      <h2 id="team-offered">Offered to everybody</h2>
      {sync.error === null ? null : (
        <div className="team-awaited">
          <Notice severity="warn" title="The team’s repository could not be read last time">
            <p>{sync.error}</p>
            <p className="hint">What is offered stays as it is until that works again.</p>
          </Notice>
        </div>
      )}
      {current === null ? (
        <p className="team-empty">
          Nothing yet. A commit of the team’s repository is offered once it has a good signature of somebody whom the
          team knows, or once an operator has approved it.
        </p>
      ) : (
        <div className="team-awaited">
          <Facts
            facts={[
              ['Revision', <Revision key="sha" sha={current.sha} />],
              ['Change', current.subject],
              ['Offered', <Past key="since" at={current.since} />],
              ...(current.signedBy === undefined ? [] : [['Signed by', current.signedBy] as const]),
              ...(current.approvedBy === undefined ? [] : [['Approved by', current.approvedBy] as const]),
              ['Last read', sync.lastSync === null ? 'not yet' : <Past key="sync" at={sync.lastSync} />],
            ]}
          />
        </div>
      )}
    </section>
  );
}

function Past({ at }: { readonly at: string }) {
  return (
    <>
      <Ago since={at} /> ago
    </>
  );
}

function Revision({ sha }: { readonly sha: string }) {
  return (
    <span className="team-revision">
      <code title={sha}>{shortSha(sha)}</code>
      <CopyButton text={sha} what="revision" />
    </span>
  );
}

const pendingColumns = [
  ['r-sha', 'Revision'],
  ['r-subject', 'Change'],
  ['r-author', 'Author'],
  ['r-date', 'Made'],
  ['r-signature', 'Signature'],
] as const;

function Pending({
  config: { pending },
  onApprove,
}: {
  readonly config: TeamConfig;
  readonly onApprove: ((revision: PendingRevision) => void) | undefined;
}) {
  if (pending === undefined || pending.length === 0) return null;
  return (
    <section className="team-part" aria-labelledby="team-pending">
      <h2 id="team-pending">Waits for an operator</h2>
      <table className="list-table team-table">
        <TableHead columns={onApprove === undefined ? pendingColumns : [...pendingColumns, ['r-approve', '']]} />
        <tbody>
          {pending.map((revision) => (
            <PendingRows key={revision.sha} revision={revision} onApprove={onApprove} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function PendingRows({
  revision,
  onApprove,
}: {
  readonly revision: PendingRevision;
  readonly onApprove: ((revision: PendingRevision) => void) | undefined;
}) {
  const { sha, subject, author, date, signature, refused } = revision;
  const look = signatureLook(revision);
  return (
    <>
      <tr data-testid={`revision-${shortSha(sha)}`} data-signature={signature}>
        <td className="r-sha">
          <Revision sha={sha} />
        </td>
        <td className="r-subject" title={subject}>
          {subject}
        </td>
        <td className="r-author" title={author}>
          {author}
        </td>
        <td className="r-date">
          <Ago since={date} />
        </td>
        <td className={`r-signature tone-text-${look.tone}`} title={look.label}>
          <StateShape look={look} />
          {look.label}
        </td>
        {onApprove === undefined ? null : (
          <td className="r-approve">
            {refused === undefined ? (
              <Button kind="quiet" onClick={() => onApprove(revision)}>
                Approve…
              </Button>
            ) : null}
          </td>
        )}
      </tr>
      {refused === undefined ? null : (
        <tr className="people-detail r-refused">
          <td colSpan={pendingColumns.length + (onApprove === undefined ? 0 : 1)}>
            It can be offered to nobody: <Prose text={refused} />
          </td>
        </tr>
      )}
    </>
  );
}

const behindColumns = [
  ['b-person', 'Person'],
  ['b-machine', 'Machine'],
  ['b-config', 'Configuration'],
  ['b-revision', 'Has'],
  ['b-files', 'Changed there'],
] as const;

function Behind({ people }: { readonly people: Readonly<Record<string, TeamPerson>> }) {
  const rows = notCurrent(people);
  return (
    <section className="team-part" aria-labelledby="team-behind">
      <h2 id="team-behind">Not current</h2>
      {rows.length === 0 ? (
        <p className="team-empty">Every machine that has reported has what is offered.</p>
      ) : (
        <table className="list-table team-table">
          <TableHead columns={behindColumns} />
          <tbody>
            {rows.map(({ person, environment }) => {
              const look = configLook(environment);
              return (
                <tr key={`${person.id} ${environment.machine}`}>
                  <td className="b-person">{person.name}</td>
                  <td className="b-machine">{environment.machine}</td>
                  <td className={`b-config tone-text-${look.tone}`}>
                    <StateShape look={look} />
                    {look.label}
                  </td>
                  <td className="b-revision mono" title={environment.revision}>
                    {environment.revision === undefined ? '–' : shortSha(environment.revision)}
                  </td>
                  <td className="b-files" title={environment.drifted.join('\n')}>
                    {environment.drifted.join(', ') || '–'}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
