import type { ReactNode } from 'react';
import type { ServicesPart } from '../../preload/contract/team-services.ts';
import { Awaited, AwaitedRows } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ErrorNotice, Hint, Notice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { Prose } from '../components/prose.tsx';
import { useApp, useTeamServices } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import type { ServicesDialog } from './team-services-dialogs.tsx';
import { NoServicesYet, NotLetIn, TakenDown, type Upkeep } from './team-upkeep.tsx';

type OnDialog = (dialog: ServicesDialog) => void;

/** A part of the team's services, below what stands in the way of seeing it as it is now. */
export function LinkedPart({
  onDialog,
  upkeep,
  instead,
  children,
}: {
  readonly onDialog: OnDialog;
  /** Where this engine is a manager of the team’s Swarm. */
  readonly upkeep?: Upkeep | undefined;
  /** While they are on their way nobody can be linked yet: what is shown then. */
  readonly instead?: ReactNode;
  readonly children?: ReactNode;
}) {
  const link = useTeamServices((state) => state.link);
  const trouble = useTeamServices((state) => state.trouble);
  if (link.kind === 'looking') {
    return trouble === undefined ? (
      <AwaitedRows label="Looking whether this machine belongs to a team" />
    ) : (
      <div className="padded">
        <ErrorNotice title="The team’s services cannot be followed" error={trouble} />
      </div>
    );
  }
  if (instead !== undefined && link.kind !== 'open') return instead;
  if (link.kind === 'none') return <NotLinked onDialog={onDialog} upkeep={upkeep} />;
  const isDown = link.kind !== 'open' && upkeep?.count === 0 && upkeep.team === link.team;
  return (
    <>
      <div className="team-notices">
        {trouble === undefined ? null : <ErrorNotice title="The team’s services cannot be followed" error={trouble} />}
        {isDown ? <TakenDown upkeep={upkeep} /> : <LinkNotice onDialog={onDialog} />}
      </div>
      <div className={link.kind === 'open' ? 'team-linked' : 'team-linked stale'}>{children}</div>
    </>
  );
}

function LinkNotice({ onDialog }: { readonly onDialog: OnDialog }) {
  const { client } = useApp();
  const link = useTeamServices((state) => state.link);
  const { busy, error: failed, attempt } = useAttempt();
  if (link.kind === 'refused') {
    return (
      <ErrorNotice
        error={link.error}
        actions={
          <>
            <Button kind="primary" onClick={() => onDialog({ kind: 'join' })}>
              Join with an invite…
            </Button>
            <Button onClick={() => onDialog({ kind: 'leave-services' })}>Take it off this machine…</Button>
          </>
        }
      />
    );
  }
  if (link.kind === 'open' && link.warning !== undefined) {
    return (
      <Notice severity="warn" title={<Prose text={link.warning.message} />}>
        <Hint text={link.warning.hint} />
      </Notice>
    );
  }
  if (link.kind !== 'connecting' || link.error === undefined) return null;
  return (
    <Notice
      severity="warn"
      title={<Prose text={link.error.message} />}
      actions={
        <Button icon="restart" busy={busy} onClick={() => void attempt(() => client.call('teamServices.retry', {}))}>
          Try now
        </Button>
      }
    >
      <Hint text={link.error.hint} />
      <Hint text={failed?.message} />
    </Notice>
  );
}

function NotLinked({ onDialog, upkeep }: { readonly onDialog: OnDialog; readonly upkeep: Upkeep | undefined }) {
  const join = () => onDialog({ kind: 'join' });
  if (upkeep !== undefined) {
    const Way = upkeep.count === 0 ? NoServicesYet : NotLetIn;
    return <Way upkeep={upkeep} onJoin={join} />;
  }
  return (
    <Empty title="This machine belongs to no team’s services">
      <p>
        They are what a team shares beside its Swarm: MCP servers, one configuration for Claude Code, who is here, and
        incidents. An operator’s invite lets you in; a guest’s needs neither a node of the Swarm nor Docker.
      </p>
      <div className="team-ways">
        <Button kind="primary" onClick={join}>
          Join with an invite…
        </Button>
      </div>
      <p className="muted">Or in a terminal; and on a manager of your Swarm, to bring them up for your team:</p>
      <CopyLine text="npx claude-env team join" what="command" />
      <CopyLine text="npx claude-env team up" what="command" />
    </Empty>
  );
}

/** In place of a part that is not there (yet): on its way, why not, or that nobody could be asked. */
export function AwaitedPart({ part, label }: { readonly part: ServicesPart; readonly label: string }) {
  const error = useTeamServices((state) => state.errors[part]);
  const answered = useTeamServices((state) => state.link.kind === 'open');
  return (
    <div className="team-awaited">
      {answered || error !== undefined ? (
        <Awaited label={label} failed="This could not be read" error={error} />
      ) : (
        <p className="muted">Not known: the services have not answered since claude-env started.</p>
      )}
    </div>
  );
}

/** Above a part that is as it was: why it could not be read again. */
export function PartTrouble({ part }: { readonly part: ServicesPart }) {
  const error = useTeamServices((state) => (state[part] === undefined ? undefined : state.errors[part]));
  if (error === undefined) return null;
  return (
    <div className="team-awaited">
      <Notice severity="warn" title="As it was: it could not be read again">
        <p>
          <Prose text={error.message} />
        </p>
        <Hint text={error.hint} />
      </Notice>
    </div>
  );
}
