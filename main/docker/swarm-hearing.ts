import type Docker from 'dockerode';
import type { Heard } from '../core/swarm/hearing.ts';
import { dial } from './dial.ts';
import { filters } from './swarm-call.ts';

/*
 * The gossip's members are told with a network, and every machine of a Swarm is in the one for published ports. By its id the
 * engine itself answers (0.3 ms of its time); by name, or in a list, a leader is asked.
 */

interface RawNetwork {
  readonly Id?: string;
  readonly Ingress?: boolean;
  readonly Peers?: readonly { readonly IP?: string }[] | null;
}

/** @param ingress id of the network for published ports */
export async function hear(docker: Docker, ingress: string, signal: AbortSignal): Promise<Heard> {
  const { Peers } = await dial<RawNetwork>(docker, { method: 'GET', path: `/networks/${ingress}`, signal });
  const addresses = (Peers ?? []).flatMap(({ IP }) => IP ?? []).sort();
  // It hears itself at least.
  return addresses.length === 0 ? undefined : addresses;
}

/** The same for an engine that is asked again and again, whatever Swarm it is in; undefined where it cannot tell. */
export function createHearing() {
  let ingress: string | undefined;
  return async (docker: Docker, signal: AbortSignal): Promise<Heard> => {
    try {
      if (ingress === undefined) {
        const path = `/networks?${filters({ driver: ['overlay'] })}`;
        const all = await dial<readonly RawNetwork[]>(docker, { method: 'GET', path, signal });
        ingress = all.find(({ Ingress }) => Ingress === true)?.Id;
      }
      return ingress === undefined ? undefined : await hear(docker, ingress, signal);
    } catch {
      // Of another Swarm, or not to be had now.
      ingress = undefined;
      return undefined;
    }
  };
}
