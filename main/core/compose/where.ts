import type { SourceLocation } from '../../../preload/contract/errors.ts';
import { type Entry, locate, type MapNode, type Node, type Path } from './tree.ts';

/**
 * Where something of the Project was written, by its path there: `['services', 'web', 'ports', 0]`. What the file leaves
 * unsaid is found at the nearest key above it that the file has; undefined when it has none of them.
 */
export type Where = (path: Path) => SourceLocation | undefined;

/** Looks places up in the merged tree: its keys and the order of its lists are the Project's own. */
export function createWhere(model: MapNode): Where {
  return (path) => {
    let node: Node | undefined = model;
    let found: Entry | Node | undefined;
    for (const step of path) {
      const next: Entry | Node | undefined = inside(node, step);
      if (next === undefined) break;
      found = next;
      node = 'value' in next && 'key' in next ? next.value : (next as Node);
    }
    return found === undefined ? undefined : locate(found, path);
  };
}

function inside(node: Node | undefined, step: string | number): Entry | Node | undefined {
  if (node?.kind === 'map') return node.entries.get(String(step));
  return node?.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined;
}
