import { memo, type ReactNode, useMemo } from 'react';
import type { SwarmPart, SwarmService } from '../../preload/contract/swarm.ts';
import { teamStackName } from '../../preload/contract/team-stack-name.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { TableHead } from '../components/table-head.tsx';
import { aggregateLook } from '../show/aggregate.ts';
import {
  modeWords,
  shortName,
  stackGroups,
  swarmCommand,
  swarmPortText,
  swarmPortTitle,
  updateText,
} from '../show/swarm.ts';
import type { AskedChange } from '../show/swarm-change.ts';
import { useOtherEngine, useSwarm } from '../store/context.ts';
import { useOpenRows } from '../store/use-open-rows.ts';
import type { TeamDialog } from './team-dialogs.tsx';
import { ServiceControls } from './team-service-controls.tsx';
import { TeamTasks } from './team-tasks.tsx';

const columns = [
  ['t-service', 'Service'],
  ['t-replicas', 'Tasks'],
  ['t-condition', 'State'],
  ['t-update', 'Update'],
  ['t-ports', 'Ports'],
  ['t-image', 'Image'],
] as const;

/** What runs on the Swarm, by stack; a service opens to its tasks. */
export function TeamServices({
  onChange,
  onDialog,
}: {
  readonly onChange: (asked: AskedChange) => void;
  readonly onDialog: (dialog: TeamDialog) => void;
}) {
  const services = useSwarm((state) => state.services);
  const part = useSwarm((state) => state.part);
  const groups = useMemo(() => stackGroups(services), [services]);
  const [open, toggle] = useOpenRows();
  return (
    <section className="team-part" aria-labelledby="team-services">
      <h2 id="team-services">Services</h2>
      {groups.length === 0 ? (
        <NoServices part={part} onDialog={onDialog} />
      ) : (
        <table className="list-table team-table">
          <TableHead columns={columns} />
          {groups.map(({ stack, services: found }) => (
            <tbody key={stack ?? ''}>
              <tr className="team-stack">
                <th scope="rowgroup" colSpan={columns.length}>
                  <div className="team-stack-head">
                    {stack ?? 'In no stack'} <span className="muted number">{found.length}</span>
                    {stack === undefined || part.kind !== 'manager' ? null : (
                      <StackMenu stack={stack} onChange={onChange} onDialog={onDialog} />
                    )}
                  </div>
                </th>
              </tr>
              {found.map((service) => (
                <ServiceRows
                  key={service.id}
                  service={service}
                  open={open.has(service.id)}
                  onToggle={() => toggle(service.id)}
                  controls={part.kind === 'manager' && <ServiceControls service={service} onChange={onChange} />}
                />
              ))}
            </tbody>
          ))}
        </table>
      )}
    </section>
  );
}

function StackMenu({
  stack,
  onChange,
  onDialog,
}: {
  readonly stack: string;
  readonly onChange: (asked: AskedChange) => void;
  readonly onDialog: (dialog: TeamDialog) => void;
}) {
  const isOurs = stack === teamStackName;
  return (
    <Menu
      label={`Change the stack ${stack}`}
      icon="more"
      align="start"
      entries={[
        isOurs
          ? { label: 'Update…', run: () => onDialog({ kind: 'up', begin: 'plan', isNew: false }) }
          : { label: 'Deploy again…', run: () => onDialog({ kind: 'deploy', stack }) },
        { label: 'Deploys, and back to one…', run: () => onDialog({ kind: 'history', stack }) },
        { label: 'Copies of its volumes…', run: () => onDialog({ kind: 'copies', stack }) },
        { label: 'Try its ports…', run: () => onDialog({ kind: 'ports', stack }) },
        {
          label: isOurs ? 'Take down…' : 'Remove…',
          run: () => onChange({ stack, change: { kind: 'remove' } }),
          danger: true,
          apart: true,
        },
      ]}
    />
  );
}

const ServiceRows = memo(
  function ServiceRows({
    service,
    open,
    onToggle,
    controls,
  }: {
    readonly service: SwarmService;
    readonly open: boolean;
    readonly onToggle: () => void;
    readonly controls: ReactNode;
  }) {
    const look = aggregateLook[service.aggregate];
    const update = updateText(service);
    const mode = modeWords[service.mode];
    return (
      <>
        <tr
          className="team-service"
          data-testid={`swarm-${service.name}`}
          data-aggregate={service.aggregate}
          data-running={service.running}
        >
          <td className="t-service">
            <button
              type="button"
              className="team-open"
              data-team-row
              data-stack={service.stack}
              data-service={service.name}
              aria-expanded={open}
              onClick={onToggle}
            >
              <Icon name={open ? 'down' : 'right'} />
              <StateShape look={look} />
              <span className="ellipsis">{shortName(service)}</span>
            </button>
          </td>
          <td className="t-replicas number">
            {service.running}/{service.desired}
            {mode === '' ? null : <span className="count">{mode}</span>}
          </td>
          <td className="t-condition" title={service.reason}>
            <span className={`tone-text-${look.tone}`}>{look.label}</span>
            {service.reason === undefined ? null : <span className="team-note"> {service.reason}</span>}
          </td>
          <td className="t-update" title={service.update?.message}>
            {update === '' ? '–' : update}
          </td>
          <td className="t-ports mono" title={service.ports.map(swarmPortTitle).join('\n')}>
            {service.ports.map(swarmPortText).join(' ') || '–'}
          </td>
          <td className="t-image mono" title={[service.image, service.digest].filter(Boolean).join('@')}>
            {service.image}
          </td>
        </tr>
        {open ? (
          <tr className="team-tasks-row">
            <td colSpan={columns.length}>
              {controls}
              <TeamTasks service={service} />
            </td>
          </tr>
        ) : null}
      </>
    );
  },
  // `onToggle` and what is made from the service are others at every render, and do the same.
  (before, after) =>
    before.service === after.service &&
    before.open === after.open &&
    Boolean(before.controls) === Boolean(after.controls),
);

/** Never "no services" where that is not known. */
function NoServices({ part, onDialog }: { readonly part: SwarmPart; readonly onDialog: (dialog: TeamDialog) => void }) {
  const other = useOtherEngine();
  if (part.kind === 'manager') {
    return (
      <>
        <p className="team-empty">
          Nothing runs on this Swarm yet. Deploy a compose file to it, here or in a terminal:
        </p>
        <div className="team-command">
          <Button kind="primary" onClick={() => onDialog({ kind: 'deploy' })}>
            Deploy a stack…
          </Button>
          <CopyLine text={swarmCommand('stack deploy -f compose.yaml -p NAME', other)} what="command" />
        </div>
      </>
    );
  }
  return (
    <p className="team-empty">
      {part.kind === 'worker' || part.kind === 'joining'
        ? 'Only managers know which services there are; a worker runs what they place on it.'
        : 'Not known: nothing was seen of them before.'}
    </p>
  );
}

/** j and k: the next service, from wherever the focus is. */
export function moveInTeam(by: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-team-row]')];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
  return next !== undefined;
}
