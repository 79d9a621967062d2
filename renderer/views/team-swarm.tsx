import { useCallback, useId } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { SwarmNode, SwarmPart } from '../../preload/contract/swarm.ts';
import { AwaitedRows } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { Prose } from '../components/prose.tsx';
import { isOld, swarmCommand } from '../show/swarm.ts';
import type { AskedChange } from '../show/swarm-change.ts';
import { useApp, useLive, useOtherEngine, useSwarm } from '../store/context.ts';
import { selectEngines } from '../store/live.ts';
import type { TeamDialog } from './team-dialogs.tsx';
import { TeamMenu } from './team-menu.tsx';
import type { AskedNode } from './team-node-dialog.tsx';
import { TeamNodes } from './team-nodes.tsx';
import { TeamOperations } from './team-operations.tsx';
import { TeamServices } from './team-services.tsx';

interface Ask {
  readonly onChange: (asked: AskedChange) => void;
  readonly onDialog: (dialog: TeamDialog) => void;
  readonly onJoin: () => void;
}

/** An engine's Swarm: who is in it and what runs there. */
export function TeamSwarm({ engine, ...ask }: Ask & { readonly engine: string | undefined }) {
  const part = useSwarm((state) => state.part);
  const trouble = useSwarm((state) => state.trouble);
  const ready = useLive((live) => live.ready);
  const known = useLive((live) => Object.keys(live.engines).length > 0);
  if (engine === undefined) return known || !ready ? null : <NoEngine onJoin={ask.onJoin} />;
  return (
    <>
      <div className="team-body">
        <Notices part={part} onDialog={ask.onDialog} />
        {trouble === undefined ? null : <ErrorNotice title="The Swarm cannot be followed" error={trouble} />}
        <Content part={part} {...ask} />
      </div>
      <TeamOperations engine={engine} onChange={ask.onChange} />
    </>
  );
}

/** What is done with the Swarm, beside the page's title. */
export function SwarmActions({
  engine,
  onDialog,
}: {
  readonly engine: string;
  readonly onDialog: (dialog: TeamDialog) => void;
}) {
  const part = useSwarm((state) => state.part);
  return (
    <>
      {part.kind === 'manager' ? (
        <>
          <Button onClick={() => onDialog({ kind: 'deploy' })}>Deploy a stack…</Button>
          <Button icon="plus" onClick={() => onDialog({ kind: 'invite' })}>
            Invite…
          </Button>
        </>
      ) : null}
      <TeamMenu part={part} onDialog={onDialog} />
      <EngineChoice engine={engine} />
    </>
  );
}

function Content({ part, onChange, onDialog, onJoin }: Ask & { readonly part: SwarmPart }) {
  const onLabels = useCallback((node: SwarmNode) => onDialog({ kind: 'labels', node }), [onDialog]);
  const onAct = useCallback((asked: AskedNode) => onDialog({ kind: 'node', asked }), [onDialog]);
  if (part.kind === 'looking') return <AwaitedRows label="Asking the engine" />;
  if (part.kind === 'none') return <NoSwarm onDialog={onDialog} onJoin={onJoin} />;
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

function NoSwarm({ onDialog, onJoin }: Pick<Ask, 'onDialog' | 'onJoin'>) {
  const other = useOtherEngine();
  return (
    <Empty title="This engine is in no Swarm">
      <p>
        A Swarm joins the machines of a team, so that a stack is deployed once and everybody sees the same services. One
        person makes it on a machine that stays on, and lets the others in with an invite.
      </p>
      <div className="team-ways">
        <Button kind="primary" onClick={onJoin}>
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

function NoEngine({ onJoin }: Pick<Ask, 'onJoin'>) {
  const { ui } = useApp();
  return (
    <Empty title="No container engine was found">
      <p>
        A team’s Swarm is seen through an engine that belongs to it. A guest’s invite needs none: it lets you use the
        team’s services.
      </p>
      <div className="team-ways">
        <Button icon="doctor" onClick={() => ui.actions.go({ view: 'doctor' })}>
          See every check
        </Button>
        <Button onClick={onJoin}>Join with an invite…</Button>
      </div>
    </Empty>
  );
}
