import type { Network, Project, Service } from '../compose/project.ts';
import { networkHash } from './config-hash.ts';
import { type Draft, isRunning } from './draft.ts';
import { label, toNetworkLabels } from './labels.ts';
import type { Observed, ObservedNetwork, Sha256 } from './plan.ts';
import type { Problem } from './problem.ts';
import { given } from './resources.ts';
import { planSecretVolumes } from './secret-volumes.ts';
import { planVolume } from './volumes.ts';

export interface ObjectsInput {
  readonly project: Project;
  readonly services: readonly Service[];
  readonly observed: Observed;
  readonly timeout: number | undefined;
  /** Volumes that differ from the file are removed, with their data, and made anew. */
  readonly recreateVolumes: boolean;
  readonly sha256: Sha256;
  readonly draft: Draft;
  readonly problems: Problem[];
}

/** The engine's own need no making. */
export const builtInNetworks: ReadonlySet<string> = new Set(['host', 'none', 'bridge']);

/** What the networks' and volumes' steps mean for containers. */
export interface ObjectsPlan {
  /** By the object's name on the engine: the step that makes it. */
  readonly networks: ReadonlyMap<string, string>;
  readonly volumes: ReadonlyMap<string, string>;
  /** Networks that are removed and made anew: whatever is connected to them has been stopped and disconnected. */
  readonly remade: ReadonlySet<string>;
  /** Step that removes a container, by its id, before a volume that it uses is made anew. */
  readonly removed: ReadonlyMap<string, string>;
}

/** Only objects that a selected service uses are made, as in compose. */
export function planObjects(input: ObjectsInput): ObjectsPlan {
  const networks = new Map<string, string>();
  const volumes = new Map<string, string>();
  const remade = new Set<string>();
  const removed = new Map<string, string>();
  const networkKeys = new Set(input.services.flatMap((service) => [...(service.networks?.keys() ?? [])]));
  const volumeKeys = new Set(
    input.services.flatMap((service) =>
      (service.volumes ?? []).flatMap((mount) =>
        mount.type === 'volume' && mount.source !== undefined ? [mount.source] : [],
      ),
    ),
  );
  for (const [key, network] of input.project.networks) {
    if (networkKeys.has(key)) planNetwork(network, input, networks, remade);
  }
  for (const [key, volume] of input.project.volumes) {
    if (volumeKeys.has(key)) planVolume(volume, input, volumes, removed);
  }
  planSecretVolumes(input, volumes);
  return { networks, volumes, remade, removed };
}

function planNetwork(network: Network, input: ObjectsInput, steps: Map<string, string>, remade: Set<string>): void {
  const { observed, project, draft, problems } = input;
  const there = observed.networks[network.name];
  if (network.external === true) {
    if (there === undefined && !builtInNetworks.has(network.name)) {
      problems.push({
        severity: 'error',
        rule: 'external-network-missing',
        at: ['networks', network.key],
        message: `network ${network.name} is external, but it is not on the engine`,
        hint: `create it (docker network create ${network.name}), or take "external" out of the file`,
      });
    }
    return;
  }
  const hash = networkHash(network, input.sha256);
  if (there === undefined) {
    steps.set(network.name, addNetwork(input, network, hash, 'not there yet', []));
    return;
  }
  if (there.labels[label.network] !== network.key) {
    const owner = there.labels[label.network];
    problems.push({
      severity: 'error',
      rule: 'network-not-ours',
      at: ['networks', network.key],
      message: `network ${network.name} is there already, but ${owner === undefined ? 'compose did not make it' : `it is "${owner}" of project ${there.labels[label.project] ?? '?'}`}`,
      hint: 'set external: true to use it as it is, give yours another name, or remove it',
    });
    return;
  }
  if (there.labels[label.project] !== project.name) {
    draft.warn({
      severity: 'warning',
      rule: 'network-of-other-project',
      at: ['networks', network.key],
      message: `network ${network.name} belongs to project ${there.labels[label.project] ?? '?'} and is used as it is`,
      hint: 'set external: true to say so in the file',
    });
    return;
  }
  const count = 1 + (there.twins ?? []).length;
  if (count > 1) {
    remakeNetwork(
      { ...input, network, there, cause: `there are ${count} networks called ${network.name}` },
      hash,
      steps,
      remade,
    );
  } else if (there.configHash !== undefined && there.configHash !== hash) {
    remakeNetwork(
      { ...input, network, there, cause: `network ${network.name} changed in the file` },
      hash,
      steps,
      remade,
    );
  }
}

interface RemakeInput extends ObjectsInput {
  readonly network: Network;
  readonly there: ObservedNetwork;
  readonly cause: string;
}

/** Stop what is connected, disconnect, remove, create: the order that compose was seen to take. */
function remakeNetwork(input: RemakeInput, hash: string, steps: Map<string, string>, remade: Set<string>): void {
  const { observed, draft, network, there, cause, problems } = input;
  const guests = there.guests ?? [];
  if (guests.length > 0) {
    // compose stops the project's containers first and then fails at the removal, and so does every further `up`.
    problems.push({
      severity: 'error',
      rule: 'network-in-use',
      at: ['networks', network.key],
      message: `${cause} and has to be made anew, but containers of others are connected to it: ${guests.join(', ')}`,
      hint: `disconnect them first (docker network disconnect ${network.name} NAME)`,
    });
    return;
  }
  const users = new Set(
    input.services.filter((service) => service.networks?.has(network.key) === true).map((service) => service.name),
  );
  const freed: string[] = [];
  const interrupted: string[] = [];
  const back: { readonly id: string; readonly name: string; readonly aliases: readonly string[] }[] = [];
  for (const container of observed.containers) {
    const connection = container.networks[network.name];
    if (connection === undefined) continue;
    const ours = users.has(container.service) && !container.oneOff;
    const stopped = ours ? draft.stop(container, cause, { timeout: input.timeout }) : undefined;
    freed.push(
      draft.add({
        kind: 'disconnect-network',
        target: `${container.name} from ${network.name}`,
        service: container.service,
        cause,
        network: isAmbiguous(there) && connection.id !== '' ? connection.id : network.name,
        container: container.id,
        after: stopped === undefined ? [] : [stopped],
      }),
    );
    if (isRunning(container)) interrupted.push(container.name);
    if (!ours && isRunning(container))
      back.push({ id: container.id, name: container.name, aliases: connection.aliases });
  }
  if (interrupted.length > 0) {
    draft.lose(`open connections over network ${network.name}, which is made anew: ${interrupted.join(', ')}`);
  }
  const removed = removeNetwork(draft, there, cause, freed);
  const created = addNetwork(input, network, hash, cause, removed);
  for (const container of back) {
    draft.add({
      kind: 'connect-network',
      target: `${container.name} to ${network.name}`,
      cause: `${cause}; this container stays as it is`,
      network: network.name,
      container: container.id,
      body: { EndpointConfig: { Aliases: container.aliases } },
      after: [created],
    });
  }
  steps.set(network.name, created);
  remade.add(network.name);
}

/** The engine refuses a name that two networks have. */
const isAmbiguous = (network: ObservedNetwork): boolean => (network.twins ?? []).length > 0;

/** Removes the network and whatever else has its name in the project. */
export function removeNetwork(
  draft: Draft,
  network: ObservedNetwork,
  cause: string,
  after: readonly string[],
): readonly string[] {
  if (!isAmbiguous(network)) {
    return [draft.add({ kind: 'remove-network', target: network.name, name: network.name, cause, after })];
  }
  return [network.id, ...(network.twins ?? [])].map((id) =>
    draft.add({
      kind: 'remove-network',
      target: `${network.name} (${id.slice(0, 12)})`,
      name: id,
      cause,
      after,
    }),
  );
}

function addNetwork(
  input: ObjectsInput,
  network: Network,
  hash: string,
  cause: string,
  after: readonly string[],
): string {
  const { ipam } = network;
  const body = {
    Name: network.name,
    // Two networks of one name would otherwise be possible before API 1.44.
    CheckDuplicate: true,
    Labels: toNetworkLabels(input.project, network, hash),
    ...given({ Driver: network.driver }),
    ...(network.driver_opts === undefined ? {} : { Options: Object.fromEntries(network.driver_opts) }),
    ...(network.internal === true ? { Internal: true } : {}),
    ...(network.attachable === true ? { Attachable: true } : {}),
    ...(network.enable_ipv4 === undefined ? {} : { EnableIPv4: network.enable_ipv4 }),
    ...(network.enable_ipv6 === undefined ? {} : { EnableIPv6: network.enable_ipv6 }),
    ...(ipam?.driver === undefined && (ipam?.config ?? []).length === 0 && ipam?.options === undefined
      ? {}
      : {
          IPAM: {
            ...given({ Driver: ipam?.driver }),
            // docker compose 2.40.3 forgets them; they count in no hash.
            ...(ipam?.options === undefined ? {} : { Options: Object.fromEntries(ipam.options) }),
            Config: (ipam?.config ?? []).map((pool) => ({
              ...given({ Subnet: pool.subnet, IPRange: pool.ip_range, Gateway: pool.gateway }),
              ...(pool.aux_addresses === undefined
                ? {}
                : { AuxiliaryAddresses: Object.fromEntries(pool.aux_addresses) }),
            })),
          },
        }),
  };
  return input.draft.add({ kind: 'create-network', target: network.name, name: network.name, body, cause, after });
}
