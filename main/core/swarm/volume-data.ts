import * as z from 'zod';
import { volumeBackup as shownBackup } from '../../../preload/contract/volume-backup.ts';
import type { Raw } from '../plan/inherit.ts';
import type { ObservedService, ObservedStack, SeenTask } from './observed.ts';

/* Volumes that a service writes to, and on which nodes their data are. Pure. */

/** A copy of a volume's content in a file of this machine, as its record there has it. Ids sort by age. */
export const volumeBackup = shownBackup.extend({
  stack: z.string(),
  nodeId: z.string(),
  /** Of the content, as an archive. */
  contentBytes: z.number().int(),
  /** Of the file, lower-case hex. */
  sha256: z.string(),
});
export type VolumeBackup = Readonly<z.infer<typeof volumeBackup>>;

interface Mount {
  readonly Type?: string;
  readonly Source?: string;
  readonly Target?: string;
  readonly ReadOnly?: boolean;
}

function volumesOf(spec: Raw | undefined, counts: (mount: Mount) => boolean): readonly string[] {
  const { ContainerSpec: container } = (spec?.TaskTemplate ?? {}) as { readonly ContainerSpec?: Raw };
  const mounts = ((container ?? {}) as { readonly Mounts?: readonly Mount[] }).Mounts ?? [];
  const named = mounts.filter((mount) => mount.Type === 'volume' && counts(mount));
  return [...new Set(named.flatMap(({ Source = '' }) => (Source === '' ? [] : [Source])))];
}

/** Names of volumes that containers of this spec may write to, as written: `{{.Node.Hostname}}` may stand in one. */
export const writtenVolumes = (spec: Raw | undefined): readonly string[] =>
  volumesOf(spec, ({ ReadOnly }) => ReadOnly !== true);

/** Of all that they have, as written. */
export const mountedVolumes = (spec: Raw | undefined): readonly string[] => volumesOf(spec, () => true);

export interface VolumePlace {
  /** As the node's engine knows it. */
  readonly volume: string;
  readonly nodeId: string;
  readonly node: string;
  /** Tasks run there. */
  readonly inUse: boolean;
}

const unknownField = /\{\{/;

/**
 * Where the data of a service's volumes are: on the nodes of its tasks that run; where none does, on those of the last that did.
 * A name with a template that says something else than the fields of https://docs.docker.com/reference/cli/docker/service/create/#create-services-using-templates
 * stays as it is.
 */
export function volumePlaces(
  { tasks, nodes }: ObservedStack,
  service: ObservedService,
  names: readonly string[],
): readonly VolumePlace[] {
  const own = tasks.filter((task) => task.service === service.id && task.node !== undefined);
  const running = own.filter(({ state }) => state === 'running');
  const latest = Math.max(...own.map(({ createdAt }) => createdAt));
  const chosen = running.length > 0 ? running : own.filter(({ createdAt }) => createdAt === latest);
  const hostname = (id: string): string => nodes.find((node) => node.id === id)?.hostname ?? id.slice(0, 12);
  const found = new Map<string, VolumePlace>();
  for (const task of chosen) {
    const nodeId = task.node ?? '';
    for (const written of names) {
      const volume = expand(written, { service, task, hostname: hostname(nodeId) });
      found.set(`${volume} ${nodeId}`, { volume, nodeId, node: hostname(nodeId), inUse: running.length > 0 });
    }
  }
  return [...found.values()].sort((a, b) => (`${a.volume} ${a.node}` < `${b.volume} ${b.node}` ? -1 : 1));
}

/** A template that was not understood is in the name. */
export const isTemplate = (volume: string): boolean => unknownField.test(volume);

interface Named {
  readonly service: ObservedService;
  readonly task: SeenTask;
  readonly hostname: string;
}

function expand(written: string, { service, task, hostname }: Named): string {
  const place = task.slot === undefined || task.slot === 0 ? (task.node ?? '') : String(task.slot);
  const fields: Readonly<Record<string, string>> = {
    '.Service.ID': service.id,
    '.Service.Name': service.name,
    '.Node.ID': task.node ?? '',
    '.Node.Hostname': hostname,
    '.Task.ID': task.id,
    '.Task.Name': `${service.name}.${place}.${task.id}`,
    '.Task.Slot': place,
  };
  return written.replace(/\{\{\s*([.\w]+)\s*\}\}/g, (whole, field: string) => fields[field] ?? whole);
}
