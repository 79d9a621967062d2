import type { Project, Service } from '../compose/project.ts';
import type { PlanInput } from './actions.ts';
import { addBuild } from './builds.ts';
import { createDraft } from './draft.ts';
import { addPull } from './images.ts';
import { buildDigestLabel, toImageReference } from './labels.ts';
import type { CorePlan } from './plan.ts';
import type { Problem } from './problem.ts';
import { isLatest, pullPolicy } from './pull-policy.ts';
import { selectServices } from './selection.ts';

/** `build` and `pull`: images and nothing else. What cannot be built here is among the plan's problems. */
export function planImagesOnly(action: 'build' | 'pull', input: PlanInput, project: Project): CorePlan {
  const { options } = input;
  const draft = createDraft();
  const problems: Problem[] = [];
  const withDependencies = action === 'build' ? options.withDependencies === true : options.includeDeps === true;
  const selection = selectServices(project, { services: options.services, withDependencies });
  /** Steps by service; what a service is built from is built as well, asked for or not. */
  const built = new Map<string, string | undefined>();
  const build = (service: Service, cause: string): string | undefined => {
    if (service.build === undefined || built.has(service.name)) return built.get(service.name);
    // A circle of `service:x` contexts ends here.
    built.set(service.name, undefined);
    if (options.changed === true && isBuilt(service, project, input)) return undefined;
    const bring = (base: Service) => build(base, `${service.name} is built from it`);
    const own = { ...input, project, draft, problems, platforms: 'all', bring } as const;
    const step = addBuild(own, service, toImageReference(project.name, service), cause);
    built.set(service.name, step);
    return step;
  };
  for (const service of selection.services.values()) {
    if (action === 'build')
      build(service, options.changed === true ? toCause(service, project, input) : 'a build was asked for');
    else if (isPulled(service, input)) {
      const optional = options.ignorePullFailures === true || service.build !== undefined;
      addPull(draft, service, toImageReference(project.name, service), 'a pull was asked for', optional);
    }
  }
  return draft.finish(project.name, action, problems);
}

const toCause = (service: Service, { name }: Project, { observed }: PlanInput): string =>
  observed.images[toImageReference(name, service)] === undefined ? 'image is not built yet' : 'build context changed';

/** The image is there, and was built by us from the very same context. */
function isBuilt(service: Service, { name }: Project, { observed }: PlanInput): boolean {
  const digest = observed.buildDigests[service.name];
  return digest !== undefined && observed.images[toImageReference(name, service)]?.labels[buildDigestLabel] === digest;
}

/** As docker compose 2.40.3: whatever has an image to pull, unless its policy or an option says otherwise. */
function isPulled(service: Service, { observed, options }: PlanInput): boolean {
  if (service.image === undefined || service.provider !== undefined) return false;
  if (options.ignoreBuildable === true && service.build !== undefined) return false;
  switch (pullPolicy(service, options)) {
    case 'never':
    case 'build':
      return false;
    case 'missing':
    case 'if_not_present':
      return observed.images[service.image] === undefined || isLatest(service.image);
    default:
      return true;
  }
}
