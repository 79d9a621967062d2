import { nodeAddress } from '../core/swarm/addresses.ts';
import type { SwarmNode, SwarmSelf, SwarmState } from '../core/swarm/membership.ts';
import { toTime } from './swarm-observe.ts';

/* The API's shapes, as far as they are read, and what becomes of them. Everything may be missing: engines from 20.10 to 28. */

export interface RawInfo {
  readonly Name?: string;
  readonly OperatingSystem?: string;
  readonly DockerRootDir?: string;
  readonly Swarm?: {
    readonly NodeID?: string;
    readonly NodeAddr?: string;
    readonly LocalNodeState?: string;
    readonly ControlAvailable?: boolean;
    readonly Error?: string;
    readonly RemoteManagers?: readonly { readonly NodeID?: string; readonly Addr?: string }[] | null;
  };
}

const selfStates = ['inactive', 'pending', 'active', 'error', 'locked'] as const;

export const toSelf = (info: RawInfo): SwarmSelf => ({
  state: selfStates.find((state) => state === info.Swarm?.LocalNodeState) ?? 'inactive',
  nodeId: info.Swarm?.NodeID ?? '',
  address: info.Swarm?.NodeAddr ?? '',
  manager: info.Swarm?.ControlAvailable === true,
  problem: info.Swarm?.Error ?? '',
  managers: (info.Swarm?.RemoteManagers ?? []).map(({ NodeID = '', Addr = '' }) => ({ id: NodeID, address: Addr })),
  hostname: info.Name ?? '',
  product: info.OperatingSystem ?? '',
  rootDir: info.DockerRootDir ?? '',
});

export interface RawNodeSpec {
  readonly Name?: string;
  readonly Role?: string;
  readonly Availability?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}
export interface RawNode {
  readonly ID: string;
  readonly UpdatedAt?: string;
  readonly Version?: { readonly Index?: number };
  readonly Spec?: RawNodeSpec;
  readonly Description?: {
    readonly Hostname?: string;
    readonly Platform?: { readonly OS?: string; readonly Architecture?: string };
    readonly Engine?: { readonly EngineVersion?: string };
    readonly Resources?: { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
  };
  readonly Status?: { readonly State?: string; readonly Addr?: string; readonly Message?: string };
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string; readonly Addr?: string };
}

const nodeStates = ['ready', 'down', 'disconnected', 'unknown'] as const;
const availabilities = ['active', 'pause', 'drain'] as const;

export function toNode(raw: RawNode): SwarmNode {
  const { Spec: spec, Description: description, Status: status, ManagerStatus: manager } = raw;
  const platform = description?.Platform;
  return {
    id: raw.ID,
    hostname: description?.Hostname ?? '',
    address: nodeAddress(status?.Addr, manager?.Addr),
    role: spec?.Role === 'manager' ? 'manager' : 'worker',
    availability: availabilities.find((one) => one === spec?.Availability) ?? 'active',
    state: nodeStates.find((state) => state === status?.State) ?? 'unknown',
    message: status?.Message ?? '',
    changedAt: toTime(raw.UpdatedAt),
    ...(manager === undefined
      ? {}
      : {
          manager: {
            leader: manager.Leader === true,
            reachable: manager.Reachability === 'reachable',
            address: manager.Addr ?? '',
          },
        }),
    labels: spec?.Labels ?? {},
    engine: description?.Engine?.EngineVersion ?? '',
    platform: `${platform?.OS ?? ''}/${platform?.Architecture ?? ''}`,
    cpus: (description?.Resources?.NanoCPUs ?? 0) / 1e9,
    memoryBytes: description?.Resources?.MemoryBytes ?? 0,
  };
}

export interface RawSwarmSpec {
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly EncryptionConfig?: { readonly AutoLockManagers?: boolean };
  readonly [other: string]: unknown;
}
export interface RawSwarm {
  readonly ID: string;
  readonly Version?: { readonly Index?: number };
  readonly Spec?: RawSwarmSpec;
  readonly TLSInfo?: { readonly TrustRoot?: string };
  readonly JoinTokens?: { readonly Worker?: string; readonly Manager?: string };
  readonly DataPathPort?: number;
  readonly DefaultAddrPool?: readonly string[] | null;
}

export const toSwarmState = (raw: RawSwarm): SwarmState => ({
  id: raw.ID,
  labels: raw.Spec?.Labels ?? {},
  autolock: raw.Spec?.EncryptionConfig?.AutoLockManagers === true,
  rootCa: raw.TLSInfo?.TrustRoot ?? '',
  tokens: { worker: raw.JoinTokens?.Worker ?? '', manager: raw.JoinTokens?.Manager ?? '' },
  dataPathPort: raw.DataPathPort || 4789,
  addressPools: raw.DefaultAddrPool ?? [],
});

/** Labels with some set and, by undefined, some taken away. */
export function withLabels(
  now: Readonly<Record<string, string>> | null | undefined,
  change: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const all = { ...now, ...change };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}
