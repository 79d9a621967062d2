import type Docker from 'dockerode';
import type { EngineState } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Transport } from './client.ts';
import { dial, dialStream } from './dial.ts';

/** The oldest and the newest API that test/docker was run on: engines 20.10.24 and 28.5.2. */
const apiFloor = '1.41';
const apiCeiling = '1.51';

export type Connected = Extract<EngineState, { kind: 'connected' }>;

export interface Session {
  readonly docker: Docker;
  readonly facts: Omit<Connected, 'since'>;
}

/** -1, 0 or 1 as left is older than, equal to or newer than right; versions are `major.minor`. */
function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return Math.sign(leftMajor - rightMajor || leftMinor - rightMinor);
}

/** The version to speak with an engine that offers `offered`. Throws `engine.too-old`. */
function negotiate(offered: string, name: string): string {
  if (compareVersions(offered, apiFloor) < 0) {
    throw new AppFailure({
      code: 'engine.too-old',
      message: `${name} speaks API ${offered}; claude-env needs ${apiFloor} (Docker Engine 20.10) or newer.`,
      hint: 'Update that engine.',
    });
  }
  return compareVersions(offered, apiCeiling) > 0 ? apiCeiling : offered;
}

/**
 * Asks the engine who it is. Three calls at once, in the engine's own version, because what is read of them is the same in
 * all; rejects with what the connection said.
 */
export async function shakeHands(transport: Transport, name: string, signal: AbortSignal): Promise<Session> {
  const own = transport.docker();
  const asked = dial<Info>(own, { method: 'GET', path: '/info', signal });
  const answers = Promise.all([unlessLate(asked), dial<Version>(own, { method: 'GET', path: '/version', signal })]);
  // The ping says best what is wrong; what else fails then is not asked after.
  answers.catch(() => undefined);
  const apiVersion = negotiate(await readApiVersion(own, signal), name);
  const [info = withoutLeader, version] = await answers;
  return { docker: transport.docker(apiVersion), facts: { ...toFacts(info, version), apiVersion } };
}

/**
 * Seen on 20.10: a Swarm's manager that has lost its leader answers /info only after ten seconds and more, and everything else
 * at once. Its containers are there meanwhile, so the engine is not called unreachable.
 */
const infoPatience = 3000;
const withoutLeader: Info = { Swarm: { LocalNodeState: 'error' } };

async function unlessLate(asked: Promise<Info>): Promise<Info | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), infoPatience);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
    asked.catch(() => undefined);
  }
}

/** `/_ping` carries the version in a header (engine API, “SystemPing”); dockerode hands out headers only with a stream. */
async function readApiVersion(docker: Docker, signal: AbortSignal): Promise<string> {
  const answer = await dialStream(docker, { method: 'GET', path: '/_ping', signal });
  answer.resume();
  const version = answer.headers['api-version'];
  if (typeof version !== 'string') throw new Error('What answers there is not a Docker engine');
  return version;
}

/** Only what is read of `/info`, which dockerode types as `any`. */
interface Info {
  readonly Name?: string;
  readonly OperatingSystem?: string;
  readonly OSType?: string;
  readonly Architecture?: string;
  readonly Swarm?: { readonly LocalNodeState?: string; readonly ControlAvailable?: boolean };
}
interface Version {
  readonly Version?: string;
  readonly Os?: string;
  readonly Arch?: string;
  readonly Platform?: { readonly Name?: string };
  readonly Components?: readonly { readonly Name?: string }[];
}

function toFacts(info: Info, version: Version): Omit<Connected, 'since' | 'apiVersion'> {
  return {
    kind: 'connected',
    name: info.Name ?? 'engine',
    product: toProduct(info, version),
    version: version.Version ?? 'unknown',
    os: version.Os ?? info.OSType ?? 'unknown',
    arch: version.Arch ?? info.Architecture ?? 'unknown',
    swarm: toSwarmRole(info.Swarm),
  };
}

function toProduct(info: Info, version: Version): string {
  const components = version.Components?.map(({ Name }) => Name ?? '') ?? [];
  if (components.some((name) => name.startsWith('Podman'))) return 'Podman';
  const system = info.OperatingSystem ?? '';
  const known = ['Docker Desktop', 'OrbStack', 'Rancher Desktop'].find((name) => system.includes(name));
  if (known) return known;
  const platform = version.Platform?.Name ?? '';
  return /^docker (desktop|engine)/i.test(platform)
    ? /desktop/i.test(platform)
      ? 'Docker Desktop'
      : 'Docker Engine'
    : 'Docker Engine';
}

/** A worker has LocalNodeState `active` too; ControlAvailable is what tells it from a manager. */
function toSwarmRole(swarm: Info['Swarm']): Connected['swarm'] {
  switch (swarm?.LocalNodeState) {
    case 'active':
      return swarm.ControlAvailable ? 'manager' : 'worker';
    case 'locked':
      return 'locked';
    case 'error':
    case 'pending':
      return 'error';
    default:
      return 'none';
  }
}
