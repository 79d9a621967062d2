import type { ActionOptions } from '../../preload/contract/api.ts';
import type { PlanAction } from '../../preload/contract/model.ts';
import type { Project } from '../core/compose/project.ts';
import { toImageReference } from '../core/plan/labels.ts';
import { toWantedPorts } from '../core/plan/ports.ts';
import { asksRegistry, pullPolicy, rebuildsWhenChanged, refreshAfter } from '../core/plan/pull-policy.ts';
import { withRunService } from '../core/plan/run-service.ts';
import type { BuildSettings, ObserveOptions } from './ports.ts';

/** These make containers: they have to know images, ports and what is newer. */
export const bringsUp = (action: PlanAction): boolean => action === 'up' || action === 'scale' || action === 'run';

/** Only these read build contexts and what builds are given (a CA file that is gone must not stand before `stop`). */
export const needsBuilds = (action: PlanAction): boolean => bringsUp(action) || action === 'build';

/**
 * What only ends or removes containers asks neither what they are made of nor who holds their ports: state, labels, networks
 * and mounts, as the engine lists them, are all it plans by.
 */
const ending = new Set<PlanAction>(['down', 'stop', 'kill', 'pause', 'unpause', 'rm']);
const looksAtImages = (action: PlanAction): boolean => !ending.has(action);
const asListed = (action: PlanAction) => (ending.has(action) ? { listed: true } : {});

const needsDigests = (action: PlanAction, { changed }: ActionOptions): boolean =>
  bringsUp(action) || (action === 'build' && changed === true);

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** For a project whose file cannot be used: its containers and what they are joined to. */
export const observeByLabels = (action: PlanAction, buildSettings: BuildSettings): ObserveOptions => ({
  ...asListed(action),
  networks: [],
  volumes: [],
  images: [],
  builds: {},
  buildSettings,
  ports: [],
});

/** Everything a planner of this project may have to know of the engine; what only `up` and `build` need, only for them. */
export function toObserveOptions(
  project: Project,
  action: PlanAction,
  buildSettings: BuildSettings,
  options: ActionOptions = {},
): ObserveOptions {
  // A one-off publishes other ports than its service.
  const { services: planned } = action === 'run' ? withRunService(project, options) : project;
  const services = [...planned.values()];
  return {
    ...asListed(action),
    networks: unique([...project.networks.values()].map(({ name }) => name)),
    volumes: unique([...project.volumes.values()].map(({ name }) => name)),
    images: looksAtImages(action) ? unique(services.map((service) => toImageReference(project.name, service))) : [],
    refresh: bringsUp(action)
      ? Object.fromEntries(
          services.flatMap((service) => {
            const after = service.image === undefined ? undefined : refreshAfter(pullPolicy(service, options));
            return after === undefined || service.image === undefined ? [] : [[service.image, after] as const];
          }),
        )
      : {},
    wanted: bringsUp(action)
      ? services.flatMap((service) =>
          asksRegistry(service, options) && service.image !== undefined ? [service.image] : [],
        )
      : [],
    builds: needsBuilds(action)
      ? Object.fromEntries(
          services.flatMap((service) => (service.build === undefined ? [] : [[service.name, service.build] as const])),
        )
      : {},
    digests: needsDigests(action, options)
      ? services.flatMap((service) =>
          service.build !== undefined &&
          (options.build === true || options.changed === true || rebuildsWhenChanged(service))
            ? [service.name]
            : [],
        )
      : [],
    buildSettings,
    ports: looksAtImages(action)
      ? services.flatMap((service) =>
          toWantedPorts(service).map(({ hostIp, port, protocol }) => ({ hostIp, port, protocol })),
        )
      : [],
  };
}
