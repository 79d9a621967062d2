import { toCanonical } from './canonical.ts';
import { isRemote, type LoadContext, reasonOf, type Unit, valuesOf } from './files.ts';
import { interpolateTree, keepVariables } from './interpolate.ts';
import { merge, withoutResets } from './merge.ts';
import { service as serviceKind } from './schema/service.ts';
import { composeFile } from './schema/top.ts';
import { resolveFile } from './short/files.ts';
import { parseSource } from './source.ts';
import { didYouMean } from './suggest.ts';
import {
  child,
  childText,
  type Entry,
  entry,
  type MapNode,
  map,
  type Node,
  type Source,
  scalar,
  withEntry,
  withoutEntry,
} from './tree.ts';

/*
 * `extends`: a service takes over another one's keys, of the same file or of another. A file that is extended is read
 * with its own folder as base, so its relative paths, and its own extends, start there (interop.md 17).
 */
interface Extending {
  readonly context: LoadContext;
  readonly unit: Unit;
  /** Files that were already read for extending. */
  readonly read: Map<string, Promise<Siblings | undefined>>;
  /** Services that are complete, by file and name: a base that many extend is put together once. */
  readonly done: Map<string, Node>;
  /** Members of circles that were reported. */
  readonly circles: Set<string>;
}

/** The services of one file. Those of another file are checked only when they are extended. */
interface Siblings {
  readonly names: () => Iterable<string>;
  readonly get: (name: string) => Node | undefined;
}

/** Chains longer than this are a mistake, or symbolic links that make one file look like many. */
const MAX_CHAIN = 1000;

export async function applyExtends(document: MapNode, context: LoadContext, unit: Unit): Promise<MapNode> {
  const services = child(document, 'services');
  if (services?.kind !== 'map') return document;
  const extending: Extending = { context, unit, read: new Map(), done: new Map(), circles: new Set() };
  const siblings: Siblings = {
    names: () => services.entries.keys(),
    get: (name) => services.entries.get(name)?.value,
  };
  const entries = new Map<string, Entry>();
  let changed = false;
  for (const [name, one] of services.entries) {
    if (child(one.value, 'extends') === undefined) {
      entries.set(name, one);
      continue;
    }
    const value = await extended(name, one.value, siblings, extending, [`${one.source.file}\n${name}`]);
    changed ||= value !== one.value;
    entries.set(name, value === one.value ? one : entry(name, value, one));
  }
  return changed ? withEntry(document, 'services', map(entries, services)) : document;
}

const isBlank = (node: Node | undefined, mayNotBeNull: boolean): boolean =>
  node?.kind === 'scalar' && !node.broken && (node.value === '' || (node.value === null && mayNotBeNull));

async function extended(
  name: string,
  service: Node,
  siblings: Siblings,
  extending: Extending,
  chain: readonly string[],
): Promise<Node> {
  const wish = child(service, 'extends');
  if (service.kind !== 'map' || wish === undefined || (wish.kind === 'scalar' && wish.nothing)) return service;
  const own = withoutEntry(service, 'extends');
  if (wish.tag === 'reset') return own;
  const target = childText(wish, 'service');
  const where = child(wish, 'service') ?? wish;
  const { reporter } = extending.context;
  const fileNode = child(wish, 'file');
  // A file of null is this one; an empty one would be the folder.
  const blank = [where, fileNode].find((node) => isBlank(node, node === where));
  if (blank !== undefined) {
    const key = blank === where ? 'service' : 'file';
    reporter.report({ rule: 'bad-value', message: `\`extends.${key}\` of \`${name}\` is empty`, at: blank });
    return own;
  }
  if (target === undefined) return own;
  const file = childText(wish, 'file');
  const path = file && fileNode ? resolveFile(fileNode, file, extending.context) : service.source.file;
  if (fileNode && file && isRemote(file)) {
    const message = `\`${file}\` is not on this machine, and files are not fetched from elsewhere`;
    reporter.report({ rule: 'unsupported', message, hint: 'extend a local copy', at: fileNode });
    return incomplete(own, where);
  }
  const link = `${path}\n${target}`;
  if (chain.includes(link) || chain.length > MAX_CHAIN) {
    const circle = [...chain, link].slice(Math.max(chain.indexOf(link), 0));
    // The same circle is met from each of its services.
    if (!circle.some((one) => extending.circles.has(one))) {
      const message = `services extend each other: ${circle.map((one) => one.split('\n')[1]).join(' → ')}`;
      reporter.report({ rule: 'extends-cycle', message, hint: 'remove one of the extends', at: where });
    }
    for (const one of circle) extending.circles.add(one);
    return incomplete(own, where);
  }
  const candidates = file && fileNode ? await servicesOf(path, fileNode, extending) : siblings;
  if (candidates === undefined) return incomplete(own, where);
  const base = candidates.get(target);
  if (base === undefined) {
    const message = `\`${name}\` extends \`${target}\`, which is not in ${file ?? 'this file'}`;
    reporter.report({
      rule: 'missing-service',
      message,
      hint: () => didYouMean(target, candidates.names()),
      at: where,
    });
    return incomplete(own, where);
  }
  const whole = extending.done.get(link) ?? (await extended(target, base, candidates, extending, [...chain, link]));
  extending.done.set(link, whole);
  return merge(withoutResets(whole), own, serviceKind);
}

/** What the base would have given is unknown, so that the lack of an image is not reported on top. */
function incomplete(service: MapNode, at: Node): MapNode {
  return service.entries.has('image') ? service : withEntry(service, 'image', { ...scalar(null, at), broken: true });
}

function servicesOf(path: string, at: Node, extending: Extending): Promise<Siblings | undefined> {
  const known = extending.read.get(path);
  if (known !== undefined) return known;
  const reading = readServices(path, at, extending);
  extending.read.set(path, reading);
  return reading;
}

async function readServices(path: string, at: Node, { context, unit }: Extending): Promise<Siblings | undefined> {
  let text: string;
  try {
    text = await context.read(path);
  } catch (error) {
    context.reporter.report({ rule: 'file-not-found', message: `cannot read ${path}: ${reasonOf(error)}`, at });
    return undefined;
  }
  const source: Source = { file: path, text, baseDir: context.paths.dirname(path) };
  const documents = await parseSource(source, context.reporter);
  const known = new Map<string, Node | undefined>();
  const service = (name: string): Node | undefined => {
    let whole: Node | undefined;
    for (const document of documents) {
      const raw = child(child(document, 'services'), name);
      if (raw === undefined) continue;
      const filled = fillVariables(raw, unit, context);
      const converted = toCanonical(filled, serviceKind, context, ['services', name]);
      if (converted !== undefined) whole = merge(whole, converted, serviceKind);
    }
    return whole;
  };
  return {
    names: () =>
      documents.flatMap((document) => {
        const services = child(document, 'services');
        return services?.kind === 'map' ? [...services.entries.keys()] : [];
      }),
    get: (name) => {
      if (!known.has(name)) known.set(name, service(name));
      return known.get(name);
    },
  };
}

function fillVariables(node: Node, unit: Unit, context: LoadContext): Node {
  return unit.literal ? keepVariables(node) : interpolateTree(node, valuesOf(unit, context), context);
}

/** Phases 2 and 3: the documents of a file with variables put in, in canonical form. */
export function canonicalDocuments(documents: readonly Node[], context: LoadContext, unit: Unit): readonly MapNode[] {
  const canonical: MapNode[] = [];
  for (const document of documents) {
    const filled = fillVariables(document, unit, context);
    const converted = toCanonical(filled, composeFile, context);
    if (converted?.kind === 'map') canonical.push(converted);
  }
  return canonical;
}
