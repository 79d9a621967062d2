import { type Dotenv, parseDotenv, parseRawEnv } from './dotenv.ts';
import { isNotFound, type LoadContext, reasonOf } from './files.ts';
import type { Lookup } from './interpolate.ts';
import { resolveFile } from './short/files.ts';
import { child, childText, type Entry, entry, type MapNode, map, type Node, scalar, withEntry } from './tree.ts';

/*
 * `env_file` and `label_file`: read for active services only, and put under what the file says itself: a later file
 * wins over an earlier one, `environment` and `labels` over both.
 */

async function readValues(
  at: Node,
  path: string,
  parse: (text: string) => Dotenv,
  context: LoadContext,
  required = true,
): Promise<ReadonlyMap<string, string> | undefined> {
  let text: string;
  try {
    text = await context.read(path);
  } catch (error) {
    if (!isNotFound(error)) {
      context.reporter.report({ rule: 'file-unreadable', message: `cannot read ${path}: ${reasonOf(error)}`, at });
    } else if (required) {
      const hint = 'create it, or write `required: false`';
      context.reporter.report({ rule: 'file-not-found', message: `${path} does not exist`, hint, at });
    }
    return undefined;
  }
  const source = { file: path, text, baseDir: context.paths.dirname(path) };
  const { values, problems } = parse(text);
  for (const { message, offset } of problems) {
    context.reporter.report({ rule: 'env-file', message, at: { source, offset } });
  }
  return values;
}

function layered(
  values: ReadonlyMap<string, string>,
  at: Node,
  own: Node | undefined,
  first: ReadonlyMap<string, Entry>,
): MapNode {
  const entries = new Map<string, Entry>(first);
  for (const [key, value] of values) entries.set(key, entry(key, scalar(value, at), at));
  if (own?.kind === 'map') for (const [key, one] of own.entries) entries.set(key, one);
  return map(entries, own ?? at);
}

async function withEnvFiles(service: MapNode, lookup: Lookup, context: LoadContext): Promise<MapNode> {
  const files = child(service, 'env_file');
  if (files?.kind !== 'list' || files.items.length === 0) return service;
  const collected = new Map<string, string>();
  for (const item of files.items) {
    const written = childText(item, 'path');
    if (written === undefined) continue;
    const path = resolveFile(child(item, 'path') ?? item, written, context);
    const requiredNode = child(item, 'required');
    const required = !(requiredNode?.kind === 'scalar' && requiredNode.value === false);
    const format = childText(item, 'format');
    if (format !== undefined && format !== '' && format !== 'raw') {
      const at = child(item, 'format') ?? item;
      context.reporter.report({
        rule: 'bad-value',
        message: `env_file format \`${format}\` is not known`,
        hint: 'write `raw` or leave it out',
        at,
      });
      continue;
    }
    // Earlier files' variables can be used in later ones; the project's environment goes first (interop.md 10).
    const earlier: Lookup = (name) => collected.get(name);
    const parse = (text: string): Dotenv =>
      format === 'raw' ? parseRawEnv(text, lookup) : parseDotenv(text, lookup, earlier);
    const values = await readValues(item, path, parse, context, required);
    for (const [key, value] of values ?? []) collected.set(key, value);
  }
  return withEntry(service, 'environment', layered(collected, files, child(service, 'environment'), new Map()));
}

async function withLabelFiles(service: MapNode, context: LoadContext): Promise<MapNode> {
  const files = child(service, 'label_file');
  if (files?.kind !== 'list' || files.items.length === 0) return service;
  const collected = new Map<string, string>();
  for (const item of files.items) {
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.broken) continue;
    const parse = (text: string): Dotenv => parseDotenv(text, () => undefined);
    for (const [key, value] of (await readValues(item, resolveFile(item, item.value, context), parse, context)) ?? [])
      collected.set(key, value);
  }
  return withEntry(service, 'labels', layered(collected, files, child(service, 'labels'), new Map()));
}

/** The service with the variables and labels of its files in it. */
export async function resolveFiles(service: MapNode, lookup: Lookup, context: LoadContext): Promise<MapNode> {
  return withLabelFiles(await withEnvFiles(service, lookup, context), context);
}
