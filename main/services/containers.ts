import { splitId } from '../../preload/contract/ids.ts';
import type { EngineId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import { label } from '../core/plan/labels.ts';
import type { SeenContainer } from '../core/seen.ts';
import { connectTo } from './engine-choice.ts';
import type { Engines } from './ports.ts';
import type { LoadedStack, StackTarget } from './services.ts';

export interface ContainerFilter {
  /** None: every service. */
  readonly services: readonly string[];
  /** Only the one with this number. */
  readonly index?: number;
  /** Also those that `run` made. */
  readonly oneOffs?: boolean;
  readonly running?: boolean;
}

export interface FoundContainers {
  readonly engine: EngineId;
  readonly project: string;
  /** By service, then number; one-offs last. */
  readonly containers: readonly SeenContainer[];
}

const isOneOff = ({ labels }: SeenContainer): boolean => labels[label.oneOff] === 'True';
const serviceOf = ({ labels }: SeenContainer): string => labels[label.service] ?? '';
const numberOf = ({ labels }: SeenContainer): number => Number(labels[label.containerNumber] ?? 0) || 0;

const order = (a: SeenContainer, b: SeenContainer): number =>
  serviceOf(a).localeCompare(serviceOf(b)) ||
  Number(isOneOff(a)) - Number(isOneOff(b)) ||
  numberOf(a) - numberOf(b) ||
  a.name.localeCompare(b.name);

/**
 * A stack's containers as they are on the engine now, running or not. Throws `usage` for a service that neither the file
 * nor a container has, and for one without the container that is asked for by number.
 */
export function createContainers({
  engines,
  load,
}: {
  readonly engines: Engines;
  readonly load: (target: StackTarget) => Promise<LoadedStack>;
}) {
  return async (target: StackTarget, filter: ContainerFilter, signal?: AbortSignal): Promise<FoundContainers> => {
    const { stack, project: file } = await load(target);
    const { engine, project } = splitId(stack);
    const connection = await connectTo(engines, engine);
    const all = (await connection.listContainers(signal)).filter(({ labels }) => labels[label.project] === project);
    const known = new Set([...(file?.services.keys() ?? []), ...(file?.inactive.keys() ?? []), ...all.map(serviceOf)]);
    const unknown = filter.services.filter((name) => !known.has(name));
    if (unknown.length > 0) {
      throw new AppFailure({
        code: 'usage',
        message: `There is no service ${unknown.join(', ')} in ${project}.`,
        hint: known.size === 0 ? 'It has no containers.' : `It has: ${[...known].join(', ')}.`,
      });
    }
    const wanted = all.filter(
      (container) =>
        (filter.services.length === 0 || filter.services.includes(serviceOf(container))) &&
        (filter.oneOffs === true || !isOneOff(container)) &&
        (filter.index === undefined || (!isOneOff(container) && numberOf(container) === filter.index)),
    );
    if (filter.index !== undefined && wanted.length === 0) {
      throw new AppFailure({
        code: 'stack.not-found',
        message: `There is no container of ${filter.services.join(', ')} with number ${filter.index}.`,
      });
    }
    const containers = wanted.filter(({ state }) => filter.running !== true || state === 'running');
    return { engine, project, containers: containers.sort(order) };
  };
}
export type Containers = ReturnType<typeof createContainers>;
