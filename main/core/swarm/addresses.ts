/*
 * Which of a machine's addresses a Swarm should know it by. A wrong one breaks management and overlay networks, and one that
 * changes breaks them later (moby#41043).
 */

export interface InterfaceAddress {
  /** `eth0` */
  readonly name: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** Leased (DHCP, SLAAC) and so may change; undefined where the system does not say. */
  readonly leased?: boolean;
}

export interface Advice extends InterfaceAddress {
  /** `good`: take it; `doubtful`: works, with a reason to think; `bad`: others cannot reach it. */
  readonly verdict: 'good' | 'doubtful' | 'bad';
  readonly kind: 'cable' | 'wireless' | 'vpn' | 'bridge' | 'loopback' | 'link-local' | 'other';
  readonly reasons: readonly string[];
}

const bridges =
  /^(?:docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|flannel|podman|bridge\d|vEthernet|vethernet|awdl|llw|anpi)/;
const vpns = /^(?:tun|tap|wg|utun|ppp|tailscale|zt|nordlynx|proton|ipsec|gpd|cscotun|WireGuard|OpenVPN)/i;
const wireless = /^(?:wl|wlan|wifi|ath|ra\d|Wi-Fi|WLAN)/i;
const cables = /^(?:eth|en|em|eno|ens|enp|enx|bond|team|Ethernet|lan)/i;

const kindOf = ({ name, address }: InterfaceAddress): Advice['kind'] => {
  if (/^127\.|^::1$/.test(address) || name === 'lo' || /^lo\d/.test(name)) return 'loopback';
  if (/^169\.254\.|^fe80:/i.test(address)) return 'link-local';
  if (bridges.test(name)) return 'bridge';
  if (vpns.test(name)) return 'vpn';
  if (wireless.test(name)) return 'wireless';
  return cables.test(name) ? 'cable' : 'other';
};

const isPrivate = (address: string): boolean =>
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i.test(address);

function advise(one: InterfaceAddress): Advice {
  const kind = kindOf(one);
  const reasons: string[] = [];
  if (kind === 'loopback') reasons.push('only this machine reaches it');
  if (kind === 'link-local') reasons.push('an address that a machine gives itself where nobody else does');
  if (kind === 'bridge') reasons.push('a network inside this machine');
  if (reasons.length > 0) return { ...one, kind, verdict: 'bad', reasons };
  if (kind === 'vpn') reasons.push('a VPN: reached only while it is up at both ends, and large packets may not pass');
  if (kind === 'wireless') reasons.push('wireless: it changes with the place');
  if (one.leased === true)
    reasons.push('leased (DHCP): when it changes, this machine has to join again; reserve it in the router');
  if (!isPrivate(one.address)) {
    reasons.push('public: everybody on the Internet reaches its ports unless a firewall stops them');
  }
  return { ...one, kind, verdict: reasons.length === 0 ? 'good' : 'doubtful', reasons };
}

const rank = { good: 0, doubtful: 1, bad: 2 } as const;

/** Best first. */
export const adviseAddresses = (addresses: readonly InterfaceAddress[]): readonly Advice[] =>
  addresses
    .map(advise)
    .sort((a, b) => rank[a.verdict] - rank[b.verdict] || a.reasons.length - b.reasons.length || a.family - b.family);

export type Choice =
  | { readonly kind: 'chosen'; readonly address: string; readonly advice?: Advice }
  /** Several would do, and which one is right only people know. */
  | { readonly kind: 'several'; readonly candidates: readonly Advice[] }
  | { readonly kind: 'none' };

/** `wanted`: an address, or the name of an interface; without one, the only address that others can reach. */
export function chooseAddress(advices: readonly Advice[], wanted: string | undefined): Choice {
  if (wanted !== undefined) {
    const advice = advices.find(({ address, name }) => address === wanted || name === wanted);
    return { kind: 'chosen', address: advice?.address ?? wanted, ...(advice === undefined ? {} : { advice }) };
  }
  const able = advices.filter(({ verdict, family }) => verdict !== 'bad' && family === 4);
  const candidates = able.length > 0 ? able : advices.filter(({ verdict }) => verdict !== 'bad');
  const [first, ...others] = candidates;
  if (first === undefined) return { kind: 'none' };
  return others.length === 0
    ? { kind: 'chosen', address: first.address, advice: first }
    : { kind: 'several', candidates };
}

/** Docker Desktop and its like run the engine in a virtual machine that other machines do not reach (docker/for-mac#1376). */
export const isInVirtualMachine = (product: string): boolean =>
  /docker desktop|rancher desktop|colima|orbstack|lima/i.test(product);

/** What has to be let through, from every member to every other. */
export function firewallHints({
  dataPathPort,
  encrypted,
}: {
  dataPathPort: number;
  encrypted: boolean;
}): readonly string[] {
  return [
    '2377/tcp to managers: management',
    '7946/tcp and 7946/udp between all: who is there',
    `${dataPathPort}/udp between all: the overlay networks’ traffic`,
    ...(encrypted ? ['IP protocol 50 (ESP) between all: the same, encrypted'] : []),
    'ports that containers publish are open to everybody: Docker writes its rules before ufw’s',
  ];
}

/** How the Swarm knows this machine is not (any more) an address that it has. */
export function movedAway(known: string, addresses: readonly InterfaceAddress[]): readonly string[] | undefined {
  if (known === '' || addresses.some(({ address }) => address === known)) return undefined;
  return adviseAddresses(addresses)
    .filter(({ verdict }) => verdict !== 'bad')
    .map(({ address }) => address);
}

/** `10.0.0.2` of `10.0.0.2:2377`, `fd00::1` of `[fd00::1]:2377`; what has no port stays. */
export const hostOf = (address: string): string =>
  /^\[(.*)\](?::\d+)?$|^([^:]*):\d+$/.exec(address)?.slice(1).find(Boolean) ?? address;

/** A manager may call itself 0.0.0.0; as a manager it has an address with a port. Empty where nobody knows any. */
export const nodeAddress = (own = '', manager = ''): string =>
  [own, hostOf(manager)].find((one) => one !== '' && one !== '0.0.0.0') ?? '';
