import type { Service } from '../compose/project.ts';
import type { Draft } from './draft.ts';
import type { Observed } from './plan.ts';
import { portsCollide, toWantedPorts, type WantedPort } from './ports.ts';
import type { Unit } from './starting.ts';

export interface PortsInput {
  readonly project: string;
  readonly services: ReadonlyMap<string, Service>;
  readonly observed: Observed;
  readonly units: ReadonlyMap<string, readonly Unit[]>;
  /** Stop step by container id. */
  readonly stops: ReadonlyMap<string, string>;
  readonly draft: Draft;
}

interface Holder {
  readonly hostIp: string;
  readonly port: number;
  readonly protocol: WantedPort['protocol'];
  readonly owner: string;
  readonly containerId?: string;
  readonly alternative?: number;
}

/**
 * Published ports against who holds them. A port whose holder this plan stops is free by then: the start comes after
 * that stop. A container that keeps its own port is no conflict. Everything else is one, and names its owner.
 */
export function claimPorts(input: PortsInput): ReadonlyMap<string, readonly Unit[]> {
  const holders = toHolders(input);
  /** By number. */
  const claimed = new Map<number, { readonly port: WantedPort; readonly unit: Unit }[]>();
  const result = new Map<string, readonly Unit[]>();
  for (const [name, units] of input.units) {
    const wanted = toWantedPorts(input.services.get(name) ?? { name });
    result.set(
      name,
      units.map((unit) => (unit.action === 'start' || unit.action === 'restart' ? claim(unit, wanted) : unit)),
    );
  }
  return result;

  function claim(unit: Unit, wanted: readonly WantedPort[]): Unit {
    const after: string[] = [];
    for (const port of wanted) {
      const before = claimed.get(port.port) ?? [];
      const rival = before.find((other) => other.unit.name !== unit.name && portsCollide(other.port, port));
      if (rival !== undefined) report(unit, port, { owner: `container ${rival.unit.name} of this project` });
      claimed.set(port.port, [...before, { port, unit }]);
      for (const holder of holders.filter((candidate) => portsCollide(candidate, port))) {
        if (holder.containerId !== undefined && holder.containerId === unit.container?.id) continue;
        const stop = holder.containerId === undefined ? undefined : input.stops.get(holder.containerId);
        if (stop !== undefined) after.push(stop);
        else report(unit, port, holder);
      }
    }
    // Its own predecessor's stop is before the rename that `ready` names already.
    const extra = after.filter((step) => !isOwnStop(step, unit));
    return extra.length === 0 ? unit : { ...unit, ready: [...unit.ready, ...extra] };
  }

  function report(
    unit: Unit,
    port: WantedPort,
    holder: { readonly owner: string; readonly alternative?: number },
  ): void {
    input.draft.conflict({
      service: unit.service,
      port: {
        host: port.port,
        ...(port.hostIp === '' ? {} : { hostIp: port.hostIp }),
        container: port.container,
        protocol: port.protocol,
      },
      owner: holder.owner,
      at: ['services', unit.service, 'ports', port.index],
      ...(holder.alternative === undefined ? {} : { alternative: holder.alternative }),
    });
  }
}

const isOwnStop = (step: string, unit: Unit): boolean => step === `stop-container ${unit.name}`;

/** What the engine's host says is taken, and what the project's own running containers publish. */
function toHolders({ observed, project }: PortsInput): readonly Holder[] {
  const own = observed.containers.flatMap((container) =>
    container.state !== 'running' && container.state !== 'paused'
      ? []
      : container.ports.flatMap((port): readonly Holder[] =>
          port.host === undefined
            ? []
            : [
                {
                  hostIp: port.hostIp ?? '',
                  port: port.host,
                  protocol: port.protocol,
                  owner: `container ${container.name} of project ${project}`,
                  containerId: container.id,
                },
              ],
        ),
  );
  // What its own containers hold is judged by their state, which was looked at last: one may have stopped meanwhile.
  const ids = new Set<string | undefined>(observed.containers.map((container) => container.id));
  const others = observed.takenPorts.filter((taken) => taken.containerId === undefined || !ids.has(taken.containerId));
  return [...own, ...others];
}
