import type { MemberEnvironment } from '../../preload/contract/team-member.ts';
import { Awaited } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { actionsTitle, TableHead } from '../components/table-head.tsx';
import { hasOffer, memberLook, memberServers } from '../show/team-member.ts';
import { shortSha } from '../show/team-services.ts';
import { useTeamMember } from '../store/use-team-member.ts';
import type { ServicesDialog } from './team-services-dialogs.tsx';

const columns = [
  ['y-name', 'Environment'],
  ['y-config', 'Configuration'],
  ['y-revision', 'Has'],
  ['y-servers', 'Team’s MCP servers'],
  ['y-acts', actionsTitle],
] as const;

/** What this user's own dev containers have of the team: shown as a diff before it is applied, and taken back exactly. */
export function TeamMember({ onDialog }: { readonly onDialog: (dialog: ServicesDialog) => void }) {
  const { environments, error } = useTeamMember();
  return (
    <section className="team-part" aria-labelledby="team-yours">
      <h2 id="team-yours">In your environments</h2>
      {environments === undefined ? (
        <div className="team-awaited">
          <Awaited label="Asking your environments" failed="Your environments could not be asked" error={error} />
        </div>
      ) : environments.length === 0 ? (
        <p className="team-empty">
          None of your development environments runs. One that starts gets the team’s MCP servers; its configuration is
          yours to agree to.
        </p>
      ) : (
        <>
          <table className="list-table team-table">
            <TableHead columns={columns} />
            <tbody>
              {environments.map((environment) => (
                <EnvironmentRow key={environment.name} environment={environment} onDialog={onDialog} />
              ))}
            </tbody>
          </table>
          {environments.map((environment) => (
            <EnvironmentTrouble key={environment.name} environment={environment} />
          ))}
        </>
      )}
    </section>
  );
}

function EnvironmentRow({
  environment,
  onDialog,
}: {
  readonly environment: MemberEnvironment;
  readonly onDialog: (dialog: ServicesDialog) => void;
}) {
  const { name, applied } = environment;
  const look = memberLook(environment);
  const { has } = memberServers(environment);
  return (
    <tr data-testid={`member-${name}`} data-state={environment.state} data-config={look.label}>
      <td className="y-name">{name}</td>
      <td className={`y-config tone-text-${look.tone}`}>
        <StateShape look={look} />
        {look.label}
      </td>
      <td className="y-revision mono" title={applied ?? undefined}>
        {applied === null ? '–' : shortSha(applied)}
      </td>
      <td className="y-servers" title={has.join(', ')}>
        {has.join(', ') || 'none'}
      </td>
      <td className="y-acts">
        {hasOffer(environment) ? (
          <Button kind="quiet" onClick={() => onDialog({ kind: 'config-diff', environment: name })}>
            See what changes…
          </Button>
        ) : null}
        {applied === null ? null : (
          <Button kind="quiet" onClick={() => onDialog({ kind: 'config-undo', environment: name })}>
            Undo…
          </Button>
        )}
      </td>
    </tr>
  );
}

function EnvironmentTrouble({ environment }: { readonly environment: MemberEnvironment }) {
  const { name, error } = environment;
  const { not } = memberServers(environment);
  return (
    <div className="team-awaited">
      {error === undefined ? null : <ErrorNotice title={`${name} did not get what the team has`} error={error} />}
      {not.length === 0 ? null : (
        <Notice severity="note" title={`Not given to ${name}`}>
          <ul className="losses">
            {not.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
}
