import type { Service } from '../compose/project.ts';
import type { TakenPort } from './plan.ts';

/** A port that a service asks the host for, exactly. */
export interface WantedPort {
  readonly hostIp: string;
  readonly port: number;
  readonly container: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** Its place among the service's ports. */
  readonly index: number;
}

const toProtocol = (text: string): WantedPort['protocol'] => (text === 'udp' || text === 'sctp' ? text : 'tcp');

/**
 * Host ports that have no alternative: a single published port. A range (`6005-6015`, interop.md 23) leaves the choice to
 * the engine, an unpublished port too, so neither can be in conflict before it is tried. In the network of the host or of
 * another container nothing is published.
 */
export function toWantedPorts(service: Service): readonly WantedPort[] {
  const mode = service.network_mode ?? '';
  if (mode !== '' && mode !== 'bridge' && mode !== 'default') return [];
  return (service.ports ?? []).flatMap((port, index) => {
    const published = port.published ?? '';
    if (!/^\d+$/.test(published) || Number(published) === 0) return [];
    return [
      {
        hostIp: port.host_ip ?? '',
        port: Number(published),
        container: port.target,
        protocol: toProtocol(port.protocol),
        index,
      },
    ];
  });
}

const anyAddress = new Set(['', '0.0.0.0', '::', '*']);

/** Two bindings cannot stand side by side: same port and protocol, and one address covers the other. */
export function portsCollide(
  a: Pick<TakenPort, 'hostIp' | 'port' | 'protocol'>,
  b: Pick<TakenPort, 'hostIp' | 'port' | 'protocol'>,
): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.hostIp === b.hostIp || anyAddress.has(a.hostIp) || anyAddress.has(b.hostIp);
}

/** Config.ExposedPorts: what the file exposes, as it writes it (the engine takes `3000` and `3000-3005/udp` alike), and what it publishes. */
export function toExposedPorts(service: Service): Readonly<Record<string, Readonly<Record<string, never>>>> {
  return Object.fromEntries([
    ...(service.expose ?? []).map((entry) => [entry, {}] as const),
    ...(service.ports ?? []).map((port) => [`${port.target}/${port.protocol}`, {}] as const),
  ]);
}

/** HostConfig.PortBindings; a published range goes to the engine as it is, which takes the first free port of it. */
export function toPortBindings(
  service: Service,
): Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of service.ports ?? []) {
    const key = `${port.target}/${port.protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: port.host_ip ?? '', HostPort: port.published ?? '' }];
  }
  return bindings;
}
