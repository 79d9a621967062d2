import type { Raw } from '../plan/inherit.ts';
import type { CorePlan, Step } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { toKey, withoutDigest } from './names.ts';
import { specChanges } from './normal.ts';
import type { ObservedService, ObservedStack } from './observed.ts';
import { imageOf } from './spec-image.ts';
import { isTemplate, type VolumeBackup, type VolumePlace, volumePlaces, writtenVolumes } from './volume-data.ts';

/*
 * What a plan does to data. Other containers over the same volumes are another program over the same files: before an update a
 * backup is offered, and whoever goes back is told what the newer program may have left there. Swarm says nothing of either.
 */

export interface KnownEngine {
  readonly node: string;
  /** As this machine's list has it. */
  readonly engine: string;
}

export interface DataCare {
  readonly observed: ObservedStack;
  /** Of this stack, in any order. */
  readonly backups: readonly VolumeBackup[];
  /** Volumes are backed up first. */
  readonly backUp: boolean;
  /** Nodes whose engines can be asked from here; read only where `backUp`. */
  readonly engines: readonly KnownEngine[];
}

interface Change {
  readonly key: string;
  readonly service: ObservedService;
  /** What runs from then on; undefined: the same, and a job of the deploy may write to its data. */
  readonly next: Raw | undefined;
  readonly names: readonly string[];
}

/** The same plan, with backups before everything else where they are asked for, and what is to be known of data. */
export function withDataCare<T extends CorePlan>(plan: T, care: DataCare): T {
  const changes = changesOf(plan, care.observed);
  const back = plan.action === 'rollback' ? changes.flatMap((one) => goingBack(one, care)) : [];
  const warned = { ...plan, warnings: [...plan.warnings, ...back] };
  if (changes.length === 0) return warned;
  return care.backUp ? backedUp(warned, changes, care) : offered(warned, changes, care);
}

/** Whether containers change: another count of the same is no danger to data, and neither are fresh ones of the same. */
const replaces = (seen: Raw, next: Raw): boolean =>
  specChanges({ TaskTemplate: seen.TaskTemplate }, { TaskTemplate: next.TaskTemplate }).length > 0;

function changesOf({ steps, project }: CorePlan, observed: ObservedStack): readonly Change[] {
  const changes = new Map<string, Change>();
  const find = (key: string | undefined) =>
    observed.services.find(({ name }) => key !== undefined && toKey(project, name) === key);
  for (const step of steps) {
    const service = find(step.service);
    if (service === undefined || step.service === undefined) continue;
    const next =
      step.kind === 'update-service' ? step.body : step.kind === 'rollback-service' ? service.previous : undefined;
    if (next === undefined || !replaces(service.spec, next)) continue;
    const kept = new Set(writtenVolumes(next));
    const names = writtenVolumes(service.spec).filter((name) => kept.has(name));
    if (names.length > 0) changes.set(step.service, { key: step.service, service, next, names });
  }
  // What a migration changes is in the database's volume, whether that service changes or not.
  if (steps.some((step) => step.kind === 'run-job' && step.job === 'migrate')) {
    for (const service of observed.services) {
      const key = toKey(project, service.name);
      const names = writtenVolumes(service.spec);
      if (names.length > 0 && !changes.has(key)) changes.set(key, { key, service, next: undefined, names });
    }
  }
  return [...changes.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

const why = ({ service, next }: Change): string => {
  if (next === undefined) return 'a migration may write to it';
  const [before, after] = [imageOf(service.spec), imageOf(next)].map(withoutDigest);
  return before === after ? 'its container is replaced' : `${after} takes over from ${before}`;
};

const backupOf = (backups: readonly VolumeBackup[], { volume, nodeId }: VolumePlace): VolumeBackup | undefined =>
  backups.filter((one) => one.volume === volume && one.nodeId === nodeId).sort((a, b) => (a.at < b.at ? 1 : -1))[0];

/** `2026-01-01 12:00 UTC` */
export const timeText = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

function offered<T extends CorePlan>(plan: T, changes: readonly Change[], { observed, backups }: DataCare): T {
  const warnings = changes.flatMap((change) =>
    volumePlaces(observed, change.service, change.names).map((place): Problem => {
      const last = backupOf(backups, place);
      const known =
        last === undefined ? 'there is no backup of it here' : `its last backup here is of ${timeText(last.at)}`;
      return {
        severity: 'warning',
        rule: 'swarm-backup',
        message: `service ${change.key}: ${why(change)}, over the data in ${place.volume} on ${place.node}; ${known}`,
        hint: '--backup copies it to this machine before anything is changed',
        at: ['services', change.key],
      };
    }),
  );
  return { ...plan, warnings: [...plan.warnings, ...warnings] };
}

function backedUp<T extends CorePlan>(plan: T, changes: readonly Change[], { observed, engines }: DataCare): T {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const steps = new Map<string, Step>();
  for (const change of changes) {
    for (const place of volumePlaces(observed, change.service, change.names)) {
      const id = `backup-volume ${place.volume} ${place.nodeId}`;
      if (steps.has(id)) continue;
      const engine = engines.find(({ node }) => node === place.nodeId)?.engine;
      const obstacle = obstacleOf(place, engine, observed);
      if (obstacle !== undefined) {
        problems.push({ severity: 'error', rule: 'swarm-backup', ...obstacle, at: ['services', change.key] });
        continue;
      }
      const writers = writersOf(place, observed);
      if (writers.length > 0) {
        warnings.push({
          severity: 'warning',
          rule: 'backup-in-use',
          message: `service ${change.key}: ${place.volume} is copied while tasks run: what they write meanwhile may not fit together`,
          hint: `For a copy at rest: claude-env stack scale -p ${plan.project} ${writers.map((key) => `${key}=0`).join(' ')} first, or the database’s own dump`,
          at: ['services', change.key],
        });
      }
      steps.set(id, {
        id,
        target: `${place.volume} on ${place.node}`,
        service: change.key,
        cause: why(change),
        destructive: false,
        after: [],
        kind: 'backup-volume',
        stack: plan.project,
        volume: place.volume,
        node: place.node,
        nodeId: place.nodeId,
        engine: engine ?? '',
        image: imageOf(change.service.spec),
        inUse: writers.length > 0,
        reason: `before ${plan.action}`,
      });
    }
  }
  const first = [...steps.keys()];
  return {
    ...plan,
    // One that fails leaves everything else not begun.
    steps: [...steps.values(), ...plan.steps.map((step) => ({ ...step, after: [...first, ...step.after] }))],
    problems: [...plan.problems, ...problems],
    warnings: [...plan.warnings, ...warnings],
  };
}

/** Services that change or not, by their keys: tasks of theirs run on that node and may write to the volume. */
const writersOf = ({ volume, nodeId }: VolumePlace, observed: ObservedStack): readonly string[] =>
  observed.services
    .filter((service) =>
      volumePlaces(observed, service, writtenVolumes(service.spec)).some(
        (one) => one.inUse && one.volume === volume && one.nodeId === nodeId,
      ),
    )
    .map(({ name }) => toKey(observed.stack, name));

function obstacleOf(
  { volume, node, nodeId }: VolumePlace,
  engine: string | undefined,
  { nodes }: ObservedStack,
): Pick<Problem, 'message' | 'hint'> | undefined {
  const deploy = 'or go on without --backup';
  if (isTemplate(volume)) {
    return {
      message: `${volume}: which volume that is on ${node} cannot be told from here, so it is not backed up`,
      hint: `back it up on the node, ${deploy}`,
    };
  }
  if (nodes.find(({ id }) => id === nodeId)?.state !== 'ready') {
    return {
      message: `${volume} is on ${node}, which does not answer: it cannot be backed up`,
      hint: `bring ${node} back, ${deploy}`,
    };
  }
  if (engine !== undefined) return undefined;
  return {
    message: `${volume} is on ${node}, and this machine has no connection to that engine: it cannot be backed up from here`,
    hint: `add a docker context for it (docker context create ${node} --docker host=ssh://user@${node}), run this on ${node} if it is a manager, ${deploy}`,
  };
}

/** What the program that ran last may have written, in the way of the one that comes back. */
function goingBack({ key, service, next, names }: Change, { observed, backups }: DataCare): readonly Problem[] {
  const before = next === undefined ? '' : imageOf(next);
  const now = imageOf(service.spec);
  if (next === undefined || before === now) return [];
  const ran = observed.tasks.filter(
    (task) => task.service === service.id && task.image === now && task.container !== undefined,
  );
  const on = new Set(ran.map(({ node }) => node));
  const newer = withoutDigest(now) === withoutDigest(before) ? 'the newer image' : withoutDigest(now);
  const older = newer === 'the newer image' ? 'the older one' : withoutDigest(before);
  return volumePlaces(observed, service, names)
    .filter(({ nodeId }) => on.has(nodeId))
    .map((place): Problem => {
      const made = backups.filter((one) => one.image === before);
      const backup = backupOf(made, place) ?? backupOf(backups, place);
      const has =
        backup === undefined
          ? 'There is no backup of it on this machine.'
          : `A backup of ${timeText(backup.at)}, of ${withoutDigest(backup.image)}: claude-env stack restore-volume ${backup.id}, once no task uses it.`;
      return {
        severity: 'warning',
        rule: 'rollback-data',
        message: `service ${key}: ${newer} wrote to ${place.volume} on ${place.node}, and going back leaves that as it is: ${older} may not read it, or not start`,
        hint: has,
        at: ['services', key],
      };
    });
}
