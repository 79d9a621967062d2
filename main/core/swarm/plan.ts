import type { FileObject, Project } from '../compose/project.ts';
import type { Raw } from '../plan/inherit.ts';
import type { CorePlan, Step } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { toReference } from '../plan/secret-reference.ts';
import { withChecks } from './check-images.ts';
import { convertStack, isOwnNetwork } from './convert.ts';
import { type Deployed, toDeployed } from './deployed.ts';
import { planJobs } from './jobs.ts';
import { lintStack } from './lint.ts';
import { keyLabel, sourceLabel } from './names.ts';
import { type NodeEngine, planImages } from './node-images.ts';
import type { ObservedStack } from './observed.ts';
import { planServices, toBodies } from './plan-services.ts';
import { planPrune } from './prune.ts';
import { planPushes, type TeamRegistry } from './push-images.ts';
import type { SecretSource } from './steps.ts';
import { resolveVersions, type SecretVerdict, type Versions } from './versions.ts';

export interface DeployOptions {
  /** Services, networks, secrets and configs that the file no longer has are removed, after all else succeeded. */
  readonly prune?: boolean;
  /** Replicas that were set by hand go back to what the file says. */
  readonly resetScale?: boolean;
  /** Services whose tasks are replaced although nothing changed. */
  readonly force?: readonly string[];
  /** Secrets that get a new version although nothing is known to have changed. */
  readonly rotate?: readonly string[];
  /** Secrets that nobody here has a value for stay what the Swarm has, where it has them. */
  readonly keepSecrets?: boolean;
  /** A service is started once what it depends on has converged. */
  readonly ordered?: boolean;
  /** As for docker stack deploy: `always` asks the registry, `changed` only where the file names another image. */
  readonly resolveImage?: 'always' | 'changed' | 'never';
  /** `HOST[:PORT][/PREFIX]`: images that no registry has go through this one; before what the file says. */
  readonly registry?: string;
  /** Images that no registry has are named by their ids also where tasks stay on the node that is asked: built again is a change. */
  readonly pinImages?: boolean;
  /** Of each changed service so many tasks get the new version first, the others when that is promoted. */
  readonly canary?: number;
  /** Seconds that a service has to converge. */
  readonly timeout?: number;
  /** `x-claude-env: {migrate, smoke}` also where nothing changed, or not at all; unless said, where a service changes. */
  readonly jobs?: 'always' | 'never';
}

export interface DeployInput {
  readonly project: Project;
  readonly observed: ObservedStack;
  readonly options: DeployOptions;
  /** Configs' contents in base64, by key. */
  readonly configData: ReadonlyMap<string, string>;
  readonly secretVerdicts: ReadonlyMap<string, SecretVerdict>;
  /** Nodes whose engines this machine is connected to; asked for only where an image must come to them. */
  readonly engines?: readonly NodeEngine[];
  /** Where images go that no registry has. */
  readonly registry?: TeamRegistry;
  /** Who deploys: `anna@laptop`. */
  readonly operator?: string;
  /** Secrets and configs whose values could not be had. */
  readonly unreadable?: readonly Problem[];
}

/** The steps that make a Swarm be what the file says: everything is checked first, and what goes, goes last. */
export function planDeploy(input: DeployInput): CorePlan & { readonly deployed: Deployed } {
  const { project, observed, options } = input;
  const specs = convertStack(project, observed.engine.apiVersion);
  const versions = resolveVersions(specs, observed, {
    data: input.configData,
    verdicts: input.secretVerdicts,
    rotate: new Set(options.rotate ?? []),
  });
  const pushes = planPushes(input);
  const images = planImages(input, pushes.images);
  const said: Problem[] = [
    ...(input.unreadable ?? []),
    ...specs.findings.filter(({ at }) => options.ordered !== true || at?.[2] !== 'depends_on'),
    ...lintStack({ project, specs, observed }),
    ...pushes.problems,
    ...images.problems,
  ];
  const objects = [
    ...pushes.steps,
    ...images.steps,
    ...networkSteps(specs.networks, observed),
    ...secretSteps(versions),
    ...configSteps(versions, input.configData),
  ];
  const bodies = toBodies(input, specs, versions, images.images);
  const services = planServices({
    stack: project.name,
    observed,
    options,
    bodies,
    dependencies: (key) => [...(project.services.get(key)?.depends_on?.keys() ?? [])],
    made: new Set(objects.map(({ id }) => id)),
    operator: input.operator,
  });
  const jobs = planJobs({ input, bodies, objects, services: services.steps });
  const changing = [...objects, ...jobs.steps];
  const before = options.resolveImage === 'never' ? changing : withChecks(observed, changing);
  // What a canary leaves behind is what the tasks beside it still have, and what it may go back to.
  const isCanary = options.canary !== undefined;
  const prune = isCanary ? nothing : planPrune({ specs, observed, versions, before, all: options.prune === true });
  if (isCanary && options.prune === true) said.push(notPruned);
  said.push(...services.problems, ...services.warnings, ...jobs.problems, ...prune.warnings);
  const changes = [...before, ...prune.steps];
  return {
    project: project.name,
    action: 'deploy',
    steps: changes,
    deployed: toDeployed(specs, bodies, versions),
    losses: [],
    conflicts: [],
    problems: said.filter(({ severity }) => severity === 'error'),
    warnings: said.filter(({ severity }) => severity === 'warning'),
  };
}

const nothing = { steps: [], warnings: [] } as const;
const notPruned: Problem = {
  severity: 'warning',
  rule: 'canary',
  message: 'nothing is removed while a canary is open',
  hint: 'once it is promoted or taken back, deploy with --prune again',
};

const stepBase = (id: string, target: string, cause: string) =>
  ({ id, target, cause, destructive: false, after: [] }) as const;

/** A network that is there is never changed: Swarm has no way to (`docker stack deploy` leaves it as well). */
export function networkSteps(
  networks: readonly { readonly name: string; readonly body?: Raw | undefined }[],
  observed: ObservedStack,
): readonly Step[] {
  return networks.flatMap(({ name, body }): readonly Step[] => {
    const there = observed.networks.some((one) => one.name === name && one.scope === 'swarm');
    if (body === undefined || isOwnNetwork(name) || there) return [];
    const encrypts = observed.encryptOverlays === true && body.Driver === 'overlay' && body.Options === undefined;
    const whole = encrypts ? { ...body, Options: { encrypted: '' } } : body;
    return [
      { ...stepBase(`create-network ${name}`, name, 'not there yet'), kind: 'create-network', name, body: whole },
    ];
  });
}

export function toSource(object: FileObject): SecretSource | undefined {
  if (object.driver !== undefined) return undefined;
  if (object.file !== undefined) return { from: 'file', path: object.file };
  if (object.environment === undefined)
    return object.content === undefined ? undefined : { from: 'text', text: object.content };
  return toReference('secret', object, { environment: object.environment });
}

/** Where a value came from, for a label: names, never a value and never a path of somebody's machine. */
const sourceText = (source: SecretSource | undefined): string =>
  source === undefined ? 'driver' : source.from === 'environment' ? `environment ${source.variable}` : source.from;

const secretSteps = ({ secrets }: Versions): readonly Step[] =>
  secrets
    .filter(({ create }) => create)
    .map(({ file, name, cause }): Step => {
      const { driver, driver_opts: options, template_driver: template } = file.object;
      const source = toSource(file.object);
      const more: Raw = {
        ...(driver === undefined ? {} : { Driver: { Name: driver, Options: Object.fromEntries(options ?? []) } }),
        ...(template === undefined ? {} : { Templating: { Name: template } }),
      };
      return {
        ...stepBase(`create-secret ${name}`, name, cause),
        kind: 'create-secret',
        name,
        labels: { ...file.labels, [keyLabel]: file.key, [sourceLabel]: sourceText(source) },
        more,
        ...(source === undefined ? {} : { source }),
      };
    });

const configSteps = ({ configs }: Versions, data: DeployInput['configData']): readonly Step[] =>
  configs
    .filter(({ create }) => create)
    .map(({ file, name, cause }): Step => {
      const template = file.object.template_driver;
      const body: Raw = {
        // Under docker stack's own name it is docker stack's own config.
        Labels: name === file.name ? file.labels : { ...file.labels, [keyLabel]: file.key },
        Data: data.get(file.key) ?? '',
        ...(template === undefined ? {} : { Templating: { Name: template } }),
      };
      return { ...stepBase(`create-config ${name}`, name, cause), kind: 'create-config', name, body };
    });
