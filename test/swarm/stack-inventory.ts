import type { Project } from '../../main/core/compose/project.ts';
import type { LabNode } from '../support/swarm-lab.ts';

/* What a Swarm has of a stack, in a form in which two Swarms can be compared: names for ids, and nothing that one chose by itself. */

type Plain = Readonly<Record<string, unknown>>;
interface Named {
  readonly Spec: Plain & { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> };
}

const isOurs = (label: string): boolean => label.startsWith('io.claude-env.');

/** Ours on secrets and configs, which docs/stacks.md names. */
const withoutOurs = (labels: Readonly<Record<string, string>> = {}): Plain =>
  Object.fromEntries(Object.entries(labels).filter(([label]) => !isOurs(label)));

/** By kind and name. `project`: what no service of it uses is left out of the secrets and configs, as ours does. */
export async function readInventory(node: LabNode, stack: string, project: Project | undefined): Promise<Plain> {
  const { docker } = node;
  const filters = { label: [`com.docker.stack.namespace=${stack}`] };
  const [services, networks, secrets, configs] = await Promise.all([
    docker.listServices({ filters }),
    readyNetworks(node, stack),
    docker.listSecrets({ filters }),
    docker.listConfigs({ filters }),
  ]);
  const names = new Map(networks.map(({ Id, Name }) => [Id, Name]));
  for (const id of unknownTargets(services as unknown as readonly Named[], names))
    names.set(id, ((await docker.getNetwork(id).inspect()) as { readonly Name: string }).Name);
  const own = networks.filter(({ Labels }) => Labels?.['com.docker.stack.namespace'] === stack);
  return {
    services: byName(
      (services as unknown as readonly Named[]).map(({ Spec }) => plain(Spec, names) as Plain & { Name: string }),
    ),
    networks: byName(own.map((one) => networkOf(one, project))),
    secrets: filesOf(secrets as unknown as readonly Named[], project, 'secrets'),
    configs: filesOf(configs as unknown as readonly Named[], project, 'configs'),
  };
}

/** A network has no driver in the moment before the Swarm has looked at it. */
async function readyNetworks({ docker }: LabNode, stack: string): ReturnType<LabNode['docker']['listNetworks']> {
  for (let attempt = 1; ; attempt += 1) {
    const all = await docker.listNetworks();
    const isReady = all.every(
      ({ Driver, Labels }) => Labels?.['com.docker.stack.namespace'] !== stack || Driver !== '',
    );
    if (isReady || attempt === 20) return all;
  }
}

const byName = (all: readonly (Plain & { readonly Name: string })[]): Plain =>
  Object.fromEntries(all.map((one) => [one.Name, one]));

interface Task {
  readonly Networks?: readonly { readonly Target: string }[];
}
const unknownTargets = (services: readonly Named[], names: ReadonlyMap<string, string>): ReadonlySet<string> =>
  new Set(
    services
      .flatMap(({ Spec }) => ((Spec.TaskTemplate as Task).Networks ?? []).map(({ Target }) => Target))
      .filter((id) => !names.has(id)),
  );

/** Names for networks' ids, no ids of secrets and configs. */
function plain(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one) => plain(one, names));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([key]) => key !== 'SecretID' && key !== 'ConfigID');
  return Object.fromEntries(members.map(([key, member]) => [key, plain(member, names)]));
}

/** Without what the Swarm gave it: its number, and a subnet where the file names none. */
function networkOf(network: object, project: Project | undefined): Plain & { readonly Name: string } {
  const { Name, Driver, Internal, Attachable, Ingress, EnableIPv6, Labels, Options, IPAM } = network as Plain & {
    readonly Name: string;
    readonly Options?: Plain | null;
    readonly IPAM?: { readonly Driver?: string; readonly Config?: unknown };
  };
  const written = [...(project?.networks.values() ?? [])].find(({ name }) => name === Name);
  const { 'com.docker.network.driver.overlay.vxlanid_list': _given, ...options } = Options ?? {};
  const subnets = (written?.ipam?.config ?? []).length > 0 ? { Config: IPAM?.Config } : {};
  return {
    ...{ Name, Driver, Internal, Attachable, Ingress, EnableIPv6, Labels },
    Options: options,
    IPAM: { Driver: IPAM?.Driver, ...subnets },
  };
}

function filesOf(all: readonly Named[], project: Project | undefined, kind: 'secrets' | 'configs'): Plain {
  const used = new Set(
    [...(project?.services.values() ?? [])].flatMap((service) => (service[kind] ?? []).map(({ source }) => source)),
  );
  const names = new Set(
    [...(project?.[kind].values() ?? [])].filter(({ key }) => used.has(key)).map(({ name }) => name),
  );
  return byName(
    all.filter(({ Spec }) => names.has(Spec.Name)).map(({ Spec }) => ({ ...Spec, Labels: withoutOurs(Spec.Labels) })),
  );
}
