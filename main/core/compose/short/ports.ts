import { type ShortContext, textAt } from '../schema/kinds.ts';
import { child, type Entry, type MapNode, mapOf, type Node, type ScalarNode } from '../tree.ts';

/*
 * `[[ip:][host]:]container[/protocol]`, each side a port or a range.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ports
 */

const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
/** Loose on purpose: the engine knows better; this only tells an address from a typo. */
const IPV6 = /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%[\w.-]+)?$/;

function isAddress(text: string): boolean {
  return IPV4.test(text) || IPV6.test(text);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function parseRange(text: string): Range | undefined {
  const [, first, last = first] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text) ?? [];
  const start = Number(first);
  const end = Number(last);
  return first === undefined || start > 65535 || end > 65535 || end < start ? undefined : { start, end };
}

const size = (range: Range): number => range.end - range.start + 1;

function bad(node: ScalarNode, context: ShortContext, why: string, severity: 'error' | 'warning' = 'error'): undefined {
  context.reporter.report({
    severity,
    rule: 'bad-port',
    message: `\`${String(node.value)}\` is not a port: ${why}`,
    hint: 'write `HOST:CONTAINER`, `IP:HOST:CONTAINER` or `CONTAINER`, each a number up to 65535 or a range such as `3000-3005`',
    at: node,
    path: context.path,
  });
  return undefined;
}

/** Splits off the container port, the host port and the address; an IPv6 address stands in brackets. */
function splitPort(text: string): { host: string; published: string; target: string } | undefined {
  const parts = /^(?:(?:(\[[^\]]*\]|[^[\]:]*):)?([^:]*):)?([^:]+)$/.exec(text);
  if (parts === null) return undefined;
  const [, host = '', published = '', target = ''] = parts;
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, published, target };
}

/** One node for each port of a range, as docker compose prints it; `6005-6015:80` stays one (interop.md 23). */
export function expandPort(node: ScalarNode, context: ShortContext): readonly Node[] | undefined {
  const written = String(node.value);
  if (node.float === true) return bad(node, context, 'a fraction or an exponent is no whole number');
  const [address = '', protocolText = 'tcp', ...more] = written.split('/');
  const protocol = protocolText.toLowerCase();
  if (more.length > 0 || !PROTOCOLS.includes(protocol)) {
    return bad(node, context, `the protocol must be tcp, udp or sctp`);
  }
  const split = splitPort(address);
  if (split === undefined) return bad(node, context, 'it has too many parts or none');
  const target = parseRange(split.target);
  if (target === undefined || target.start === 0) {
    return bad(node, context, `\`${split.target}\` is no container port`);
  }
  const published = split.published === '' ? undefined : parseRange(split.published);
  if (split.published !== '' && published === undefined) {
    return bad(node, context, `\`${split.published}\` is no host port`);
  }
  if (split.host !== '' && !isAddress(split.host)) return bad(node, context, `\`${split.host}\` is no IP address`);
  if (published !== undefined && size(published) !== size(target) && size(target) !== 1) {
    return bad(node, context, 'the two ranges differ in length');
  }
  if (!context.takePorts(size(target))) return bad(node, context, 'the project publishes too many ports');
  return Array.from({ length: size(target) }, (_, index) =>
    mapOf(
      {
        mode: 'ingress',
        host_ip: split.host === '' ? undefined : split.host,
        target: target.start + index,
        published: published && publishedText(published, size(target), index),
        protocol,
      },
      node,
    ),
  );
}

function publishedText(published: Range, targets: number, index: number): string {
  if (targets === 1 && size(published) > 1) return `${published.start}-${published.end}`;
  return String(published.start + index);
}

/** Defaults and checks of the long form. Docker compose leaves numbers that are no ports to the engine: warnings. */
export function finishPort(node: MapNode, context: ShortContext): MapNode {
  let entries: Map<string, Entry> | undefined;
  const fill = (key: string, value: string): void => {
    entries ??= new Map(node.entries);
    entries.set(key, { ...node, key, value: { ...node, kind: 'scalar', value } });
  };
  // An empty mode stays empty in docker compose's model; an empty protocol is tcp to the engine.
  if (!node.entries.has('mode')) fill('mode', 'ingress');
  const protocol = child(node, 'protocol');
  if (protocol === undefined || (protocol.kind === 'scalar' && protocol.value === '')) fill('protocol', 'tcp');
  const published = node.entries.get('published')?.value;
  if (published?.kind === 'scalar' && published.broken !== true) {
    const text = String(published.value ?? '');
    if (text !== '' && parseRange(text) === undefined)
      bad({ ...published, value: text }, context, 'it is no host port', 'warning');
  }
  const address = child(node, 'host_ip');
  if (address?.kind === 'scalar' && !address.broken && !isAddress(String(address.value))) {
    bad(address, context, `\`${String(address.value)}\` is no IP address`);
  }
  const target = node.entries.get('target')?.value;
  if (target === undefined) {
    context.reporter.report({ rule: 'missing-key', message: 'a port needs `target`', at: node, path: context.path });
  }
  if (target?.kind === 'scalar' && target.broken !== true) {
    const value = Number(target.value);
    const severity = Number.isInteger(value) && value >= 0 ? 'warning' : 'error';
    if (severity === 'error' || value === 0 || value > 65535) bad(target, context, 'it is no container port', severity);
  }
  return entries === undefined ? node : { ...node, entries };
}

export function portIdentity(item: Node): string {
  const ip = textAt(item, 'host_ip') || '0.0.0.0';
  return `${ip}:${textAt(item, 'published')}->${textAt(item, 'target')}/${textAt(item, 'protocol') || 'tcp'}`;
}
