import type { Aggregate, McpServer, PublishedPort, Service } from '../../../../preload/contract/model.ts';
import type { Paint, Style } from '../io.ts';
import { columns, count, roughly } from './table.ts';

/** The same shapes as in the window: a state is never told by colour alone. */
const marks: Readonly<Record<Aggregate, readonly [string, Style]>> = {
  healthy: ['●', 'green'],
  working: ['◐', 'blue'],
  degraded: ['▲', 'yellow'],
  failed: ['■', 'red'],
  stopped: ['○', 'gray'],
  completed: ['✓', 'gray'],
  unknown: ['?', 'gray'],
};
export const mark = (aggregate: Aggregate, paint: Paint): string => paint(marks[aggregate][1], marks[aggregate][0]);

const mcpWords: Readonly<Record<McpServer['state'], readonly [string, Style]>> = {
  starting: ['starting', 'blue'],
  ready: ['ready', 'green'],
  'needs-setup': ['needs setup', 'gray'],
  unreachable: ['unreachable', 'yellow'],
  failed: ['failed', 'red'],
  unknown: ['unknown', 'gray'],
};

/** `3000 3005-3010 8080→80`: published ports only, runs joined, the container's port where it differs. */
export function portText(ports: readonly PublishedPort[]): string {
  const seen = new Map<string, { host: number; container: number; suffix: string }>();
  for (const { host, container, protocol } of ports) {
    // The same port is listed once for IPv4 and once for IPv6.
    if (host !== undefined) {
      const suffix = protocol === 'tcp' ? '' : `/${protocol}`;
      seen.set(`${host}${suffix}`, { host, container, suffix });
    }
  }
  const sorted = [...seen.values()].sort((a, b) => a.host - b.host);
  const runs: { from: number; to: number; offset: number; suffix: string }[] = [];
  for (const { host, container, suffix } of sorted) {
    const last = runs.at(-1);
    const offset = container - host;
    if (last !== undefined && last.to === host - 1 && last.offset === offset && last.suffix === suffix) last.to = host;
    else runs.push({ from: host, to: host, offset, suffix });
  }
  return runs
    .map(({ from, to, offset, suffix }) => {
      const range = (a: number, b: number) => (a === b ? String(a) : `${a}-${b}`);
      const container = offset === 0 ? '' : `→${range(from + offset, to + offset)}`;
      return `${range(from, to)}${container}${suffix}`;
    })
    .join(' ');
}

function serviceState(service: Service): string {
  if (service.state === 'running' && service.health !== 'none') return service.health;
  return service.state === 'absent' ? 'not created' : service.state;
}

function mcpLines(servers: readonly McpServer[], paint: Paint): readonly string[] {
  return columns(
    servers.map((server) => {
      const [word, style] = mcpWords[server.state];
      const tools = server.state === 'ready' ? count(server.tools.length, 'tool') : (server.reason ?? '');
      return [server.server, paint(style, word), server.url ?? '', paint('dim', tools)];
    }),
    '      ',
  );
}

/** One line a service, its MCP servers below, and for whatever is not well the cause and what to do. */
export function serviceLines(services: readonly Service[], now: number, paint: Paint): readonly string[] {
  const rows = columns(
    services.map((service) => [
      mark(service.aggregate, paint),
      paint('bold', service.name),
      serviceState(service),
      service.startedAt !== undefined && service.state === 'running'
        ? `up ${roughly(now - Date.parse(service.startedAt))}`
        : '',
      service.restarts > 0 ? paint('yellow', count(service.restarts, 'restart')) : '',
      portText(service.ports),
    ]),
  );
  return services.flatMap((service, index) => [
    rows[index] ?? '',
    ...(service.reason === undefined ? [] : [`      ${service.reason}`]),
    ...(service.nextStep === undefined ? [] : [`      ${paint('dim', service.nextStep)}`]),
    ...mcpLines(service.mcp ?? [], paint),
  ]);
}

/** Files of secrets that were kept in memory and are gone, in any of its containers. */
function missingSecrets({ containers }: Service): { readonly missingSecrets?: readonly string[] } {
  const paths = [...new Set(containers.flatMap((container) => container.missingSecrets ?? []))];
  return paths.length === 0 ? {} : { missingSecrets: paths };
}

/** A service in `status --json`; `health` is Docker's word, `aggregate` is ours. */
export const serviceData = (service: Service) => ({
  name: service.name,
  state: service.state,
  health: service.health,
  aggregate: service.aggregate,
  ...(service.reason === undefined ? {} : { reason: service.reason }),
  ...(service.nextStep === undefined ? {} : { nextStep: service.nextStep }),
  image: service.image,
  restarts: service.restarts,
  ...(service.startedAt === undefined ? {} : { startedAt: service.startedAt }),
  ports: service.ports,
  ...missingSecrets(service),
  ...(service.mcp === undefined ? {} : { mcp: service.mcp }),
});
