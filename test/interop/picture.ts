import type { TestEngine } from '../support/engine.ts';

/*
 * Everything that the engine tells of a project, with what no two runs can have in common replaced: ids by what they
 * stand for, times, process ids, and addresses and ports that the engine picked itself. All else is compared as it is.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Tree = { readonly [key: string]: Json };
/** `container web-1`, `network default`, `volume data` -> what inspecting it says. */
export type Picture = ReadonlyMap<string, Tree>;

const label = 'com.docker.compose.project';
const dependsOn = 'com.docker.compose.depends_on';
const hash = 'com.docker.compose.config-hash';

/** Ids of the containers by name, which is how a recreation is seen. */
export async function containerIds({ docker }: TestEngine, project: string): Promise<ReadonlyMap<string, string>> {
  const found = await docker.listContainers({ all: true, filters: { label: [`${label}=${project}`] } });
  return new Map(found.map(({ Id, Names }) => [Names[0]?.slice(1) ?? '', Id] as const).sort());
}

/** Names of all that carries the project's label. */
export async function contents({ docker }: TestEngine, project: string): Promise<readonly string[]> {
  const filters = { label: [`${label}=${project}`] };
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  return [
    ...containers.map(({ Names }) => `container ${Names[0]?.slice(1)}`),
    ...networks.map(({ Name }) => `network ${Name}`),
    ...volumes.Volumes.map(({ Name }) => `volume ${Name}`),
  ].sort();
}

/** Jobs (the command `true`) have ended when it is taken. */
export async function takePicture({ docker }: TestEngine, project: string): Promise<Picture> {
  const filters = { label: [`${label}=${project}`] };
  const jobs = (await docker.listContainers({ all: true, filters })).filter(({ Command }) => /\btrue$/.test(Command));
  await Promise.all(jobs.map(({ Id }) => docker.getContainer(Id).wait()));
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  const [own, nets, vols] = await Promise.all([
    Promise.all(containers.map(({ Id }) => docker.getContainer(Id).inspect() as Promise<unknown>)),
    Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).inspect() as Promise<unknown>)),
    Promise.all(volumes.Volumes.map(({ Name }) => docker.getVolume(Name).inspect() as Promise<unknown>)),
  ]);
  const all = [
    ...(own as Tree[]).map((tree) => [`container ${text(tree.Name)}`, tree] as const),
    ...(nets as Tree[]).map((tree) => [`network ${text(tree.Name)}`, tree] as const),
    ...(vols as Tree[]).map((tree) => [`volume ${text(tree.Name)}`, tree] as const),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  const ids = namesOf(own as Tree[], nets as Tree[]);
  return new Map(all.map(([title, tree]) => [title, normal(title, tree, ids)]));
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value.replace(/^\//, '') : '');
const tree = (value: Json | undefined): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/** What each random id stands for. */
function namesOf(containers: readonly Tree[], networks: readonly Tree[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const container of containers) {
    names.set(text(container.Id), `<${text(container.Name)}>`);
    for (const mount of list(container.Mounts).map(tree)) {
      const name = text(mount.Name);
      // A volume that several have is named after the first: containers come in no order, targets are the same.
      if (/^[0-9a-f]{64}$/.test(name)) names.set(name, `<anonymous at ${text(mount.Destination)}>`);
    }
  }
  for (const network of networks) names.set(text(network.Id), `<${text(network.Name)}>`);
  return names;
}

/** What tells of this run, not of the project: by path, `*` for any one key. */
const ofTheRun = [
  'Created',
  'CreatedAt',
  // Health checks that are running just now.
  'ExecIDs',
  'State.Pid',
  'State.StartedAt',
  'State.FinishedAt',
  'State.Health',
  'GraphDriver.Data',
  'NetworkSettings.SandboxID',
  'NetworkSettings.SandboxKey',
  'NetworkSettings.EndpointID',
  'NetworkSettings.Networks.*.EndpointID',
  'Containers.*.EndpointID',
  // Of the first network on the default bridge, which no project has.
  'NetworkSettings.IPAddress',
  'NetworkSettings.MacAddress',
];

/** Addresses of an endpoint that asks for none. */
const pickedFour = ['IPAddress', 'IPPrefixLen', 'Gateway', 'IPv4Address'];
const pickedSix = ['GlobalIPv6Address', 'GlobalIPv6PrefixLen', 'IPv6Gateway', 'IPv6Address'];

function normal(title: string, whole: Tree, ids: ReadonlyMap<string, string>): Tree {
  const renamed = replaceIds(whole, ids) as Tree;
  const kept = without(renamed, '') as Tree;
  if (title.startsWith('network ')) return network(kept);
  return title.startsWith('container ') ? container(kept) : kept;
}

function replaceIds(value: Json, ids: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') {
    let said = value;
    for (const [id, name] of ids) if (id !== '') said = said.replaceAll(id, name).replaceAll(id.slice(0, 12), name);
    return said;
  }
  if (Array.isArray(value)) return value.map((item: Json) => replaceIds(item, ids));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [String(replaceIds(key, ids)), replaceIds(item, ids)]);
  return Object.fromEntries(entries) as Tree;
}

function without(value: Json, path: string): Json {
  if (Array.isArray(value)) return value.map((item: Json) => without(item, `${path}.*`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, item, path === '' ? key : `${path}.${key}`] as const)
      .filter(([, , at]) => !ofTheRun.some((pattern) => fits(pattern, at)))
      .map(([key, item, at]) => [key, without(item, at)] as const),
  );
}

function fits(pattern: string, path: string): boolean {
  const [wanted, steps] = [pattern.split('.'), path.split('.')];
  return wanted.length === steps.length && wanted.every((word, index) => word === '*' || word === steps[index]);
}

/** Without the addresses that were not asked for; those that are not there at all stay as they are. */
function masked(endpoint: Tree): Tree {
  const { IPv4Address: four, IPv6Address: six } = tree(endpoint.IPAMConfig);
  // Projects here ask for hardware addresses that begin so; the engine's are made from the IP, or by chance from 28 on.
  const hardware = /^02:42:ac:11:65/.test(text(endpoint.MacAddress)) ? [] : ['MacAddress'];
  const picked = [...hardware, ...(four === undefined ? pickedFour : []), ...(six === undefined ? pickedSix : [])];
  return Object.fromEntries(
    Object.entries(endpoint).map(([key, value]) => [
      key,
      picked.includes(key) && value !== '' && value !== 0 ? '<picked>' : value,
    ]),
  );
}

/** A network without pools of its own gets the engine's next one, and its containers addresses as they come. */
function network(whole: Tree): Tree {
  // An engine picks from 172.16.0.0/12 and 192.168.0.0/16, the tests' own from 10.79.0.0/16 (scripts/test-engine);
  // projects here from the rest of 10.0.0.0/8 and from fd00::/8.
  const isGiven = (pool: Tree) => /^(?:10\.(?!79\.)|fd)/.test(text(pool.Subnet));
  const pools = list(tree(whole.IPAM).Config).map(tree);
  const containers = Object.entries(tree(whole.Containers)).map(([id, endpoint]) => [id, masked(tree(endpoint))]);
  return {
    ...whole,
    Containers: Object.fromEntries(containers.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))) as Tree,
    IPAM: { ...tree(whole.IPAM), Config: pools.map((pool) => (isGiven(pool) ? pool : { '<picked>': true })) },
  };
}

function container(whole: Tree): Tree {
  const settings = tree(whole.NetworkSettings);
  const asked = tree(tree(whole.HostConfig).PortBindings);
  const networks = Object.entries(tree(settings.Networks)).map(([name, value]) => {
    return [name, masked(tree(value))];
  });
  const ports = Object.entries(tree(settings.Ports)).map(([port, bindings]) => {
    const free = list(asked[port]).some((binding) => /^$|-|^0$/.test(text(tree(binding).HostPort)));
    const shown = list(bindings).map((binding) => (free ? { ...tree(binding), HostPort: '<picked>' } : binding));
    return [port, bindings === null ? null : shown];
  });
  const config = tree(whole.Config);
  const labels = tree(config.Labels);
  const host = tree(whole.HostConfig);
  const by = (key: string) => (a: Json, b: Json) => (text(tree(a)[key]) < text(tree(b)[key]) ? -1 : 1);
  // docker compose goes through Go's maps here, so its order is another one every time.
  const dependencies = text(labels[dependsOn]).split(',').sort().join(',');
  return {
    ...whole,
    Config: {
      ...config,
      Env: sorted(config.Env),
      Labels: {
        ...labels,
        ...(labels[dependsOn] === undefined ? {} : { [dependsOn]: dependencies }),
        ...(hasIdInHash(host) ? { [hash]: '<over an id>' } : {}),
      },
    },
    HostConfig: {
      ...host,
      Binds: sorted(host.Binds),
      ExtraHosts: sorted(host.ExtraHosts),
      ...(Array.isArray(host.Ulimits) ? { Ulimits: [...list(host.Ulimits)].sort(by('Name')) } : {}),
      ...(Array.isArray(host.Mounts) ? { Mounts: [...list(host.Mounts)].sort(by('Target')) } : {}),
    },
    // The engine lists mounts in no order.
    Mounts: [...list(whole.Mounts)].sort(by('Destination')),
    NetworkSettings: {
      ...settings,
      Networks: Object.fromEntries(networks) as Tree,
      Ports: Object.fromEntries(ports) as Tree,
    },
  };
}

const sorted = (value: Json | undefined): Json => (Array.isArray(value) ? [...value].sort() : (value ?? null));

/** The hash is taken after `service:x` and volumes_from became ids, which are others every time; that both agree shows when nothing is recreated. */
const hasIdInHash = (host: Tree): boolean =>
  Array.isArray(host.VolumesFrom) ||
  [host.NetworkMode, host.IpcMode, host.PidMode].some((mode) => text(mode).startsWith('container:'));

/** Every place at which two pictures differ: `container web-1 HostConfig.Init: ours true, theirs false`. */
export function differences(ours: Picture, theirs: Picture): readonly string[] {
  const titles = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return titles.flatMap((title) => compare('', ours.get(title), theirs.get(title)).map((line) => `${title}:${line}`));
}

function compare(at: string, ours: Json | undefined, theirs: Json | undefined): readonly string[] {
  if (Object.is(ours, theirs)) return [];
  const both = [ours, theirs];
  const inner = both.every(Array.isArray) || both.every((one) => Object.keys(tree(one)).length > 0);
  if (!inner) {
    const [left, right] = [JSON.stringify(ours), JSON.stringify(theirs)];
    return left === right ? [] : [`${at}: ours ${left}, theirs ${right}`];
  }
  const [left, right] = [ours ?? {}, theirs ?? {}] as [Record<string, Json>, Record<string, Json>];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => compare(`${at}${at === '' ? ' ' : '.'}${key}`, left[key], right[key]));
}
