import { memo } from 'react';
import type { Service } from '../../preload/contract/model.ts';
import { PortRow } from '../components/port.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Ago } from '../components/time.tsx';
import { aggregateLook } from '../show/aggregate.ts';
import { plural, serviceStateWords } from '../show/words.ts';
import { useApp, useLive } from '../store/context.ts';

/** Selects its own service: a patch of another one does not render this row. */
export const ServiceRow = memo(function ServiceRow({
  id,
  stack,
  selected,
  local,
}: {
  readonly id: string;
  readonly stack: string;
  readonly selected: boolean;
  readonly local: boolean;
}) {
  const { ui } = useApp();
  const service = useLive((live) => live.services[id]);
  if (service === undefined) return null;
  const look = aggregateLook[service.aggregate];
  return (
    <tr
      className="service-row"
      data-testid={`service-${service.name}`}
      data-row={id}
      data-aggregate={service.aggregate}
      data-state={service.state}
      data-health={service.health}
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      onClick={() => ui.actions.selectService(stack, id)}
      onFocus={() => ui.actions.selectService(stack, id)}
    >
      <td className="c-name">
        <StateShape look={look} labelled />
        <span className="ellipsis">{service.name}</span>
        {service.containers.length > 1 ? <span className="count">×{service.containers.length}</span> : null}
      </td>
      <td className="c-state">
        <StateCell service={service} />
      </td>
      <td className="c-uptime number">
        {service.state === 'running' && service.startedAt !== undefined ? <Ago since={service.startedAt} /> : '–'}
      </td>
      <td className={`c-restarts number ${service.restarts > 0 ? 'notable' : ''}`}>{service.restarts}</td>
      <td className="c-ports">
        <PortRow ports={service.ports} local={local} max={4} />
      </td>
      <td className="c-image">
        <span className="mono ellipsis" title={service.image}>
          {service.image.slice(service.image.lastIndexOf('/') + 1)}
        </span>
      </td>
    </tr>
  );
});

/** The word, and beside it the cause; a missing key of an MCP server is a note and colours nothing. */
function StateCell({ service }: { readonly service: Service }) {
  const look = aggregateLook[service.aggregate];
  const note = service.reason ?? mcpNote(service);
  return (
    <span className="state-cell" title={note}>
      <span className={`tone-text-${look.tone}`}>{serviceStateWords(service)}</span>
      {note === undefined ? null : (
        <span className="state-note">
          <Prose text={note} />
        </span>
      )}
    </span>
  );
}

function mcpNote({ mcp = [] }: Service): string | undefined {
  const needy = mcp.filter((server) => server.state === 'needs-setup').map((server) => server.server);
  const broken = mcp.filter((server) => server.state === 'failed' || server.state === 'unreachable');
  if (broken.length > 0)
    return `${plural(broken.length, 'MCP server')} in trouble: ${broken.map((one) => one.server).join(', ')}`;
  return needy.length > 0 ? `${needy.join(', ')} ${needy.length === 1 ? 'needs' : 'need'} setup` : undefined;
}
