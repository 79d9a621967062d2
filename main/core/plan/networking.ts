import type { Project, Service, ServiceNetwork } from '../compose/project.ts';
import { toContainerName } from './labels.ts';
import { atLeastApi, given } from './resources.ts';

type Body = Readonly<Record<string, unknown>>;

export interface Networking {
  /** HostConfig.NetworkMode */
  readonly mode: string;
  /** NetworkingConfig.EndpointsConfig, by the network's name on the engine. */
  readonly endpoints: Readonly<Record<string, Body>>;
  /** Networks that an engine before API 1.44 takes only after the container was created. */
  readonly connect: readonly { readonly network: string; readonly body: Body }[];
  /** Config.MacAddress: where the engine before 1.44 wants it. */
  readonly macAddress?: string;
}

/** Highest `priority` first, then by name: the first is the primary network, which brings the default route. */
function networksByPriority(service: Service): readonly string[] {
  return [...(service.networks ?? [])]
    .map(([key, network]) => ({ key, priority: network?.priority ?? 0 }))
    .sort((a, b) => b.priority - a.priority || (a.key < b.key ? -1 : 1))
    .map((entry) => entry.key);
}

/** Container name, service, then the file's own aliases (seen live on what compose made). */
function toEndpoint(service: Service, key: string, containerName: string, links: readonly string[]): Body {
  const network = service.networks?.get(key) ?? null;
  return given({
    Aliases: [...new Set([containerName, service.name, ...(network?.aliases ?? [])])],
    Links: links,
    MacAddress: network?.mac_address,
    GwPriority: network?.gw_priority,
    DriverOpts: network === null ? undefined : toDriverOptions(network),
    IPAddress: network?.ipv4_address,
    IPAMConfig:
      network === null
        ? undefined
        : given({
            IPv4Address: network.ipv4_address,
            IPv6Address: network.ipv6_address,
            LinkLocalIPs: network.link_local_ips,
          }),
  });
}

/** `interface_name` travels as an option, which engines from 28 on know; older ones leave the name as it is. */
function toDriverOptions(network: ServiceNetwork): Readonly<Record<string, string>> | undefined {
  const { driver_opts: options, interface_name: name } = network;
  if (options === undefined && name === undefined) return undefined;
  return {
    ...Object.fromEntries(options ?? []),
    ...(name === undefined ? {} : { 'com.docker.network.endpoint.ifname': name }),
  };
}

export interface NetworkingInput {
  readonly project: Project;
  readonly service: Service;
  readonly number: number;
  readonly links: readonly string[];
  readonly apiVersion: string;
}

export function toNetworking(input: NetworkingInput): Networking {
  const { project, service, number, links, apiVersion } = input;
  if (service.network_mode !== undefined && service.network_mode !== '') {
    return { mode: service.network_mode, endpoints: {}, connect: [] };
  }
  const keys = networksByPriority(service);
  const [primary, ...others] = keys;
  if (primary === undefined) return { mode: 'none', endpoints: {}, connect: [] };
  const containerName = toContainerName(project.name, service, number);
  const name = (key: string): string => project.networks.get(key)?.name ?? key;
  const several = atLeastApi(apiVersion, 44);
  const mac = service.mac_address ?? (several ? undefined : (service.networks?.get(primary)?.mac_address ?? undefined));
  const endpoint = (key: string): Body => {
    const body = toEndpoint(service, key, containerName, links);
    return several && key === primary && mac !== undefined && body.MacAddress === undefined
      ? { ...body, MacAddress: mac }
      : body;
  };
  return {
    mode: name(primary),
    endpoints: Object.fromEntries((several ? keys : [primary]).map((key) => [name(key), endpoint(key)])),
    connect: several ? [] : others.map((key) => ({ network: name(key), body: { EndpointConfig: endpoint(key) } })),
    ...(several || mac === undefined ? {} : { macAddress: mac }),
  };
}
