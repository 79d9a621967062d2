import type { ContainerInspectInfo } from 'dockerode';
import type { ContainerState, Health, PublishedPort } from '../../preload/contract/model.ts';
import type { Raw } from '../core/plan/inherit.ts';
import type { ObservedContainer } from '../core/plan/plan.ts';
import { adviseFiles } from '../core/secret-files.ts';
import type { SeenContainer } from '../core/seen.ts';

/*
 * `GET /containers/{id}/json` in our words. Pure. Fields that the types promise are missing on Podman and in states such
 * as `created`, hence the defaults.
 */

const states: readonly ContainerState[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const healths: readonly Health[] = ['starting', 'healthy', 'unhealthy'];

export const toState = (status: string): ContainerState => states.find((state) => state === status) ?? 'dead';
const toHealth = (status: string | undefined): Health => healths.find((health) => health === status) ?? 'none';

/** The engine writes the year 1 for "never". */
const toInstant = (time: string | undefined): string | undefined =>
  time === undefined || time === '' || time.startsWith('0001-') ? undefined : time;

const protocols: readonly PublishedPort['protocol'][] = ['tcp', 'udp', 'sctp'];
export const toProtocol = (text: string | undefined): PublishedPort['protocol'] =>
  protocols.find((protocol) => protocol === text) ?? 'tcp';

type PortMap = Readonly<
  Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null | undefined>
>;

/** `{"80/tcp": [{HostIp, HostPort}]}`; an address published for IPv4 and IPv6 alike is one port to the user. */
export function toPorts(map: PortMap | null | undefined): readonly PublishedPort[] {
  return Object.entries(map ?? {}).flatMap(([key, bindings]) => {
    const [number, protocolText] = key.split('/');
    const common = { container: Number(number), protocol: toProtocol(protocolText) };
    if (!bindings || bindings.length === 0) return [common];
    const everywhere = new Set(bindings.filter(({ HostIp }) => HostIp === '0.0.0.0').map(({ HostPort }) => HostPort));
    return bindings
      .filter(({ HostIp, HostPort }) => HostIp !== '::' || !everywhere.has(HostPort))
      .map(({ HostIp, HostPort }) => ({ ...common, host: Number(HostPort), ...(HostIp && { hostIp: HostIp }) }));
  });
}

const healthOutputLimit = 2000;

/** Output of the last failing probe. */
export function toHealthOutput(info: ContainerInspectInfo): string | undefined {
  const failed = info.State.Health?.Log?.findLast(({ ExitCode }) => ExitCode !== 0);
  const text = failed?.Output.trim().slice(-healthOutputLimit);
  return text === '' ? undefined : text;
}

const nameOf = (info: ContainerInspectInfo): string => info.Name.replace(/^\//, '');

/** Exit codes mean something only once the process has ended. */
const exitCodeOf = ({ State }: ContainerInspectInfo): number | undefined =>
  State.Running || State.Status === 'created' ? undefined : State.ExitCode;

/** `missing`: what missing-secrets.ts found. */
export function toSeenContainer(info: ContainerInspectInfo, missing: readonly string[] = []): SeenContainer {
  const { State, Config, HostConfig } = info;
  const exitCode = exitCodeOf(info);
  const startedAt = toInstant(State.StartedAt);
  const finishedAt = toInstant(State.FinishedAt);
  const healthOutput = toHealthOutput(info);
  const policy = HostConfig?.RestartPolicy?.Name;
  const fileAdvice = adviseFiles(Config.Image ?? '', setVariables(Config.Env));
  return {
    id: info.Id,
    name: nameOf(info),
    labels: Config.Labels ?? {},
    state: toState(State.Status),
    health: State.Running ? toHealth(State.Health?.Status) : 'none',
    ...(exitCode !== undefined && { exitCode }),
    oomKilled: State.OOMKilled ?? false,
    ...(State.Error && { error: State.Error }),
    ...(startedAt && { startedAt }),
    ...(finishedAt && { finishedAt }),
    restarts: info.RestartCount ?? 0,
    ...(policy && { restartPolicy: policy }),
    image: Config.Image ?? info.Image,
    ports: toPorts(info.NetworkSettings?.Ports),
    ...(healthOutput && { healthOutput }),
    ...(missing.length > 0 && { missingSecrets: missing }),
    ...(fileAdvice.length > 0 && { fileAdvice }),
  };
}

/** Names of the variables that have a value. */
const setVariables = (env: readonly string[] | null | undefined): readonly string[] =>
  (env ?? []).flatMap((line) => {
    const at = line.indexOf('=');
    return at > 0 && at < line.length - 1 ? [line.slice(0, at)] : [];
  });

/** Labels are docker compose's: see interop.md in the design notes, and docker/compose pkg/api/labels.go. */
export function fromLabels(labels: Readonly<Record<string, string>>) {
  const said = (name: string): string | undefined => labels[`com.docker.compose.${name}`];
  const configHash = said('config-hash');
  const imageLabel = said('image');
  const dependsOn = said('depends_on');
  return {
    service: said('service') ?? '',
    number: Number(said('container-number') ?? 1) || 1,
    oneOff: said('oneoff') === 'True',
    ...(configHash !== undefined && { configHash }),
    ...(imageLabel !== undefined && { imageLabel }),
    ...(dependsOn !== undefined && { dependsOn }),
    labels,
  };
}

interface RawNetwork {
  readonly NetworkID?: string;
  readonly Aliases?: readonly string[] | null | undefined;
}

export const toNetworks = (
  networks: Readonly<Record<string, RawNetwork>> | null | undefined,
): ObservedContainer['networks'] =>
  Object.fromEntries(
    Object.entries(networks ?? {}).map(([name, { NetworkID, Aliases }]) => [
      name,
      { id: NetworkID ?? '', aliases: Aliases ?? [] },
    ]),
  );

interface RawMount {
  readonly Type?: string;
  readonly Name?: string | undefined;
  readonly Source?: string;
  readonly Destination: string;
  readonly RW?: boolean;
}

/** By target: the engine says them in another order every time (seen on 20.10), and steps follow theirs. */
export const toMounts = (mounts: readonly RawMount[] | null | undefined): ObservedContainer['mounts'] =>
  (mounts ?? [])
    .map(({ Type, Name, Source, Destination, RW }) => ({
      type: Type ?? 'bind',
      ...(Name && { name: Name }),
      ...(Source && { source: Source }),
      target: Destination,
      readOnly: !RW,
    }))
    .sort((a, b) => (a.target < b.target ? -1 : 1));

/** Of a container of the project, as inspect says it. */
export function toObservedContainer(info: ContainerInspectInfo, missing: readonly string[] = []): ObservedContainer {
  const exitCode = exitCodeOf(info);
  return {
    id: info.Id,
    name: nameOf(info),
    ...fromLabels(info.Config.Labels ?? {}),
    state: toState(info.State.Status),
    health: info.State.Running ? toHealth(info.State.Health?.Status) : 'none',
    ...(exitCode !== undefined && { exitCode }),
    imageId: info.Image,
    networks: toNetworks(info.NetworkSettings?.Networks),
    mounts: toMounts(info.Mounts),
    ports: toPorts(info.NetworkSettings?.Ports),
    hasHealthcheck: hasHealthcheck(info.Config.Healthcheck),
    ...(missing.length > 0 && { missingSecrets: missing }),
    details: {
      config: info.Config as unknown as Raw,
      hostConfig: (info.HostConfig ?? {}) as unknown as Raw,
      networks: (info.NetworkSettings?.Networks ?? {}) as unknown as Readonly<Record<string, Raw>>,
    },
  };
}

export const hasHealthcheck = (check: { readonly Test?: readonly string[] | undefined } | null | undefined): boolean =>
  check?.Test !== undefined && check.Test.length > 0 && check.Test[0] !== 'NONE';
