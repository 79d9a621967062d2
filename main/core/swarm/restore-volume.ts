import type { CorePlan } from '../plan/plan.ts';
import { timeText } from './data-care.ts';
import { withoutDigest } from './names.ts';
import type { ObservedStack } from './observed.ts';
import { planOf } from './operate.ts';
import type { VolumeBackup } from './volume-data.ts';

export interface Restoring {
  readonly backup: VolumeBackup;
  /** The volume is there, and what it holds now is copied to this machine first. */
  readonly replaces: boolean;
  /** Containers of ended tasks that hold the volume; they go, and with them their logs. */
  readonly forgets: readonly string[];
}

/** One step: which of it comes first is not for others to change. Nothing of the volume is lost; of ended tasks their logs are. */
export function planRestoreVolume(observed: ObservedStack, { backup, replaces, forgets }: Restoring): CorePlan {
  const { id, service, volume, node, nodeId, image, at } = backup;
  const now = replaces ? 'what it holds now is copied to this machine first' : 'it is not there now';
  const step = {
    id: `restore-volume ${volume} ${nodeId}`,
    kind: 'restore-volume',
    target: `${volume} on ${node}`,
    service,
    cause: `as it was at ${timeText(at)}, under ${withoutDigest(image)}; ${now}`,
    destructive: false,
    after: [],
    volume,
    node,
    backup: id,
  } as const;
  const losses = forgets.map((name) => `the log of ${name}: it has ended, and holds the volume`);
  return { ...planOf(observed, 'restore-volume', [step]), losses };
}
