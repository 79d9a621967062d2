import type { ShortContext } from '../schema/kinds.ts';
import { child, type MapNode, mapOf, type Node, type ScalarNode, scalar } from '../tree.ts';

/** The long form of a bare value: the given entries, all at its place. */
export function expandLink(values: Readonly<Record<string, Node>>, at: ScalarNode): MapNode {
  return mapOf(values, at);
}

/** The long form of a device has both ends. */
export function needsTarget(node: MapNode, { reporter, path }: ShortContext): MapNode {
  if (child(node, 'target') === undefined && child(node, 'source') !== undefined) {
    reporter.report({ rule: 'missing-key', message: 'a device needs `target`', at: node, path });
  }
  return node;
}

/** `host[:container[:permissions]]` */
export function expandDevice(node: ScalarNode, context: ShortContext): Node | undefined {
  const parts = String(node.value).split(':');
  const [source = '', target = '', permissions = 'rwm', ...more] = parts;
  if (source === '' || more.length > 0) {
    const message = `\`${String(node.value)}\` is not a device`;
    const hint = 'write `HOST`, `HOST:CONTAINER` or `HOST:CONTAINER:rwm`';
    // Without a host's device docker compose goes on and the engine refuses.
    const severity = more.length > 0 ? 'error' : 'warning';
    context.reporter.report({ rule: 'bad-device', message, hint, at: node, path: context.path, severity });
    if (severity === 'error') return undefined;
  }
  return mapOf({ source, target: scalar(target === '' ? source : target, node), permissions }, node);
}
