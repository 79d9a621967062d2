import type { Deploy, Resources, Service, UpdateConfig } from '../compose/project.ts';
import type { Raw } from '../plan/inherit.ts';
import { given } from '../plan/resources.ts';

/* Resources, restarts and updates: `deploy` in Swarm's words. https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service */

/** Docker's client reads the number as a fraction: exact, not through a float. */
export function toNanoCpus(cpus: string): number {
  const [whole = '0', fraction = ''] = cpus.split('.');
  return Number(whole === '' ? 0 : whole) * 1e9 + Number(fraction.padEnd(9, '0').slice(0, 9));
}

export function toResourcePart(resources: Deploy['resources']): Raw {
  const { limits, reservations } = resources ?? {};
  const common = ({ cpus, memory }: Resources): Raw =>
    given({ NanoCPUs: cpus === undefined ? undefined : toNanoCpus(cpus), MemoryBytes: memory });
  return {
    ...(limits === undefined ? {} : { Limits: { ...common(limits), ...given({ Pids: limits.pids }) } }),
    ...(reservations === undefined
      ? {}
      : {
          Reservations: {
            ...common(reservations),
            ...given({ GenericResources: reservations.generic_resources?.map(toGeneric) }),
          },
        }),
  };
}

function toGeneric(resource: unknown): Raw {
  const { discrete_resource_spec: discrete } = resource as {
    readonly discrete_resource_spec?: { kind?: string; value?: number };
  };
  return discrete === undefined
    ? {}
    : { DiscreteResourceSpec: { Kind: discrete.kind ?? '', Value: Number(discrete.value ?? 0) } };
}

/** `restart` counts only where `deploy.restart_policy` says nothing; `"no"` then means Swarm's default, which is to restart (seen with 28.5.2). */
export function toRestartPart(service: Service): Raw {
  const policy = service.deploy?.restart_policy;
  if (policy !== undefined) {
    // A delay of 0 is said: without one Swarm waits 5 s.
    const { condition, delay, max_attempts: attempts, window } = policy;
    const said = Object.entries({ Delay: delay, MaxAttempts: attempts, Window: window });
    return {
      RestartPolicy: {
        ...given({ Condition: condition }),
        ...Object.fromEntries(said.filter(([, value]) => value !== undefined)),
      },
    };
  }
  const [name = '', attempts = '0'] = (service.restart ?? '').split(':');
  if (name === '' || name === 'no') return {};
  return {
    RestartPolicy: {
      Condition: name === 'on-failure' ? name : 'any',
      ...given({ MaxAttempts: Number(attempts) || 0 }),
    },
  };
}

/** One at a time, unless the file says otherwise; 0 is all at once. */
export function toUpdatePart(name: 'UpdateConfig' | 'RollbackConfig', config: UpdateConfig | undefined): Raw {
  if (config === undefined) return {};
  return {
    [name]: {
      Parallelism: config.parallelism ?? 1,
      ...given({
        Delay: config.delay,
        FailureAction: config.failure_action,
        Monitor: config.monitor,
        MaxFailureRatio: config.max_failure_ratio,
        Order: config.order,
      }),
    },
  };
}
