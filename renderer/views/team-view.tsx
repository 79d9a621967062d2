import { useCallback, useEffect, useState } from 'react';
import { toStackId } from '../../preload/contract/ids.ts';
import { teamStackName } from '../../preload/contract/team-stack-name.ts';
import type { MenuEntry } from '../components/menu.tsx';
import { Tabs } from '../components/tabs.tsx';
import { swarmSummary } from '../show/swarm.ts';
import type { AskedChange } from '../show/swarm-change.ts';
import { isLinked, servicesSummary, teamTabsOf } from '../show/team-services.ts';
import { isActiveRun, servicesHere } from '../show/team-stack.ts';
import { useApp, useLive, useSwarm, useTeamServices } from '../store/context.ts';
import { selectEngines } from '../store/live.ts';
import type { TeamLogsPlace, TeamTab } from '../store/ui.ts';
import { useFocusAt } from '../store/use-focus-at.ts';
import { useTeamStackRun } from '../store/use-team-stack-run.ts';
import { OperationDock } from './operation-dock.tsx';
import { TeamConfigView } from './team-config.tsx';
import { type TeamDialog, TeamDialogs } from './team-dialogs.tsx';
import { TeamIncidents } from './team-incidents.tsx';
import { LinkedPart } from './team-link.tsx';
import { TeamLogs } from './team-logs.tsx';
import { TeamOverviewView } from './team-overview.tsx';
import { TeamPeople } from './team-people.tsx';
import { ServicesActions, type ServicesDialog, ServicesDialogs } from './team-services-dialogs.tsx';
import { SwarmActions, TeamSwarm } from './team-swarm.tsx';
import { TeamUpRun } from './team-up-run.tsx';
import { OnTheirWay, type Upkeep } from './team-upkeep.tsx';

/** A team: its Swarm as one engine has it, and its services as this user is linked to them. Read while this page is open. */
export function TeamView({
  chosen,
  tab,
  logs,
  join,
}: {
  readonly chosen: string | undefined;
  readonly tab: TeamTab | undefined;
  /** Of a service, in place of the page's lists. */
  readonly logs: TeamLogsPlace | undefined;
  /** A link led here, to join: which is asked for where the engine is in no Swarm, or this user in no team’s services. */
  readonly join: boolean;
}) {
  const { swarm, teamServices, ui } = useApp();
  const engine = useLive((live) => {
    const engines = selectEngines(live);
    return (engines.find(({ id }) => id === chosen) ?? engines[0])?.id;
  });
  useEffect(() => (engine === undefined ? undefined : swarm.actions.follow(engine)), [swarm, engine]);
  useEffect(() => teamServices.actions.follow(), [teamServices]);
  const followed = useSwarm((state) => state.engine) === engine;
  const part = useSwarm((state) => state.part);
  const link = useTeamServices((state) => state.link);
  const openIncidents = useTeamServices((state) => state.incidents?.filter((one) => one.state === 'open').length ?? 0);
  const [asked, setAsked] = useState<{ readonly engine: typeof engine; readonly dialog: TeamDialog | undefined }>();
  const [services, setServices] = useState<ServicesDialog>();
  // What was asked about one engine is not done to another that takes its place.
  const dialog = asked?.engine === engine ? asked?.dialog : undefined;
  const setDialog = useCallback((next: TeamDialog | undefined) => setAsked({ engine, dialog: next }), [engine]);
  const ask = useCallback((change: AskedChange) => setDialog({ kind: 'change', asked: change }), [setDialog]);
  const isKnown = link.kind !== 'looking' && (engine === undefined || (followed && part.kind !== 'looking'));
  const canJoin = link.kind === 'none' || (followed && part.kind === 'none');
  useEffect(() => {
    if (!join || !isKnown) return;
    ui.actions.go({ view: 'team' });
    if (canJoin) setServices({ kind: 'join' });
  }, [ui, join, isKnown, canJoin]);
  const run = useTeamStackRun(engine);
  const count = useSwarm(servicesHere);
  const isManager = followed && part.kind === 'manager';
  const up = (begin: 'options' | 'plan') => setDialog({ kind: 'up', begin, isNew: count === 0 });
  const upkeep: Upkeep | undefined =
    isManager && !isActiveRun(run)
      ? {
          team: part.team,
          count,
          onUp: () => up(count === 0 ? 'options' : 'plan'),
          onDown: () => ask({ stack: teamStackName, change: { kind: 'remove' } }),
        }
      : undefined;
  /** What stands in place of services that nobody can be linked to yet. */
  const instead = run === null || run.phase === 'done' ? undefined : isActiveRun(run) ? <OnTheirWay /> : null;
  const progress =
    run === null || engine === undefined ? null : (
      <TeamUpRun
        engine={engine}
        run={run}
        onAgain={() => up('plan')}
        onInvite={() => setServices({ kind: 'invite-person' })}
      />
    );
  const stage = run === null ? 'none' : isActiveRun(run) ? 'active' : 'ended';
  useFocusAt('.team [role="tab"][aria-selected="true"]', `${stage} ${dialog?.kind}`);
  if (engine !== undefined && logs !== undefined) {
    return followed ? <TeamLogs engine={engine} chosen={chosen} {...logs} /> : null;
  }
  const items = teamTabsOf(link, openIncidents);
  const open =
    items.find(({ key }) => key === tab)?.key ?? (isLinked(link) && link.me.role === 'guest' ? 'overview' : 'swarm');
  return (
    <div className="team" data-testid="team" data-part={followed ? part.kind : 'looking'} data-link={link.kind}>
      <header className="team-head">
        <TeamTitle tab={open} />
        {open !== 'swarm' ? (
          <ServicesActions tab={open} more={upkeepEntries(upkeep)} onDialog={setServices} />
        ) : engine === undefined || !followed ? null : (
          <SwarmActions engine={engine} onDialog={setDialog} />
        )}
      </header>
      <Tabs
        items={items}
        value={open}
        label="Parts of the team"
        onChange={(next) =>
          ui.actions.go({ view: 'team', ...(chosen === undefined ? {} : { engine: chosen }), tab: next })
        }
      >
        {open === 'swarm' ? progress : null}
        {open === 'swarm' ? (
          <TeamSwarm
            engine={followed ? engine : undefined}
            onChange={ask}
            onDialog={setDialog}
            onJoin={() => setServices({ kind: 'join' })}
          />
        ) : (
          <div className="team-panel">
            {progress}
            <LinkedPart onDialog={setServices} upkeep={upkeep} {...(instead === undefined ? {} : { instead })}>
              {open === 'overview' ? <TeamOverviewView /> : null}
              {open === 'people' ? <TeamPeople onDialog={setServices} /> : null}
              {open === 'config' ? <TeamConfigView onDialog={setServices} /> : null}
              {open === 'incidents' ? <TeamIncidents /> : null}
            </LinkedPart>
          </div>
        )}
        {open === 'swarm' || engine === undefined || !isManager ? null : (
          <OperationDock stack={toStackId(engine, teamStackName)} />
        )}
      </Tabs>
      {engine === undefined ? null : <TeamDialogs engine={engine} dialog={dialog} onDialog={setDialog} />}
      <ServicesDialogs engine={engine} dialog={services} onDialog={setServices} />
    </div>
  );
}

/** In the menu of the services, for managers of the Swarm that they run on. */
const upkeepEntries = (upkeep: Upkeep | undefined): readonly MenuEntry[] =>
  upkeep === undefined
    ? []
    : upkeep.count === 0
      ? [{ label: 'Set up the services…', run: upkeep.onUp }]
      : [
          { label: 'Update the services…', run: upkeep.onUp },
          { label: 'Take the services down…', run: upkeep.onDown },
        ];

function TeamTitle({ tab }: { readonly tab: TeamTab }) {
  const part = useSwarm((state) => state.part);
  const link = useTeamServices((state) => state.link);
  const people = useTeamServices((state) => state.people);
  const summary = useSwarm(swarmSummary);
  const ofSwarm = 'team' in part ? part.team : undefined;
  const ofServices = isLinked(link) ? link.team : undefined;
  return (
    <div className="team-title">
      <h1>{(tab === 'swarm' ? (ofSwarm ?? ofServices) : (ofServices ?? ofSwarm)) ?? 'Team'}</h1>
      <p className="team-lead ellipsis">{tab === 'swarm' ? summary : servicesSummary(link, people)}</p>
    </div>
  );
}
