import type { ContainerInfo } from 'dockerode';
import { label } from '../core/plan/labels.ts';
import type { TakenPort } from '../core/plan/plan.ts';
import type { ObserveOptions } from '../services/ports.ts';
import { toProtocol } from './inspect.ts';
import type { Listener } from './listeners.ts';

/*
 * Who holds the ports that a file wants to publish. A container of this engine is named rather than the helper process
 * that listens for it (docker-proxy, com.docker.backend, rootlesskit, …). Pure.
 */

type Wanted = ObserveOptions['ports'][number];

interface Holder extends Wanted {
  readonly owner: string;
  readonly containerId?: string;
  readonly listener?: Listener;
}

const forwarders = /^(docker-proxy|com\.docker\.|rootlesskit|rootlessport|gvproxy|vpnkit|limactl|OrbStack|wslrelay)/i;

const isWildcard = (ip: string): boolean => ip === '' || ip === '0.0.0.0' || ip === '::' || ip === '*';

/** Two sockets that cannot both be bound. */
const collides = (left: Wanted, right: Wanted): boolean =>
  left.port === right.port &&
  left.protocol === right.protocol &&
  (isWildcard(left.hostIp) || isWildcard(right.hostIp) || left.hostIp === right.hostIp);

/** The engine goes on listing the ports of a container that it did not see end (seen on 20.10 after a power cut). */
const holdsPorts = ({ State }: ContainerInfo): boolean => State !== 'exited' && State !== 'created' && State !== 'dead';

function containerHolders(containers: readonly ContainerInfo[]): readonly Holder[] {
  return containers.filter(holdsPorts).flatMap((container) => {
    const name = container.Names[0]?.replace(/^\//, '') ?? container.Id.slice(0, 12);
    const project = container.Labels?.[label.project];
    const owner = `container \`${name}\`${project === undefined ? '' : ` of project ${project}`}`;
    return container.Ports.flatMap((port) =>
      port.PublicPort
        ? [
            {
              hostIp: port.IP ?? '',
              port: port.PublicPort,
              protocol: toProtocol(port.Type),
              owner,
              containerId: container.Id,
            },
          ]
        : [],
    );
  });
}

const describeProcess = ({ process, pid, owner }: Pick<Listener, 'process' | 'pid' | 'owner'>): string => {
  if (owner !== undefined) return owner;
  if (process === undefined) return 'a process of another user';
  const at = pid === undefined ? '' : ` (pid ${pid})`;
  if (!forwarders.test(process)) return `process ${process}${at}`;
  // Seen on 20.10: killed while it starts a container, it holds that one's port after its own restart, for nobody.
  const lost = process.startsWith('docker-proxy')
    ? ', or one that an engine lost when it was killed: restart that one'
    : '';
  return `a container of another engine, through ${process}${at}${lost}`;
};

export interface TakenPortsInput {
  readonly wanted: readonly Wanted[];
  readonly containers: readonly ContainerInfo[];
  /** Empty for an engine on another machine. */
  readonly listeners: readonly Listener[];
  /** Finds out whose a listener is; asked only about ports that are wanted and held. */
  readonly identify: (listener: Listener) => Promise<Listener>;
}

/** The wanted ports that something holds, each with its owner and a free port near it. */
export async function findTakenPorts({
  wanted,
  containers,
  listeners,
  identify,
}: TakenPortsInput): Promise<readonly TakenPort[]> {
  const holders: readonly Holder[] = [
    ...containerHolders(containers),
    ...listeners.map((listener) => ({ ...listener, owner: '', listener })),
  ];
  const found = await Promise.all(
    wanted.map(async (want) => {
      const holder = holders.find((candidate) => collides(candidate, want));
      if (holder === undefined) return undefined;
      const owner = holder.listener ? describeProcess(await identify(holder.listener)) : holder.owner;
      const alternative = nextFree(want, [...holders, ...wanted]);
      return {
        hostIp: want.hostIp,
        port: want.port,
        protocol: want.protocol,
        owner,
        ...(holder.containerId && { containerId: holder.containerId }),
        ...(alternative !== undefined && { alternative }),
      };
    }),
  );
  return found.filter((taken) => taken !== undefined);
}

/** The next free port above; ten thousands are tried, then those below. Ports under 1024 are left alone unless asked for. */
function nextFree(want: Wanted, used: readonly Wanted[]): number | undefined {
  const busy = new Set(
    used.filter((other) => collides({ ...other, port: 1 }, { ...want, port: 1 })).map(({ port }) => port),
  );
  const start = want.port < 1024 ? want.port + 8000 : want.port;
  for (let port = start + 1; port <= 65_535; port += 1) if (!busy.has(port)) return port;
  for (let port = start - 1; port >= 1024; port -= 1) if (!busy.has(port)) return port;
  return undefined;
}
