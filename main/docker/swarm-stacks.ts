import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import { jobLabel, leaseLabel, leaseName, stackLabel } from '../core/swarm/names.ts';
import type { Clock, LeaseHolder, RegistryLogins, SwarmStacks } from '../services/ports.ts';
import type { Connection } from './connection.ts';
import { statusOf } from './errors.ts';
import { askSoon, filters, sendToSwarm } from './swarm-call.ts';
import { toSwarmFailure } from './swarm-errors.ts';
import { readServiceLogs } from './swarm-logs.ts';
import { isDeployJob, observeStack, readServices, readTasks } from './swarm-observe.ts';

export interface SwarmStacksOptions {
  readonly connection: Connection;
  readonly logins: RegistryLogins;
  readonly clock: Clock;
  readonly engine: () => { readonly apiVersion: string };
}

/** Milliseconds after which a lease that its holder did not renew is nobody's; renewed at a third of it. */
const leaseFor = 60_000;
/** A config must hold something. */
const leaseData = btoa('deploying');

export function createSwarmStacks({ connection, logins, clock, engine }: SwarmStacksOptions): SwarmStacks {
  const manager = <T>(
    doing: string,
    run: (docker: Docker, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> =>
    connection.call(
      doing,
      (docker, abort) =>
        run(docker, abort).catch((error: unknown) => {
          // What the way to the engine says is the connection's to understand.
          throw statusOf(error) === undefined ? error : toSwarmFailure(doing, error);
        }),
      { signal },
    );
  return {
    observe: (stack, images, signal) =>
      manager(
        `Looking at the stack ${stack}`,
        (docker, abort) =>
          observeStack({ docker, stack, images, logins, apiVersion: engine().apiVersion, signal: abort }),
        signal,
      ),
    list: (signal) =>
      manager(
        'Listing stacks',
        async (docker, abort) => {
          const path = `/services?${filters({ label: [stackLabel] })}`;
          const all = await sendToSwarm<
            readonly { readonly Spec: { readonly Labels: Readonly<Record<string, string>> } }[]
          >(docker, {
            method: 'GET',
            path,
            signal: abort,
          });
          const counts = new Map<string, number>();
          for (const { Spec } of all) {
            if (jobLabel in Spec.Labels) continue;
            const name = Spec.Labels[stackLabel] ?? '';
            counts.set(name, (counts.get(name) ?? 0) + 1);
          }
          return [...counts].map(([name, services]) => ({ name, services })).sort((a, b) => (a.name < b.name ? -1 : 1));
        },
        signal,
      ),
    services: (signal) =>
      manager(
        'Listing the Swarm’s services',
        async (docker, abort) => {
          const all = await askSoon(abort, (soon) => readServices(docker, undefined, soon));
          return all.filter((one) => !isDeployJob(one));
        },
        signal,
      ),
    tasks: (signal) =>
      manager(
        'Listing the Swarm’s tasks',
        (docker, abort) => askSoon(abort, (soon) => readTasks(docker, undefined, soon)),
        signal,
      ),
    logs: (service, options, onLine, signal) =>
      manager(
        `Reading the logs of ${service}`,
        (docker, abort) => readServiceLogs(docker, service, options, onLine, abort),
        signal,
      ),
    lease: (stack, who) => takeLease({ stack, who, clock, manager }),
  };
}

type Manager = <T>(doing: string, run: (docker: Docker, signal: AbortSignal) => Promise<T>) => Promise<T>;

interface TakeLease {
  readonly stack: string;
  readonly who: LeaseHolder;
  readonly clock: Clock;
  readonly manager: Manager;
}
interface LeaseAnswer {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Name: string; readonly Labels: Readonly<Record<string, string>>; readonly Data?: string };
}

/**
 * A Swarm config of one name is made once: whoever makes it has the lease. Its holder renews `until` while it deploys; one
 * that is past that belongs to a program that died.
 */
async function takeLease({ stack, who, clock, manager }: TakeLease): Promise<() => Promise<void>> {
  const name = leaseName(stack);
  const labels = () => ({
    [leaseLabel]: stack,
    [`${leaseLabel}.who`]: who.name,
    [`${leaseLabel}.id`]: who.id,
    [`${leaseLabel}.machine`]: who.machine,
    [`${leaseLabel}.since`]: who.since,
    [`${leaseLabel}.until`]: String(clock.now() + leaseFor),
  });
  const find = (): Promise<LeaseAnswer | undefined> =>
    manager('Looking who deploys', async (docker, signal) => {
      try {
        return await sendToSwarm<LeaseAnswer>(docker, { method: 'GET', path: `/configs/${name}`, signal });
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  const make = (): Promise<boolean> =>
    manager('Taking the lease', async (docker, signal) => {
      try {
        await sendToSwarm(docker, {
          method: 'POST',
          path: '/configs/create',
          body: { Name: name, Labels: labels(), Data: leaseData },
          signal,
        });
        return true;
      } catch (error) {
        if (statusOf(error) === 409) return false;
        throw error;
      }
    });
  const drop = (id: string): Promise<void> =>
    manager('Giving the lease back', async (docker, signal) => {
      await sendToSwarm(docker, { method: 'DELETE', path: `/configs/${id}`, signal }).catch((error: unknown) => {
        if (statusOf(error) !== 404) throw error;
      });
    });
  for (let attempt = 0; !(await make()); attempt += 1) {
    const held = await find();
    if (held === undefined) continue;
    const said = held.Spec.Labels;
    const over =
      Number(said[`${leaseLabel}.until`] ?? 0) < clock.now() || said[`${leaseLabel}.machine`] === who.machine;
    if (over && attempt < 3) {
      await drop(held.ID);
      continue;
    }
    throw new AppFailure({
      code: 'stack.busy',
      message: `${said[`${leaseLabel}.who`] ?? 'Somebody'} is deploying ${stack} since ${(said[`${leaseLabel}.since`] ?? '').slice(11, 16)} UTC.`,
      hint: 'Deploy again when that is done; the plan may be another one then.',
      retry: true,
    });
  }
  let given = false;
  const renew = async (): Promise<void> => {
    const held = await find();
    if (given || held === undefined || held.Spec.Labels[`${leaseLabel}.id`] !== who.id) return;
    await manager('Keeping the lease', (docker, signal) =>
      sendToSwarm(docker, {
        method: 'POST',
        path: `/configs/${held.ID}/update?version=${held.Version.Index}`,
        body: { Name: name, Labels: labels(), Data: held.Spec.Data ?? leaseData },
        signal,
      }),
    );
  };
  let callOff = (): void => undefined;
  const plan = (): void => {
    callOff = clock.after(leaseFor / 3, () => {
      // A renewal that fails is tried again at the next third; the lease outlasts two of them.
      void renew().then(plan, plan);
    });
  };
  plan();
  return async () => {
    given = true;
    callOff();
    const held = await find();
    if (held !== undefined && held.Spec.Labels[`${leaseLabel}.id`] === who.id) await drop(held.ID);
  };
}
