import { useCallback, useEffect, useId, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { SwarmNode, SwarmPart } from '../../preload/contract/swarm.ts';
import { AwaitedRows } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { Prose } from '../components/prose.tsx';
import { isOld, swarmCommand, swarmSummary } from '../show/swarm.ts';
import type { AskedChange } from '../show/swarm-change.ts';
import { useApp, useLive, useOtherEngine, useSwarm } from '../store/context.ts';
import { selectEngines } from '../store/live.ts';
import type { TeamLogsPlace } from '../store/ui.ts';
import { type TeamDialog, TeamDialogs } from './team-dialogs.tsx';
import { TeamLogs } from './team-logs.tsx';
import { TeamMenu } from './team-menu.tsx';
import type { AskedNode } from './team-node-dialog.tsx';
import { TeamNodes } from './team-nodes.tsx';
import { TeamOperations } from './team-operations.tsx';
import { TeamServices } from './team-services.tsx';

/** An engine's Swarm: who is in it and what runs there. It is read only while this page is open. */
export function TeamView({
  chosen,
  logs,
  join,
}: {
  readonly chosen: string | undefined;
  /** Of a service, in place of the page's lists. */
  readonly logs: TeamLogsPlace | undefined;
  /** A link led here, to join: which is asked for where the engine is in no Swarm. */
  readonly join: boolean;
}) {
  const { swarm, ui } = useApp();
  const engine = useLive((live) => {
    const engines = selectEngines(live);
    return (engines.find(({ id }) => id === chosen) ?? engines[0])?.id;
  });
  useEffect(() => (engine === undefined ? undefined : swarm.actions.follow(engine)), [swarm, engine]);
  const part = useSwarm((state) => state.part);
  const followed = useSwarm((state) => state.engine) === engine;
  const summary = useSwarm(swarmSummary);
  const trouble = useSwarm((state) => state.trouble);
  const [asked, setAsked] = useState<{ readonly engine: typeof engine; readonly dialog: TeamDialog | undefined }>();
  // What was asked about one engine is not done to another that takes its place.
  const dialog = asked?.engine === engine ? asked?.dialog : undefined;
  const setDialog = useCallback((next: TeamDialog | undefined) => setAsked({ engine, dialog: next }), [engine]);
  const canJoin = followed && part.kind === 'none';
  const isKnown = followed && part.kind !== 'looking';
  useEffect(() => {
    if (!join || !isKnown) return;
    ui.actions.go({ view: 'team' });
    if (canJoin) setDialog({ kind: 'join' });
  }, [ui, join, isKnown, canJoin, setDialog]);
  const ask = useCallback((change: AskedChange) => setDialog({ kind: 'change', asked: change }), [setDialog]);
  if (engine === undefined) return <NoEngine />;
  if (!followed) return null;
  if (logs !== undefined) return <TeamLogs engine={engine} chosen={chosen} {...logs} />;
  const title = 'team' in part && part.team !== undefined ? part.team : 'Team';
  return (
    <div className="team" data-testid="team" data-part={part.kind}>
      <header className="team-head">
        <div className="team-title">
          <h1>{title}</h1>
          <p className="team-lead">{summary}</p>
        </div>
        {part.kind === 'manager' ? (
          <>
            <Button onClick={() => setDialog({ kind: 'deploy' })}>Deploy a stack…</Button>
            <Button icon="plus" onClick={() => setDialog({ kind: 'invite' })}>
              Invite…
            </Button>
          </>
        ) : null}
        <TeamMenu part={part} onDialog={setDialog} />
        <EngineChoice engine={engine} />
      </header>
      <div className="team-body">
        <Notices part={part} onDialog={setDialog} />
        {trouble === undefined ? null : <ErrorNotice title="The Swarm cannot be followed" error={trouble} />}
        <Content part={part} onChange={ask} onDialog={setDialog} />
      </div>
      <TeamOperations engine={engine} onChange={ask} />
      <TeamDialogs engine={engine} dialog={dialog} onDialog={setDialog} />
    </div>
  );
}

function Content({
  part,
  onChange,
  onDialog,
}: {
  readonly part: SwarmPart;
  readonly onChange: (asked: AskedChange) => void;
  readonly onDialog: (dialog: TeamDialog) => void;
}) {
  const onLabels = useCallback((node: SwarmNode) => onDialog({ kind: 'labels', node }), [onDialog]);
  const onAct = useCallback((asked: AskedNode) => onDialog({ kind: 'node', asked }), [onDialog]);
  if (part.kind === 'looking') return <AwaitedRows label="Asking the engine" />;
  if (part.kind === 'none') return <NoSwarm onDialog={onDialog} />;
  return (
    <div className={isOld(part) ? 'team-parts stale' : 'team-parts'}>
      <TeamNodes onAct={part.kind === 'manager' ? onAct : undefined} onLabels={onLabels} />
      <TeamServices onChange={onChange} onDialog={onDialog} />
    </div>
  );
}

/** What stands in the way, and what is worth knowing; each stays until it is so no longer. */
function Notices({ part, onDialog }: { readonly part: SwarmPart; readonly onDialog: (dialog: TeamDialog) => void }) {
  if (!('notes' in part)) return null;
  return (
    <>
      {'error' in part ? (
        <ErrorNotice
          error={part.error}
          actions={
            part.kind === 'locked' ? (
              <Button kind="primary" onClick={() => onDialog({ kind: 'unlock' })}>
                Unlock…
              </Button>
            ) : part.kind === 'no-quorum' ? (
              <Button onClick={() => onDialog({ kind: 'recover' })}>What can be done…</Button>
            ) : null
          }
        />
      ) : null}
      {part.notes.map((note) => (
        <Notice key={note} severity="note" title={<Prose text={note} />} />
      ))}
    </>
  );
}

function EngineChoice({ engine }: { readonly engine: string }) {
  const { ui } = useApp();
  const id = useId();
  const engines = useLive(useShallow(selectEngines));
  if (engines.length < 2) return null;
  return (
    <>
      <label htmlFor={id} className="visually-hidden">
        Engine
      </label>
      <select
        id={id}
        className="input team-engine"
        value={engine}
        onChange={(event) => ui.actions.go({ view: 'team', engine: event.target.value })}
      >
        {engines.map(({ id: value, title }) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </>
  );
}

function NoSwarm({ onDialog }: { readonly onDialog: (dialog: TeamDialog) => void }) {
  const other = useOtherEngine();
  return (
    <Empty title="This engine is in no Swarm">
      <p>
        A Swarm joins the machines of a team, so that a stack is deployed once and everybody sees the same services. One
        person makes it on a machine that stays on, and lets the others in with an invite.
      </p>
      <div className="team-ways">
        <Button kind="primary" onClick={() => onDialog({ kind: 'join' })}>
          Join with an invite…
        </Button>
        <Button onClick={() => onDialog({ kind: 'create' })}>Create a team…</Button>
      </div>
      <p className="muted">Or in a terminal:</p>
      <CopyLine text={swarmCommand('team create NAME', other)} what="command" />
      <CopyLine text={swarmCommand('team join', other)} what="command" />
    </Empty>
  );
}

function NoEngine() {
  const { ui } = useApp();
  return (
    <Empty title="No container engine was found">
      <p>A team’s Swarm is seen through an engine that belongs to it.</p>
      <Button icon="doctor" onClick={() => ui.actions.go({ view: 'doctor' })}>
        See every check
      </Button>
    </Empty>
  );
}
