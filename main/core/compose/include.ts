import { parseDotenv } from './dotenv.ts';
import { isNotFound, isRemote, type LoadContext, reasonOf, type Unit } from './files.ts';
import type { Lookup } from './interpolate.ts';
import { resolveFile } from './short/files.ts';
import { child, childText, type Entry, entry, type MapNode, map, type Node, withEntry, withoutEntry } from './tree.ts';

/*
 * `include`: another project's model, loaded with its own directory and environment, becomes part of this one.
 * https://github.com/compose-spec/compose-spec/blob/main/14-include.md
 */

/** Loads a whole unit; given by load.ts, because including is recursive. */
export type LoadUnit = (files: readonly string[], unit: Unit, chain: readonly string[]) => Promise<MapNode | undefined>;

const SECTIONS = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models'];
const MAX_CHAIN = 30;

interface Including {
  readonly context: LoadContext;
  readonly unit: Unit;
  readonly chain: readonly string[];
  readonly loadUnit: LoadUnit;
}

/** The document with everything it includes, under its own keys. */
export async function applyIncludes(document: MapNode, including: Including): Promise<MapNode> {
  const includes = child(document, 'include');
  let result = withoutEntry(document, 'include');
  if (includes?.kind !== 'list') return result;
  for (const item of includes.items) {
    const model = await loadInclude(item, including);
    if (model !== undefined) result = adopt(result, model, item, including.context);
  }
  return result;
}

function texts(node: Node | undefined): (Node & { kind: 'scalar'; value: string })[] {
  const items = node?.kind === 'list' ? node.items : [];
  return items.filter(
    (item): item is Node & { kind: 'scalar'; value: string } =>
      item.kind === 'scalar' && typeof item.value === 'string' && item.broken !== true,
  );
}

async function loadInclude(item: Node, including: Including): Promise<MapNode | undefined> {
  const { context, unit, chain } = including;
  const written = texts(child(item, 'path'));
  const remote = written.find((node) => isRemote(node.value));
  if (remote !== undefined) {
    const message = `\`${remote.value}\` is not on this machine, and files are not fetched from elsewhere`;
    context.reporter.report({ rule: 'unsupported', message, hint: 'include a local copy', at: remote });
    return undefined;
  }
  const files = written.map((node) => resolveFile(node, node.value, context));
  const [main] = files;
  const [at] = written;
  if (main === undefined || at === undefined) return undefined;
  if (chain.includes(main) || chain.length > MAX_CHAIN) {
    const names = [...chain.slice(chain.indexOf(main)), main];
    const message = `files include each other: ${names.join(' → ')}`;
    context.reporter.report({ rule: 'include-cycle', message, hint: 'remove one of the includes', at });
    return undefined;
  }
  for (const [index, file] of files.entries()) {
    try {
      await context.read(file);
    } catch (error) {
      context.reporter.report({
        rule: 'file-not-found',
        message: `cannot include ${file}: ${reasonOf(error)}`,
        at: written[index] ?? at,
      });
      return undefined;
    }
  }
  const directory = child(item, 'project_directory');
  const directoryText = childText(item, 'project_directory');
  const baseDir =
    directory && directoryText ? resolveFile(directory, directoryText, context) : context.paths.dirname(main);
  const lookup = await includeLookup(item, baseDir, context, unit);
  return including.loadUnit(files, { ...unit, baseDir, lookup }, [...chain, main]);
}

/** The including project's environment wins over the included one's files. */
async function includeLookup(item: Node, baseDir: string, context: LoadContext, unit: Unit): Promise<Lookup> {
  const written = texts(child(item, 'env_file'));
  const values = new Map<string, string>();
  const lookup: Lookup = (name) => unit.lookup(name) ?? values.get(name);
  if (written.length === 0) {
    const text = await context.readOptional(context.paths.resolve(baseDir, '.env'));
    if (text !== undefined) for (const [key, value] of parseDotenv(text, unit.lookup).values) values.set(key, value);
    return lookup;
  }
  for (const node of written) {
    const path = resolveFile(node, node.value, context);
    if (path === '/dev/null') continue;
    try {
      const parsed = parseDotenv(await context.read(path), unit.lookup, (name) => values.get(name));
      for (const [key, value] of parsed.values) values.set(key, value);
    } catch (error) {
      const rule = isNotFound(error) ? 'file-not-found' : 'file-unreadable';
      context.reporter.report({ rule, message: `cannot read env_file ${path}: ${reasonOf(error)}`, at: node });
    }
  }
  return lookup;
}

/** Puts an included model in. The same name twice is an error, unless both say the same (interop.md 19). */
function adopt(document: MapNode, model: MapNode, at: Node, context: LoadContext): MapNode {
  let result = document;
  for (const section of SECTIONS) {
    const included = child(model, section);
    if (included?.kind !== 'map') continue;
    const existing = child(result, section);
    const entries = new Map<string, Entry>(existing?.kind === 'map' ? existing.entries : []);
    for (const [name, one] of included.entries) {
      const before = entries.get(name);
      if (before === undefined) {
        entries.set(name, entry(name, one.value, one));
        continue;
      }
      if (before.value.tag !== undefined || sameTree(before.value, one.value)) continue;
      context.reporter.report({
        rule: 'include-conflict',
        message: `\`${section}.${name}\` is also in the included ${one.source.file}`,
        hint: 'give one another name, or change the included one in an override file',
        at: before.source.file === at.source.file ? before : at,
      });
    }
    result = withEntry(result, section, map(entries, existing ?? included));
  }
  return result;
}

/** Equal in what they say, wherever they are written. */
function sameTree(a: Node, b: Node): boolean {
  if (a === b) return true;
  if (a.kind === 'scalar') return b.kind === 'scalar' && Object.is(a.value, b.value);
  if (a.kind === 'list') {
    const other = b.kind === 'list' ? b.items : [];
    return (
      b.kind === 'list' &&
      a.items.length === other.length &&
      a.items.every((item, index) => {
        const twin = other[index];
        return twin !== undefined && sameTree(item, twin);
      })
    );
  }
  if (b.kind !== 'map' || a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([key, one]) => {
    const twin = b.entries.get(key);
    return twin !== undefined && sameTree(one.value, twin.value);
  });
}
