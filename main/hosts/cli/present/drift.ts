import type { Drift, DriftItem } from '../../../../preload/contract/model.ts';
import { oneLine, type Paint } from '../io.ts';
import { columns, count } from './table.ts';

const longest = 60;
const cut = (text: string | undefined): string => oneLine(text ?? '', longest);

const wholes = { missing: 'is not there', extra: 'is not in the file' } as const;

/** What the file says and what is there, as one clause. */
function differenceText({ change, file, engine, hidden, key }: DriftItem): string {
  if (key === 'config_files') {
    return change === 'missing'
      ? `not found: ${engine ?? 'nobody knows where'}`
      : `now ${file ?? ''}; made from ${engine ?? ''}`;
  }
  if (key === 'config-hash') return `made with the hash ${engine ?? ''}; nothing that shows is different`;
  if (hidden === true) {
    if (change === 'changed') return 'differs (values not shown)';
    return change === 'only-in-file' ? 'only in the file (value not shown)' : 'only on the engine (value not shown)';
  }
  switch (change) {
    case 'missing':
    case 'extra':
      return [wholes[change], file ?? engine ?? ''].filter((part) => part !== '').join(': ');
    case 'newer':
      return `the reference is ${cut(file)} now, the container is of ${cut(engine)}`;
    case 'only-in-file':
      return `file: ${cut(file)}; engine: nothing`;
    case 'only-on-engine':
      return `file: nothing; engine: ${cut(engine)}`;
    case 'changed':
      return `file: ${cut(file)}; engine: ${cut(engine)}`;
  }
}

/** Grouped by what they are about, one line a key. */
export function driftText(drift: Drift, paint: Paint): string {
  const project = drift.stack.slice(drift.stack.indexOf('/') + 1);
  if (drift.items.length === 0)
    return `${paint('bold', project)}  ${paint('dim', 'what is there is what the files say')}`;
  const groups = new Map<string, DriftItem[]>();
  for (const item of drift.items) {
    const title = item.subject === 'service' ? item.name : `${item.subject} ${item.name}`;
    groups.set(title, [...(groups.get(title) ?? []), item]);
  }
  return [
    `${paint('bold', project)}  ${paint('dim', count(drift.items.length, 'difference'))}`,
    ...[...groups].flatMap(([title, items]) => [
      paint('bold', title),
      ...columns(
        items.map((item) => [
          item.key === '' ? '-' : item.key,
          differenceText(item),
          paint('dim', item.where === undefined ? '' : `${item.where.file}:${item.where.line}:${item.where.column}`),
        ]),
      ),
    ]),
  ].join('\n');
}
