import { label } from '../../main/core/plan/labels.ts';
import { withIds } from '../../main/core/plan/later-ids.ts';
import type { Observed, ObservedContainer, Step } from '../../main/core/plan/plan.ts';
import type { Health } from '../../preload/contract/model.ts';
import { idOf, image, sha256 } from './builders.ts';

/*
 * What a plan does to an engine, in memory: enough of the engine's rules (names are unique, a used network cannot be
 * removed, a container cannot be made without its image) to notice a plan that would fail on a real one.
 */
export interface World {
  readonly observed: () => Observed;
  /** Throws where a real engine would refuse. */
  readonly apply: (step: Step) => unknown;
  /** The user, or the outside, does something. */
  readonly change: (edit: (observed: Observed) => Observed) => void;
}

interface Body {
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck?: { readonly Test?: readonly string[] };
  readonly HostConfig: {
    readonly Binds?: readonly string[];
    readonly PortBindings?: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>;
  };
  readonly NetworkingConfig?: { readonly EndpointsConfig: Readonly<Record<string, unknown>> };
}

/** Ids are never given twice, whatever world they are in. */
let made = 0;

export function createWorld(start: Observed): World {
  let state = start;
  const set = (change: Partial<Observed>): unknown => {
    state = { ...state, ...change };
    return state;
  };
  const find = (reference: string): ObservedContainer => {
    const found = state.containers.find((one) => one.id === reference || one.name === reference);
    if (found === undefined) throw new Error(`No such container: ${reference}`);
    return found;
  };
  const edit = (reference: string, change: Partial<ObservedContainer>): unknown => {
    const target = find(reference);
    return set({ containers: state.containers.map((one) => (one === target ? { ...one, ...change } : one)) });
  };
  const run = (reference: string): unknown => {
    const { networks, hasHealthcheck } = find(reference);
    const connected = Object.fromEntries(
      Object.entries(networks).map(([name, connection]) => {
        const network = state.networks[name];
        if (network === undefined) throw new Error(`network ${name} not found`);
        if (connection.id !== '' && connection.id !== network.id) throw new Error(`network ${connection.id} not found`);
        return [name, { ...connection, id: network.id }];
      }),
    );
    const health: Health = hasHealthcheck ? 'starting' : 'none';
    return edit(reference, { state: 'running', health, networks: connected });
  };

  const apply = (step: Step): unknown => {
    switch (step.kind) {
      case 'pull-image':
        return set({ images: { ...state.images, [step.image]: image(step.image) } });
      case 'build-image': {
        const labels = { ...step.labels, 'io.claude-env.build-digest': step.digest ?? '' };
        const built = image(`${step.image} ${step.digest ?? ''}`, { labels });
        return set({ images: { ...state.images, [step.image]: built } });
      }
      case 'create-network': {
        if (state.networks[step.name] !== undefined) throw new Error(`network ${step.name} already exists`);
        made += 1;
        const labels = (step.body as { readonly Labels: Readonly<Record<string, string>> }).Labels;
        const hash = labels[label.configHash];
        const network = { id: idOf(`network ${made}`), name: step.name, labels };
        return set({
          networks: { ...state.networks, [step.name]: hash === undefined ? network : { ...network, configHash: hash } },
        });
      }
      case 'remove-network': {
        const user = state.containers.find((one) => one.state === 'running' && one.networks[step.name] !== undefined);
        if (user !== undefined) throw new Error(`network ${step.name} has active endpoints: ${user.name}`);
        const { [step.name]: _gone, ...rest } = state.networks;
        return set({ networks: rest });
      }
      case 'create-volume': {
        const labels = (step.body as { readonly Labels: Readonly<Record<string, string>> }).Labels;
        const configHash = labels[label.configHash] ?? '';
        return set({
          volumes: { ...state.volumes, [step.name]: { name: step.name, driver: 'local', labels, configHash } },
        });
      }
      case 'remove-volume': {
        const user = state.containers.find((one) => one.mounts.some((mount) => mount.name === step.name));
        if (user !== undefined) throw new Error(`volume ${step.name} is in use by ${user.name}`);
        const { [step.name]: _gone, ...rest } = state.volumes;
        return set({ volumes: rest });
      }
      case 'create-container':
        return create(withIds(step, new Map(state.containers.map(({ name, id }) => [name, id])), sha256));
      case 'deliver-files':
        return find(step.container);
      case 'start-container':
        return run(step.container);
      case 'restart-container':
        return run(step.container);
      case 'stop-container':
        return edit(step.container, { state: 'exited', exitCode: 143, health: 'none' });
      case 'kill-container':
        return edit(step.container, { state: 'exited', exitCode: 137, health: 'none' });
      case 'pause-container':
        return edit(step.container, { state: 'paused' });
      case 'unpause-container':
        return edit(step.container, { state: 'running' });
      case 'remove-container':
        find(step.container);
        return set({
          containers: state.containers.filter((one) => one.id !== step.container && one.name !== step.container),
        });
      case 'rename-container':
        if (state.containers.some((one) => one.name === step.to)) throw new Error(`name ${step.to} is in use`);
        return edit(step.container, { name: step.to });
      case 'connect-network': {
        const networks = find(step.container).networks;
        const id = state.networks[step.network]?.id ?? '';
        return edit(step.container, { networks: { ...networks, [step.network]: { id, aliases: [] } } });
      }
      case 'disconnect-network': {
        const { [step.network]: _gone, ...rest } = find(step.container).networks;
        return edit(step.container, { networks: rest });
      }
      case 'wait-healthy':
        if (find(step.container).state !== 'running') throw new Error(`${step.target} does not run`);
        return edit(step.container, find(step.container).hasHealthcheck ? { health: 'healthy' } : {});
      case 'wait-completed':
        return edit(step.container, { state: 'exited', exitCode: 0 });
      case 'wait-running':
      case 'run-hook':
        if (find(step.container).state !== 'running') throw new Error(`${step.target} does not run`);
        return undefined;
      default:
        throw new Error(`${step.kind} is for a Swarm`);
    }
  };

  function create(step: Extract<Step, { readonly kind: 'create-container' }>): unknown {
    const body = step.body as unknown as Body;
    const found = state.images[step.image];
    if (found === undefined) throw new Error(`no such image: ${step.image}`);
    if (state.containers.some((one) => one.name === step.name)) throw new Error(`name ${step.name} is in use`);
    const names = [
      ...Object.keys(body.NetworkingConfig?.EndpointsConfig ?? {}),
      ...step.connect.map((one) => one.network),
    ];
    for (const name of names) if (state.networks[name] === undefined) throw new Error(`network ${name} not found`);
    made += 1;
    const labels: Readonly<Record<string, string>> = { ...body.Labels, [label.image]: found.id };
    const hash = labels[label.configHash];
    return set({
      containers: [
        ...state.containers,
        {
          id: idOf(`container ${made}`),
          name: step.name,
          service: labels[label.service] ?? '',
          number: Number(labels[label.containerNumber]),
          oneOff: false,
          state: 'created',
          health: 'none',
          ...(hash === undefined ? {} : { configHash: hash }),
          imageLabel: found.id,
          imageId: found.id,
          labels,
          networks: Object.fromEntries(names.map((name) => [name, { id: '', aliases: [] }])),
          mounts: (body.HostConfig.Binds ?? []).map((bind) => {
            const [source = '', target = ''] = bind.split(':');
            return source.startsWith('/')
              ? { type: 'bind', source, target, readOnly: false }
              : { type: 'volume', name: source, target, readOnly: false };
          }),
          ports: Object.entries(body.HostConfig.PortBindings ?? {}).flatMap(([key, bindings]) =>
            bindings.map((one) => ({
              host: Number(one.HostPort),
              hostIp: one.HostIp,
              container: Number(key.split('/')[0]),
              protocol: 'tcp' as const,
            })),
          ),
          hasHealthcheck: (body.Healthcheck?.Test?.length ?? 0) > 0 || found.hasHealthcheck,
        },
      ],
    });
  }

  return {
    observed: () => state,
    apply,
    change: (change) => {
      state = change(state);
    },
  };
}
