import type { CorePlan } from '../core/plan/plan.ts';
import type { Problem } from '../core/plan/problem.ts';
import { stackLabel } from '../core/swarm/names.ts';
import type { ObservedStack } from '../core/swarm/observed.ts';
import type { EngineConnection } from './ports.ts';
import { findProbeImage, imagesThatRun } from './probe-image.ts';
import type { SettingsService } from './settings.ts';

export interface AskEncryption {
  readonly connection: Pick<EngineConnection, 'membership'>;
  readonly settings: Pick<SettingsService, 'get'>;
  readonly observed: ObservedStack;
}

/** The same plan, with a warning where it makes networks that this kernel cannot carry. */
export async function withEncryptionWarning<T extends CorePlan>(plan: T, input: AskEncryption): Promise<T> {
  const made = plan.steps.flatMap((step) => {
    if (step.kind !== 'create-network') return [];
    const { Options } = step.body as { readonly Options?: Readonly<Record<string, string>> };
    return Options?.encrypted === undefined ? [] : [step.name];
  });
  const warnings = await warnOfEncryption(input, made);
  return warnings.length === 0 ? plan : { ...plan, warnings: [...plan.warnings, ...warnings] };
}

/** Of networks that the stack has. */
export async function encryptionFindings(input: AskEncryption): Promise<readonly Problem[]> {
  const { stack, networks } = input.observed;
  const own = networks.filter(({ encrypted, labels }) => encrypted === true && labels[stackLabel] === stack);
  return warnOfEncryption(
    input,
    own.map(({ name }) => name),
  );
}

/**
 * Encrypted networks are carried by ESP; where the kernel has none, names resolve and every packet between nodes is lost
 * without a word. Asked of the node that is asked for everything else.
 */
async function warnOfEncryption(
  { connection, settings, observed }: AskEncryption,
  encrypted: readonly string[],
): Promise<readonly Problem[]> {
  if (encrypted.length === 0) return [];
  const { membership } = connection;
  const able = await findProbeImage(membership, settings, imagesThatRun(observed))
    .then((image) => (image === undefined ? 'unknown' : membership.encrypts(image)))
    // It is a question beside the way: what cannot be asked is not known.
    .catch(() => 'unknown' as const);
  if (able !== 'no') return [];
  const node = observed.nodes.find(({ id }) => id === observed.node)?.hostname ?? 'the asked node';
  return [
    {
      severity: 'warning',
      rule: 'swarm-encryption',
      message: `network ${encrypted.join(', ')}: encrypted, and the kernel of ${node} cannot carry that (no ESP with rfc4106(gcm(aes))): tasks on different nodes do not reach each other, and nothing says so`,
      hint: 'load the kernel’s modules esp4 and xfrm_user on every node, or leave driver_opts: {encrypted: …} out (a team’s default: `team create --no-encrypt`)',
    },
  ];
}
