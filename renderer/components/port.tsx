import type { PublishedPort } from '../../preload/contract/model.ts';
import { type ShownPort, toShownPorts } from '../show/ports.ts';
import { CopyButton } from './copy-button.tsx';

/** Published on this machine: a link. On another machine, or not published: text, because localhost is not it. */
export function Port({ port }: { readonly port: ShownPort }) {
  if (port.url === undefined) {
    return (
      <span className={`port ${port.published ? '' : 'unpublished'}`} title={port.full}>
        {port.label}
      </span>
    );
  }
  return (
    <span className="port">
      <a href={port.url} target="_blank" rel="noreferrer" title={`${port.url} (${port.full})`}>
        {port.label}
      </a>
      <CopyButton text={port.url} what={port.url} />
    </span>
  );
}

/** At most `max` published ports in a row; the rest is counted, and named on hover. */
export function PortRow({
  ports,
  local,
  max,
}: {
  readonly ports: readonly PublishedPort[];
  readonly local: boolean;
  readonly max: number;
}) {
  const shown = toShownPorts(ports, local).filter((port) => port.published);
  const rest = shown.slice(max);
  return (
    <span className="port-row">
      {shown.slice(0, max).map((port) => (
        <Port key={port.key} port={port} />
      ))}
      {rest.length === 0 ? null : (
        <span className="more-ports" title={rest.map((port) => port.label).join(' ')}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
