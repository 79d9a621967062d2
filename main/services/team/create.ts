import { AppFailure } from '../../core/app-failure.ts';
import { firewallHints } from '../../core/swarm/addresses.ts';
import { type MachineRole, teamName } from '../../core/swarm/invite.ts';
import { parseJoinToken, toFingerprint } from '../../core/swarm/join-token.ts';
import { teamLabels } from '../../core/swarm/membership.ts';
import { chooseAdvertised } from './address.ts';
import type { TeamContext } from './context.ts';
import { keepUnlockKey } from './keys.ts';

export interface CreateOptions {
  readonly engine?: string;
  readonly name: string;
  readonly advertise?: string;
  readonly dataPathPort?: number;
  /** `10.20.0.0/16`, networks of 24 bits are taken from it unless `,26` follows. */
  readonly addressPool?: string;
  /** undefined: yes, where the kernel can. */
  readonly encrypt?: boolean;
  readonly machine: MachineRole;
  readonly autolock: boolean;
}

export interface CreatedTeam {
  readonly team: string;
  readonly nodeId: string;
  readonly address: string;
  readonly fingerprint: string;
  readonly encrypted: boolean;
  readonly warnings: readonly string[];
  readonly firewall: readonly string[];
  /** Only when there was no keychain to put it into. */
  readonly unlockKey?: string;
}

function parsePool(text: string): { base: string; size: number } {
  const [, base, , size = '24'] = /^([0-9.]+\/(\d{1,2}))(?:,(\d{1,2}))?$/.exec(text) ?? [];
  if (base === undefined || Number(size) > 29 || Number(size) < Number(base.split('/')[1])) {
    throw new AppFailure({
      code: 'usage',
      message: `${text} is no pool of addresses.`,
      hint: 'Write it as 10.20.0.0/16 or 10.20.0.0/16,26: the pool, and how large each network is.',
    });
  }
  return { base, size: Number(size) };
}

/** Makes a Swarm with this engine as its first manager. */
export async function createTeam(context: TeamContext, options: CreateOptions): Promise<CreatedTeam> {
  const { network, records, clock } = context;
  if (!teamName.safeParse(options.name).success) {
    throw new AppFailure({
      code: 'usage',
      message: `“${options.name}” cannot be a team’s name.`,
      hint: 'Up to 40 letters, digits, spaces, dots, dashes and underscores.',
    });
  }
  const pool = options.addressPool === undefined ? undefined : parsePool(options.addressPool);
  const engine = await context.engineOf(options.engine);
  const before = await engine.swarm.self();
  if (before.state !== 'inactive') {
    throw new AppFailure({
      code: 'swarm.already-member',
      message: 'This machine belongs to a Swarm already, and can belong to one only.',
      hint: `\`${context.program} team nodes\` shows it, \`${context.program} team leave\` leaves it.`,
    });
  }
  const chosen = await chooseAdvertised(network, { engine, self: before, wanted: options.advertise });
  const warnings = [...chosen.warnings];
  if (options.machine === 'laptop') {
    warnings.push('A laptop as the first manager: while it is away, nothing in the team can be changed.');
  }
  const encryption = await decideEncryption(context, engine.swarm, options.encrypt);
  warnings.push(...encryption.warnings);
  await engine.swarm.init({
    advertise: chosen.address,
    autolock: options.autolock,
    labels: { [teamLabels.team]: options.name, [teamLabels.encrypted]: String(encryption.encrypted) },
    ...(options.dataPathPort === undefined ? {} : { dataPathPort: options.dataPathPort }),
    ...(pool === undefined ? {} : { addressPool: pool }),
  });
  const [self, swarm] = [await engine.swarm.self(), await engine.swarm.swarm()];
  await engine.swarm.changeNode(self.nodeId, { labels: { [teamLabels.machine]: options.machine } });
  const caDigest = parseJoinToken(swarm.tokens.worker)?.caDigest ?? '';
  await records.keep({
    engine: engine.id,
    nodeId: self.nodeId,
    swarm: swarm.id,
    team: options.name,
    caDigest,
    role: 'manager',
    machine: options.machine,
    managers: [`${chosen.address}:2377`],
    ...(chosen.own ? { address: chosen.address } : {}),
    joinedAt: clock.now(),
  });
  return {
    team: options.name,
    nodeId: self.nodeId,
    address: chosen.address,
    fingerprint: toFingerprint(caDigest),
    encrypted: encryption.encrypted,
    warnings,
    firewall: firewallHints({ dataPathPort: swarm.dataPathPort, encrypted: encryption.encrypted }),
    ...(options.autolock ? await keepUnlockKey(context, engine.swarm, swarm.id) : {}),
  };
}

/** On unless told otherwise, and off where this machine's kernel cannot: networks would find names and lose every packet. */
async function decideEncryption(
  context: TeamContext,
  swarm: Parameters<TeamContext['probeImage']>[0],
  wanted: boolean | undefined,
): Promise<{ readonly encrypted: boolean; readonly warnings: readonly string[] }> {
  if (wanted === false) {
    return {
      encrypted: false,
      warnings: ['Overlay networks are not encrypted: who can listen between the machines can read.'],
    };
  }
  const image = await context.probeImage(swarm);
  const able = image === undefined ? 'unknown' : await swarm.encrypts(image);
  if (able !== 'no') return { encrypted: true, warnings: [] };
  const why = 'This machine’s kernel cannot encrypt overlay networks (it has no ESP with rfc4106(gcm(aes)))';
  if (wanted === true) {
    throw new AppFailure({
      code: 'swarm.refused',
      message: `${why}: encrypted ones would carry nothing to or from it.`,
      hint: 'Load the kernel’s modules esp4 and xfrm_user, or leave --encrypt out.',
    });
  }
  return { encrypted: false, warnings: [`${why}, so the team’s networks are not encrypted.`] };
}
