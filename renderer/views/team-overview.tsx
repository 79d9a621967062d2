import type { Incident, TeamMcpServer } from '../../preload/contract/team-services.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { TableHead } from '../components/table-head.tsx';
import { Ago } from '../components/time.tsx';
import {
  incidentLook,
  mayAs,
  orUnknown,
  overviewPanels,
  type Panel,
  rateText,
  secondsText,
  teamMcpLook,
  unknownText,
} from '../show/team-services.ts';
import { panelTrend, trendBox } from '../show/team-trend.ts';
import { plural } from '../show/words.ts';
import { useApp, useClock, useTeamServices } from '../store/context.ts';
import { AwaitedPart, PartTrouble } from './team-link.tsx';

/** The team at a glance: four figures, what somebody has to look at, its MCP servers, and who deployed what. */
export function TeamOverviewView() {
  const isMember = useTeamServices(({ link }) => mayAs(link, 'member'));
  return (
    <div className="team-body">
      {isMember ? <Panels /> : null}
      {isMember ? <OpenIncidents /> : null}
      <McpServers />
      {isMember ? <Deploys /> : null}
    </div>
  );
}

function Panels() {
  const overview = useTeamServices((state) => state.overview);
  if (overview === undefined) return <AwaitedPart part="overview" label="Asking for the figures" />;
  return (
    <section aria-label="At a glance">
      <PartTrouble part="overview" />
      <dl className="panels">
        {overviewPanels(overview).map((panel) => (
          <PanelCell key={panel.key} panel={panel} />
        ))}
      </dl>
    </section>
  );
}

function PanelCell({ panel: { key: name, title, value, says, tone } }: { readonly panel: Panel }) {
  return (
    <div className="panel" data-testid={`panel-${name}`} data-known={value !== undefined}>
      <dt>{title}</dt>
      <dd className={value === undefined ? 'panel-value unknown' : 'panel-value number'}>{value ?? unknownText}</dd>
      <PanelTrend name={name} />
      <dd className={tone === 'warn' ? 'panel-says tone-text-warn' : 'panel-says'} title={says}>
        {says}
      </dd>
    </div>
  );
}

/** The figure's last hour, as the services have kept it: the same room whether or not there is one. */
function PanelTrend({ name }: { readonly name: Panel['key'] }) {
  const samples = useTeamServices((state) => state.trend);
  const isAwaited = useTeamServices((state) => state.trend === undefined && state.errors.trend === undefined);
  const now = useClock((at) => at - (at % 60_000));
  const { line, says, label } = panelTrend(name, samples, now);
  const { width, height } = trendBox;
  return (
    <dd className="panel-trend" data-testid={`trend-${name}`} data-line={line !== ''}>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label ?? says}>
        <path d={`M0 ${height - 0.5}H${width}`} className="trend-base" />
        {line === '' ? null : <path d={line} className="trend-line" />}
      </svg>
      <span className="number ellipsis" title={label}>
        {isAwaited ? '' : says}
      </span>
    </dd>
  );
}

const mostIncidents = 5;

function OpenIncidents() {
  const { ui } = useApp();
  const incidents = useTeamServices((state) => state.incidents);
  const open = incidents?.filter(({ state }) => state === 'open') ?? [];
  if (open.length === 0) return null;
  return (
    <section className="team-part" aria-labelledby="team-open-incidents">
      <h2 id="team-open-incidents">Open incidents</h2>
      <ul className="team-lines">
        {open.slice(0, mostIncidents).map((one) => (
          <OpenIncident key={one.id} incident={one} />
        ))}
      </ul>
      <button
        type="button"
        className="link team-more"
        onClick={() => ui.actions.go({ view: 'team', tab: 'incidents' })}
      >
        {open.length > mostIncidents ? `See all ${open.length}` : 'Look after them'}
      </button>
    </section>
  );
}

function OpenIncident({ incident }: { readonly incident: Incident }) {
  const look = incidentLook(incident);
  return (
    <li>
      <StateShape look={look} />
      <span className="ellipsis">{incident.title}</span>
      <span className={`tone-text-${look.tone}`}>{look.label}</span>
      <span className="muted">
        <Ago since={incident.opened} />
      </span>
    </li>
  );
}

const mcpColumns = [
  ['m-name', 'Server'],
  ['m-state', 'State'],
  ['m-replicas', 'Replicas'],
  ['m-p95', 'p95'],
  ['m-rate', 'Requests'],
  ['m-url', 'Address'],
] as const;

function McpServers() {
  const servers = useTeamServices((state) => state.mcp);
  const address = useTeamServices(({ link }) => (link.kind === 'open' ? link.address : undefined));
  return (
    <section className="team-part" aria-labelledby="team-mcp">
      <h2 id="team-mcp">MCP servers</h2>
      {servers === undefined ? (
        <AwaitedPart part="mcp" label="Asking for the servers" />
      ) : servers.length === 0 ? (
        <p className="team-empty">The gateway of this team serves none.</p>
      ) : (
        <>
          <PartTrouble part="mcp" />
          <table className="list-table team-table">
            <TableHead columns={mcpColumns} />
            <tbody>
              {servers.map((server) => (
                <McpRow key={server.name} server={server} address={address} />
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

function McpRow({ server, address }: { readonly server: TeamMcpServer; readonly address: string | undefined }) {
  const look = teamMcpLook(server);
  const url = address === undefined ? undefined : `https://${address}${server.path}`;
  return (
    <tr data-testid={`team-mcp-${server.name}`} data-state={server.state}>
      <td className="m-name">
        <StateShape look={look} />
        {server.name}
      </td>
      <td className={`m-state tone-text-${look.tone}`}>{look.label}</td>
      <td className="m-replicas number">{orUnknown(server.replicas, String)}</td>
      <td className="m-p95 number">{orUnknown(server.p95Seconds, secondsText)}</td>
      <td className="m-rate number">{orUnknown(server.requestsPerSecond, rateText)}</td>
      <td className="m-url mono" title={url}>
        <span className="ellipsis">{url ?? server.path}</span>
        {url === undefined ? null : <CopyButton text={url} what={`the address of ${server.name}`} />}
      </td>
    </tr>
  );
}

const mostDeploys = 8;
const deployColumns = [
  ['d-stack', 'Stack'],
  ['d-number', 'Deploy'],
  ['d-by', 'By'],
  ['d-at', 'When'],
  ['d-what', 'What changed'],
] as const;

function Deploys() {
  const deploys = useTeamServices((state) => state.deploys);
  return (
    <section className="team-part" aria-labelledby="team-deploys">
      <h2 id="team-deploys">Deploys</h2>
      {deploys === undefined ? (
        <AwaitedPart part="deploys" label="Asking who deployed what" />
      ) : deploys.length === 0 ? (
        <p className="team-empty">Nobody has deployed a stack with claude-env yet.</p>
      ) : (
        <>
          <PartTrouble part="deploys" />
          <table className="list-table team-table">
            <TableHead columns={deployColumns} />
            <tbody>
              {deploys.slice(0, mostDeploys).map(({ stack, number, by, at, what }) => (
                <tr key={`${stack} ${number}`}>
                  <td className="d-stack">{stack}</td>
                  <td className="d-number number">{number}</td>
                  <td className="d-by">{by}</td>
                  <td className="d-at">
                    <Ago since={at} />
                  </td>
                  <td className="d-what" title={what}>
                    {what}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {deploys.length <= mostDeploys ? null : (
            <p className="team-empty">
              And {plural(deploys.length - mostDeploys, 'earlier one')}: a stack’s own menu in Swarm has its history.
            </p>
          )}
        </>
      )}
    </section>
  );
}
