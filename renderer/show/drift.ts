import type { DriftItem } from '../../preload/contract/model.ts';
import { plural } from './words.ts';

export interface DriftGroup {
  readonly key: string;
  readonly title: string;
  /** What it is, where it is no service. */
  readonly kind: string | undefined;
  readonly items: readonly DriftItem[];
}

const kinds = { project: 'files', service: undefined, network: 'network', volume: 'volume' } as const;

/** In the order in which they came: the files first, then services, networks, volumes. */
export function toGroups(items: readonly DriftItem[]): readonly DriftGroup[] {
  const groups = new Map<string, DriftGroup>();
  for (const item of items) {
    const key = `${item.subject} ${item.name}`;
    const before = groups.get(key)?.items ?? [];
    groups.set(key, { key, title: item.name, kind: kinds[item.subject], items: [...before, item] });
  }
  return [...groups.values()];
}

export interface DriftSides {
  readonly file: string;
  readonly engine: string;
  /** A side is a remark of ours, not a value. */
  readonly fileIsNote: boolean;
  readonly engineIsNote: boolean;
}

/** The two columns of a difference. */
export function toSides({ key, change, file, engine, hidden }: DriftItem): DriftSides {
  const hash = key === 'config-hash';
  const value = (text: string | undefined, other: string): readonly [string, boolean] =>
    text === undefined ? [other, true] : [text, false];
  const absent = change === 'missing' || change === 'only-in-file' ? 'not there' : 'not shown';
  const [left, fileIsNote] = hash
    ? (['this configuration', true] as const)
    : value(
        file,
        change === 'only-on-engine' || change === 'extra'
          ? 'not in the file'
          : hidden
            ? 'not shown: looks secret'
            : 'asked for',
      );
  const [right, engineIsNote] = value(
    engine,
    absent === 'not there' ? 'not there' : hidden ? 'not shown: looks secret' : 'there',
  );
  return { file: change === 'newer' ? `${left} by now` : left, engine: right, fileIsNote, engineIsNote };
}

/** The first column: the key, or the thing as a whole. */
export function toKeyWords({ key, change, subject }: DriftItem): string {
  if (key === 'config_files') return change === 'missing' ? 'compose file not found' : 'made from another file';
  if (key === 'config-hash') return 'made from another configuration';
  return key === '' ? `the ${subject}` : key;
}

/** "4 differences in 2 services" */
export function driftTitle(items: readonly DriftItem[]): string {
  const services = new Set(items.filter(({ subject }) => subject === 'service').map(({ name }) => name)).size;
  const found = plural(items.length, 'difference', 'differences');
  return services === 0 ? found : `${found}, in ${plural(services, 'service', 'services')}`;
}
