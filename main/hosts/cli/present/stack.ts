import { type Canary, canaryOf } from '../../../core/swarm/canary-spec.ts';
import { judgeService, newTasks, taskError } from '../../../core/swarm/converge.ts';
import { toKey, withoutDigest } from '../../../core/swarm/names.ts';
import type { ObservedStack, SeenTask } from '../../../core/swarm/observed.ts';
import { type PublishedPort, portPlaces, publishedPorts, type TriedPort } from '../../../core/swarm/published-ports.ts';
import { asKnown } from '../../../core/swarm/view.ts';
import { oneLine, type Paint } from '../io.ts';

/* A stack on a Swarm as rows, and as the data behind them. */

export interface StatusOfService {
  readonly service: string;
  readonly state: 'converged' | 'waiting' | 'failed';
  readonly running: number;
  readonly desired: number;
  readonly text: string;
  readonly image: string;
  readonly update?: string;
  /** So many tasks were to have the new version, and so many have it. */
  readonly canary?: Canary & { readonly running: number };
  /** As their files have them. */
  readonly ports: readonly string[];
  /** Those that tasks answer at, each with its nodes; with what came of trying them, where they were tried. */
  readonly published: readonly (PublishedPort | TriedPort)[];
}

interface Endpoint {
  readonly Ports?: readonly {
    readonly PublishedPort?: number;
    readonly TargetPort: number;
    readonly Protocol: string;
    readonly PublishMode?: string;
  }[];
}

const portKey = ({ service, published, protocol, mode }: Omit<PublishedPort, 'nodes'>): string =>
  `${service} ${published}/${protocol} ${mode}`;

/** @param tried what came of trying the ports; where they were not tried, where they should answer */
export function toStatus(observed: ObservedStack, tried?: readonly TriedPort[]): readonly StatusOfService[] {
  const { stack, services, now } = observed;
  const tasks = asKnown(observed.tasks, observed.nodes);
  const published = publishedPorts(observed).map(
    (port) => tried?.find((one) => portKey(one) === portKey(port)) ?? port,
  );
  return services.map((service) => {
    const { kind, running, desired, text } = judgeService(service, tasks, now);
    const { ContainerSpec: container } = service.template as { readonly ContainerSpec?: { readonly Image?: string } };
    const { Ports = [] } = (service.spec.EndpointSpec ?? {}) as Endpoint;
    const canary = canaryOf(service.spec);
    return {
      service: toKey(stack, service.name),
      state: kind,
      running,
      desired,
      text,
      image: withoutDigest(container?.Image ?? ''),
      ...(service.update === undefined ? {} : { update: service.update.state }),
      ...(canary === undefined ? {} : { canary: { ...canary, running: newTasks(service, tasks) } }),
      ports: Ports.map(
        ({ PublishedPort, TargetPort, Protocol, PublishMode }) =>
          `${PublishedPort ?? '*'}->${TargetPort}/${Protocol}${PublishMode === 'host' ? ' (host)' : ''}`,
      ),
      published: published.filter((port) => port.service === toKey(stack, service.name)),
    };
  });
}

const signs = { converged: ['green', '●'], waiting: ['yellow', '◐'], failed: ['red', '■'] } as const;

export const statusRows = (status: readonly StatusOfService[], paint: Paint): readonly (readonly string[])[] =>
  status.map(({ state, service, text, image, ports, published }) => [
    `${paint(signs[state][0], signs[state][1])} ${service}`,
    oneLine(text),
    paint('dim', image),
    published.length === 0 ? ports.join(', ') : published.map(portText).join(', '),
  ]);

const portText = (port: PublishedPort | TriedPort): string =>
  `${port.published}->${port.target}/${port.protocol} ${port.mode === 'host' ? '(host) ' : ''}${portPlaces(port)}`;

export interface TaskRow {
  readonly task: string;
  readonly service: string;
  readonly slot?: number;
  readonly node: string;
  readonly state: string;
  readonly desired: string;
  readonly error?: string;
  readonly exitCode?: number;
  readonly since: string;
  /** Published on its node, by mode `host`. */
  readonly ports?: SeenTask['ports'];
}

/** Newest first within a service; without `all` only those that should run. */
export function toTasks({ stack, services, tasks, nodes }: ObservedStack, all: boolean): readonly TaskRow[] {
  const names = new Map(services.map(({ id, name }) => [id, toKey(stack, name)]));
  const hosts = new Map(nodes.map((node) => [node.id, node]));
  return asKnown(tasks, nodes)
    .filter(({ desired, service }) => names.has(service) && (all || desired === 'running' || desired === 'ready'))
    .map((task): TaskRow & { readonly order: number } => {
      const node = hosts.get(task.node ?? '');
      const gone = node !== undefined && task.state === 'unknown';
      const error = gone
        ? `its node ${node.state === 'down' ? 'is down' : 'does not answer'}: nobody knows whether it runs`
        : task.error === undefined
          ? undefined
          : taskError(task);
      return {
        task: task.id,
        service: names.get(task.service) ?? task.service,
        ...(task.slot === undefined || task.slot === 0 ? {} : { slot: task.slot }),
        node: node?.hostname ?? '',
        state: task.state,
        desired: task.desired,
        ...(error === undefined ? {} : { error }),
        ...(task.exitCode === undefined || task.exitCode === 0 ? {} : { exitCode: task.exitCode }),
        since: new Date(task.at).toISOString(),
        ...(task.ports === undefined || gone ? {} : { ports: task.ports }),
        order: task.createdAt,
      };
    })
    .sort((a, b) => a.service.localeCompare(b.service, 'en') || (a.slot ?? 0) - (b.slot ?? 0) || b.order - a.order)
    .map(({ order: _order, ...row }) => row);
}

export const taskRows = (tasks: readonly TaskRow[], paint: Paint): readonly (readonly string[])[] =>
  tasks.map(({ service, slot, node, state, error, task, ports = [] }) => [
    `${service}${slot === undefined ? '' : `.${slot}`}`,
    node === '' ? '-' : node,
    paint(
      state === 'running' || state === 'complete'
        ? 'green'
        : state === 'failed' || state === 'rejected'
          ? 'red'
          : 'yellow',
      state,
    ),
    paint('dim', task.slice(0, 12)),
    error === undefined
      ? ports.map(({ published, target, protocol }) => `${published}->${target}/${protocol}`).join(', ')
      : oneLine(error),
  ]);
