import type { RunOptions } from '../../../preload/contract/api.ts';
import { AppFailure } from '../app-failure.ts';
import { label } from './labels.ts';
import type { CorePlan, CreateBody, Step } from './plan.ts';
import { readRun, toRunName, withRunService } from './run-service.ts';
import { planUp, type UpInput } from './up.ts';

type CreateStep = Extract<Step, { readonly kind: 'create-container' }>;
type Body = Readonly<Record<string, unknown>>;

/** compose numbers a one-off so; it shows only in the names of links. */
const oneOffNumber = -1;

/**
 * `run`: what the service depends on is brought up by the same rules as in `up`, then one more container is made, which
 * belongs to the service but counts as none of its replicas. It is created when its dependencies are ready. With
 * `detach` the plan ends with its start; otherwise with its creation, since whoever is attached to it starts it.
 * Hooks are not run for it (seen on 2.40.3).
 */
export function planRun(input: UpInput): CorePlan {
  const { project, options } = input;
  const { service: name, run } = readRun(options);
  // An unknown name is planUp's to say.
  const service = project.services.get(name) ?? project.inactive.get(name);
  if (service === undefined) return planUp(input);
  if (service.provider !== undefined) {
    throw new AppFailure({
      code: 'unsupported',
      message: `Service ${name} has a provider, which is not run here, so there is no container of it.`,
    });
  }
  const container = toRunName(project.name, name, run);
  const plan = planUp({
    ...input,
    project: withRunService(project, options),
    decisions: new Map([
      [name, [{ kind: 'create', number: oneOffNumber, name: container, cause: 'a one-off container was asked for' }]],
    ]),
  });
  return { ...plan, action: 'run', steps: arrange(plan.steps, container, run) };
}

/** The one-off's own steps come last, its creation after everything that its start waits for. */
function arrange(steps: readonly Step[], container: string, run: RunOptions): readonly Step[] {
  const isOwn = (step: Step): boolean => step.target === container;
  const create = steps.find((step): step is CreateStep => step.kind === 'create-container' && isOwn(step));
  const start = steps.find((step) => step.kind === 'start-container' && isOwn(step));
  if (create === undefined || start === undefined) return steps;
  const own = new Set(steps.filter(isOwn).map(({ id }) => id));
  const readiness = start.after.filter((id) => !own.has(id));
  const between = steps.filter((step) => isOwn(step) && step.kind === 'deliver-files');
  return [
    ...steps.filter((step) => !isOwn(step)),
    { ...create, ...toOneOff(create, container, run), after: [...new Set([...create.after, ...readiness])] },
    ...between,
    ...(run.detach === true ? [{ ...start, after: start.after.filter((id) => own.has(id)) }] : []),
  ];
}

/** What tells a one-off from a replica: its labels, its aliases, its standard input, that it may go by itself. */
function toOneOff(create: CreateStep, container: string, run: RunOptions): Pick<CreateStep, 'body' | 'connect'> {
  const { Labels, HostConfig, NetworkingConfig, ...body } = create.body as Readonly<Record<string, Body | undefined>>;
  const { [label.containerNumber]: _number, ...labels } = Labels ?? {};
  const endpoint = (config: Body | undefined): Body =>
    run.useAliases === true ? (config ?? {}) : { ...config, Aliases: [container] };
  const endpoints = NetworkingConfig?.EndpointsConfig as Readonly<Record<string, Body>> | undefined;
  const attached: CreateBody = run.interactive === true ? { AttachStdin: true, StdinOnce: true } : {};
  return {
    body: {
      ...body,
      ...attached,
      Labels: { ...labels, [label.oneOff]: 'True', [label.slug]: run.slug },
      HostConfig: { ...HostConfig, ...(run.remove === true ? { AutoRemove: true } : {}) },
      ...(endpoints === undefined
        ? {}
        : {
            NetworkingConfig: {
              ...NetworkingConfig,
              EndpointsConfig: Object.fromEntries(
                Object.entries(endpoints).map(([network, config]) => [network, endpoint(config)]),
              ),
            },
          }),
    },
    connect: create.connect.map((one) => ({
      ...one,
      body: { ...one.body, EndpointConfig: endpoint(one.body.EndpointConfig as Body | undefined) },
    })),
  };
}
