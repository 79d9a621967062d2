import { judgeService, taskError } from '../../../core/swarm/converge.ts';
import { withoutDigest } from '../../../core/swarm/names.ts';
import type { ObservedStack } from '../../../core/swarm/observed.ts';
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
  readonly ports: readonly string[];
}

interface Endpoint {
  readonly Ports?: readonly {
    readonly PublishedPort?: number;
    readonly TargetPort: number;
    readonly Protocol: string;
    readonly PublishMode?: string;
  }[];
}

export const toStatus = ({ stack, services, tasks, now }: ObservedStack): readonly StatusOfService[] =>
  services.map((service) => {
    const { kind, running, desired, text } = judgeService(service, tasks, now);
    const { ContainerSpec: container } = service.template as { readonly ContainerSpec?: { readonly Image?: string } };
    const { Ports = [] } = (service.spec.EndpointSpec ?? {}) as Endpoint;
    return {
      service: service.name.slice(stack.length + 1),
      state: kind,
      running,
      desired,
      text,
      image: withoutDigest(container?.Image ?? ''),
      ...(service.update === undefined ? {} : { update: service.update.state }),
      ports: Ports.map(
        ({ PublishedPort, TargetPort, Protocol, PublishMode }) =>
          `${PublishedPort ?? '*'}->${TargetPort}/${Protocol}${PublishMode === 'host' ? ' (host)' : ''}`,
      ),
    };
  });

const signs = { converged: ['green', '●'], waiting: ['yellow', '◐'], failed: ['red', '■'] } as const;

export const statusRows = (status: readonly StatusOfService[], paint: Paint): readonly (readonly string[])[] =>
  status.map(({ state, service, text, image, ports }) => [
    `${paint(signs[state][0], signs[state][1])} ${service}`,
    oneLine(text),
    paint('dim', image),
    ports.join(', '),
  ]);

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
}

/** Newest first within a service; without `all` only those that should run. */
export function toTasks({ stack, services, tasks, nodes }: ObservedStack, all: boolean): readonly TaskRow[] {
  const names = new Map(services.map(({ id, name }) => [id, name.slice(stack.length + 1)]));
  const hosts = new Map(nodes.map((node) => [node.id, node]));
  return tasks
    .filter(({ desired, service }) => names.has(service) && (all || desired === 'running' || desired === 'ready'))
    .map((task): TaskRow & { readonly order: number } => {
      const node = hosts.get(task.node ?? '');
      const gone = node !== undefined && node.state !== 'ready' && task.state === 'running';
      const error = gone
        ? `its node is ${node.state}: nobody knows whether it runs`
        : task.error === undefined
          ? undefined
          : taskError(task);
      return {
        task: task.id,
        service: names.get(task.service) ?? task.service,
        ...(task.slot === undefined || task.slot === 0 ? {} : { slot: task.slot }),
        node: node?.hostname ?? '',
        state: gone ? 'unknown' : task.state,
        desired: task.desired,
        ...(error === undefined ? {} : { error }),
        ...(task.exitCode === undefined || task.exitCode === 0 ? {} : { exitCode: task.exitCode }),
        since: new Date(task.at).toISOString(),
        order: task.createdAt,
      };
    })
    .sort((a, b) => a.service.localeCompare(b.service, 'en') || (a.slot ?? 0) - (b.slot ?? 0) || b.order - a.order)
    .map(({ order: _order, ...row }) => row);
}

export const taskRows = (tasks: readonly TaskRow[], paint: Paint): readonly (readonly string[])[] =>
  tasks.map(({ service, slot, node, state, error, task }) => [
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
    error === undefined ? '' : oneLine(error),
  ]);
