import { isWindowsAbsolute, pathsOf } from '../../paths.ts';
import { type ShortContext, textAt } from '../schema/kinds.ts';
import { child, entry, type MapNode, map, mapOf, type Node, type ScalarNode, withEntry } from '../tree.ts';
import { resolveFile } from './files.ts';

/*
 * `[source:]target[:options]`.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#short-syntax-6
 */

const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/**
 * Splits at colons, except the one of a Windows drive, which is any single letter at a part's beginning: `a:/a` and
 * even `a:b` are taken for a drive as well (interop.md 3).
 */
export function splitVolume(spec: string): string[] {
  const [first = '', ...rest] = spec.split(':');
  const parts = [first];
  for (const part of rest) {
    const before = parts[parts.length - 1] ?? '';
    if (/^[A-Za-z]$/.test(before)) parts[parts.length - 1] = `${before}:${part}`;
    else parts.push(part);
  }
  return parts;
}

function isPath(source: string): boolean {
  return /^[./~\\]/.test(source) || isWindowsAbsolute(source);
}

function bad(node: ScalarNode, context: ShortContext, why: string): undefined {
  const message = `\`${String(node.value)}\` is not a volume: ${why}`;
  const hint =
    'write `SOURCE:TARGET`, `SOURCE:TARGET:ro` or `TARGET`; a source is a path (`./x`, `/x`, `~/x`) or a volume';
  context.reporter.report({ rule: 'bad-volume', message, hint, at: node, path: context.path });
  return undefined;
}

/** `v:/data` is read as a path of Windows, here as by docker compose, which nobody on Linux means. */
function warnOneLetter(node: ScalarNode, { reporter, path }: ShortContext): void {
  const message = `\`${String(node.value)}\` is taken for a path of Windows, not for a volume`;
  const hint = 'give the volume a name of two letters or more';
  reporter.report({ severity: 'warning', rule: 'one-letter-volume', message, hint, at: node, path });
}

export function expandVolume(node: ScalarNode, context: ShortContext): Node | undefined {
  const spec = String(node.value);
  if (spec === '') return bad(node, context, 'it is empty');
  const parts = splitVolume(spec);
  if (parts.length > 3) return bad(node, context, 'it has too many parts');
  if (parts.some((part) => part === '')) return bad(node, context, 'a part between colons is empty');
  const [first = '', second, optionText = ''] = parts;
  const target = second ?? first;
  const source = second === undefined ? undefined : first;
  if (/^[A-Za-z]:/.test(target) && context.paths.platform === 'posix') warnOneLetter(node, context);
  const isBind = source !== undefined && isPath(source);
  const options = optionText === '' ? [] : optionText.split(',');
  // Options of the other kind are kept where they were written, as docker compose prints them.
  const bind: Record<string, string | boolean> = isBind ? { create_host_path: true } : {};
  const volume: Record<string, boolean> = {};
  let readOnly: true | undefined;
  for (const option of options) {
    if (option === 'ro') readOnly = true;
    else if (option === 'z' || option === 'Z') bind.selinux = option;
    else if (option === 'nocopy') volume.nocopy = true;
    else if (PROPAGATIONS.includes(option)) bind.propagation = option;
  }
  return mapOf(
    {
      type: isBind ? 'bind' : 'volume',
      source,
      target,
      read_only: readOnly,
      bind: isBind || bind.selinux !== undefined || bind.propagation !== undefined ? mapOf(bind, node) : undefined,
      // Seen: two characters such as `/a` get no options at all, anything longer does.
      volume: (!isBind && spec.length > 2) || volume.nocopy ? mapOf(volume, node) : undefined,
    },
    node,
  );
}

/** An empty path is the folder itself, as docker compose has it. */
function absolute(at: Node, path: string, context: ShortContext): string {
  return context.keepPaths ? path : resolveFile(at, path, context);
}

/** A path in the container without `.`, `..` and doubled slashes, a relative one as well: Go's path.Clean. */
function cleanTarget(path: string): string {
  if (path.startsWith('/')) return pathsOf('posix').resolve('/', path);
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else kept.push(part);
  }
  return kept.join('/') || '.';
}

/** Resolves the path of a bind, tidies targets, fills what the long form leaves out. */
export function finishVolume(node: MapNode, context: ShortContext): MapNode {
  let result = node;
  const type = textAt(node, 'type');
  const source = child(node, 'source');
  if (type === 'bind') {
    if (source?.kind === 'scalar' && typeof source.value === 'string' && source.broken !== true) {
      result = withEntry(result, 'source', { ...source, value: absolute(source, source.value, context) });
    }
    if (source === undefined) {
      const hint = 'say which path of the host is mounted';
      context.reporter.report({
        rule: 'missing-key',
        message: 'a bind needs `source`',
        hint,
        at: node,
        path: context.path,
      });
    }
  }
  const target = child(result, 'target');
  if (target?.kind === 'scalar' && typeof target.value === 'string' && target.broken !== true) {
    const tidy = cleanTarget(target.value);
    if (tidy !== target.value) result = withEntry(result, 'target', { ...target, value: tidy, written: target.value });
  }
  return result;
}

export function mountIdentity(item: Node): string {
  return textAt(item, 'target');
}

/**
 * `driver: local` with `driver_opts: {type: none, o: bind, device: ./x}` is a bind in disguise: its path is relative too.
 * docker compose looks only where the driver is written out, and so do we: the volume's hash depends on it.
 */
export function finishTopVolume(node: MapNode, context: ShortContext): MapNode {
  const options = child(node, 'driver_opts');
  if (options?.kind !== 'map' || textAt(node, 'driver') !== 'local') return node;
  const device = child(options, 'device');
  if (textAt(options, 'o') !== 'bind' || device?.kind !== 'scalar' || typeof device.value !== 'string') return node;
  const entries = new Map(options.entries);
  entries.set('device', entry('device', { ...device, value: absolute(device, device.value, context) }, device));
  return withEntry(node, 'driver_opts', map(entries, options));
}
