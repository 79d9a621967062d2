import type { FileObject, Model, Network, Service, Volume } from './project.ts';
import { goNumber, goTime } from './scalars.ts';
import type { DictKind, Kind, ObjectKind } from './schema/kinds.ts';
import { model as modelKind } from './schema/top.ts';
import { child, type MapNode, type Node, type ScalarNode } from './tree.ts';

/*
 * Phase 8: the tree becomes the Project's plain values. The schema says which mappings have keys of the user's choosing
 * (Map) and which are records of the specification's keys.
 */

function plainScalar(node: ScalarNode): unknown {
  if (node.timestamp) return goTime(String(node.value));
  return node.value;
}

/** `x-…` and other free values as plain data. Built without prototypes being reachable: `__proto__` is a key like any other. */
export function toPlain(node: Node): unknown {
  if (node.kind === 'scalar') return plainScalar(node);
  if (node.kind === 'list') return node.items.map(toPlain);
  return Object.fromEntries([...node.entries].map(([key, one]) => [key, toPlain(one.value)]));
}

function decode(node: Node, kind: Kind): unknown {
  switch (kind.is) {
    case 'object':
      return node.kind === 'map' ? decodeObject(node, kind) : toPlain(node);
    case 'dict':
      if (node.kind !== 'map') return new Map();
      if (kind.model === 'pairs') return toPairs(node);
      return decodeDict(node, kind);
    case 'list':
      if (node.kind === 'list') return node.items.map((item) => decode(item, kind.item));
      // A line whose variables were left in it (`config --no-interpolate`).
      return node.kind === 'scalar' && node.broken === true ? node.value : null;
    case 'string':
      if (node.kind !== 'scalar' || node.value === null) return null;
      return typeof node.value === 'number' ? goNumber(node.value, node.float === true) : String(node.value);
    default:
      return toPlain(node);
  }
}

function decodeDict(node: MapNode, { value, nulls }: DictKind): ReadonlyMap<string, unknown> {
  const result = new Map<string, unknown>();
  const absent = nulls === 'empty' ? '' : null;
  node.entries.forEach((one, key) => {
    result.set(key, decode(one.value, value) ?? absent);
  });
  return result;
}

function toPairs(node: MapNode): string[] {
  return [...node.entries].map(([key, one]) => {
    const value = one.value.kind === 'scalar' ? one.value.value : null;
    return value === null || value === '' ? key : `${key}=${String(value)}`;
  });
}

function decodeObject(node: MapNode, kind: ObjectKind): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const extensions: [string, unknown][] = [];
  node.entries.forEach((one, key) => {
    const known = kind.keys.get(key);
    if (known === undefined) extensions.push([key, toPlain(one.value)]);
    else result[key] = decode(one.value, known);
  });
  if (extensions.length > 0) result.extensions = Object.fromEntries(extensions);
  return result;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);

const record = (node: Node, kind: ObjectKind): Record<string, unknown> =>
  node.kind === 'map' ? decodeObject(node, kind) : {};

/*
 * The schema is data, so the compiler cannot follow it to the types of project.ts; test/core/compose/decode.test.ts
 * holds the two together.
 */
export function decodeService(name: string, node: Node, kind: ObjectKind): Service {
  const service: Record<string, unknown> = { name };
  const said = record(node, kind);
  const keys = Object.keys(said);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    const value = said[key];
    // No network_mode, no null: `pid: null` and the like say nothing.
    if (key === 'extends' || (value === null && key !== 'command' && key !== 'entrypoint')) continue;
    const items = key === 'volumes' || key === 'secrets' ? child(node, key) : undefined;
    service[key] = Array.isArray(value) && items?.kind === 'list' ? withWrittenTargets(value, items.items) : value;
  }
  return service as unknown as Service;
}

function withWrittenTargets(uses: readonly unknown[], nodes: readonly Node[]): readonly unknown[] {
  return uses.map((use, at) => {
    const item = nodes[at];
    const target = item?.kind === 'map' ? child(item, 'target') : undefined;
    const written = target?.kind === 'scalar' ? target.written : undefined;
    return written === undefined || !isRecord(use) ? use : { ...use, writtenTarget: written };
  });
}

export function decodeNamed<T extends Network | Volume | FileObject>(key: string, node: Node, kind: ObjectKind): T {
  const name = child(node, 'name');
  const isNameless = name?.kind === 'scalar' && name.nothing === true;
  return { key, ...record(node, kind), ...(isNameless && { isNameless }) } as T;
}

export function decodeModels(section: MapNode): ReadonlyMap<string, Model> {
  return new Map([...section.entries].map(([key, one]) => [key, record(one.value, modelKind) as unknown as Model]));
}
