import { shellWord } from '../../preload/contract/shell-word.ts';
import type { SwarmNode } from '../../preload/contract/swarm.ts';
import { labelKey } from '../../preload/contract/team-keeping.ts';

/* A machine's labels as text, one a line. Pure. */

type Labels = Readonly<Record<string, string>>;

export const labelsText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n');

/** What was typed, or its first mistake. */
export function readLabels(text: string): { readonly labels: Labels } | { readonly mistake: string } {
  const labels: Record<string, string> = {};
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const at = line.indexOf('=');
    const key = at < 0 ? line : line.slice(0, at);
    if (at < 0) return { mistake: `${line} has no “=”.` };
    if (!labelKey.safeParse(key).success)
      return { mistake: `${key === '' ? 'An empty name' : key} cannot be a label’s name.` };
    if (key in labels) return { mistake: `${key} is there twice.` };
    labels[key] = line.slice(at + 1);
  }
  return { labels };
}

/** What differs; null takes one away. */
export const labelChanges = (before: Labels, after: Labels): Record<string, string | null> => ({
  ...Object.fromEntries(Object.keys(before).flatMap((key) => (key in after ? [] : [[key, null] as const]))),
  ...Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value)),
});

/** The same for a terminal, the node by its id. */
export const labelWords = ({ id }: SwarmNode, changes: Readonly<Record<string, string | null>>): string =>
  `team node label ${id.slice(0, 12)} ${Object.entries(changes)
    .map(([key, value]) => shellWord(value === null ? `${key}-` : `${key}=${value}`))
    .join(' ')}`;
