import type { ShortContext } from '../schema/kinds.ts';
import { type Entry, entry } from '../tree.ts';

/** `[::1]` is `::1`; a host's name has none of the characters that end it. */
export function hostAddresses(one: Entry, { reporter, path }: ShortContext): Entry {
  const { key, value } = one;
  if (value.kind !== 'list') return one;
  if (key === '' || /[:=]/.test(key)) {
    const message = `\`${key}\` is no name of a host`;
    reporter.report({ rule: 'bad-value', message, hint: 'write `host=address`', at: one, path });
  }
  const items = value.items.map((item) =>
    item.kind === 'scalar' && typeof item.value === 'string'
      ? { ...item, value: item.value.replace(/^\[(.+)\]$/, '$1') }
      : item,
  );
  return entry(key, { ...value, items }, one);
}
