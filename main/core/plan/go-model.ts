import type { Kind, ObjectKind, ScalarKind } from '../compose/schema/kinds.ts';
import {
  durationPointer,
  type GoJson,
  goList,
  goMap,
  goString,
  optionalBytes,
  optionalDuration,
  optionalFloat32,
  optionalInteger,
  optionalString,
  optionalTrue,
  pointer,
} from './go-json.ts';

/*
 * A part of the Project in the bytes that compose-go's model has in Go. The schema holds the keys of each struct in the
 * order of its members (docker compose prints them in that order, too), their types, and what is a pointer (`zero: kept`);
 * what Go does otherwise is handed in, key by key.
 */

export type Write = (value: unknown) => GoJson;

/** By object and key: how this one is written, or `hidden` when Go's model leaves it out. */
export type Exceptions = ReadonlyMap<ObjectKind, Readonly<Record<string, Write | 'hidden'>>>;

const none: Readonly<Record<string, Write | 'hidden'>> = {};

/** The whole struct, even when nothing is said. */
export function writeStruct(value: unknown, kind: ObjectKind, exceptions: Exceptions): string {
  const record = (value ?? {}) as Readonly<Record<string, unknown>>;
  let json = '';
  const members = membersOf(kind, exceptions);
  for (let index = 0; index < members.length; index += 1) {
    const { key, kind: member, exception, always } = members[index] as Member;
    const own = record[key];
    if (own === undefined && !always) continue;
    const text = exception === undefined ? write(own, member, exceptions) : exception(own);
    // Names are Go's own, with nothing to escape.
    if (text !== undefined) json += `${json === '' ? '' : ','}"${key}":${text}`;
  }
  return `{${json}}`;
}

interface Member {
  readonly key: string;
  readonly kind: Kind;
  readonly exception: Write | undefined;
  /** It may be written though nothing is said; the others, which most are, are passed over. */
  readonly always: boolean;
}
const known = new WeakMap<Exceptions, Map<ObjectKind, readonly Member[]>>();

/** The members of a struct in their order, found out once a kind. */
function membersOf(kind: ObjectKind, exceptions: Exceptions): readonly Member[] {
  const before = known.get(exceptions)?.get(kind);
  if (before !== undefined) return before;
  const kinds = known.get(exceptions) ?? new Map<ObjectKind, readonly Member[]>();
  const members = findMembers(kind, exceptions.get(kind) ?? none);
  known.set(exceptions, kinds.set(kind, members));
  return members;
}

function findMembers(kind: ObjectKind, own: Readonly<Record<string, Write | 'hidden'>>): readonly Member[] {
  return [...kind.keys].flatMap(([key, member]) => {
    const exception = own[key];
    return exception === 'hidden'
      ? []
      : [{ key, kind: member, exception, always: exception !== undefined || isShell(member) }];
  });
}

/** ShellCommand has no `omitempty`: absent is null, and an empty list is `[]`. */
const isShell = (kind: Kind): boolean => kind.is === 'list' && kind.nullable === true;

/** A member: left out where Go leaves it out. */
function write(value: unknown, kind: Kind, exceptions: Exceptions): GoJson {
  if (isShell(kind)) return writeItem(value, kind, exceptions);
  if (value === undefined || value === null) return undefined;
  switch (kind.is) {
    case 'object':
      return typeof value === 'boolean' ? optionalTrue(value) : writeStruct(value, kind, exceptions);
    case 'dict':
      return goMap(value as ReadonlyMap<string, unknown>, (item) => writeItem(item, kind.value, exceptions));
    case 'list':
      return goList(value as readonly unknown[], (item) => writeItem(item, kind.item, exceptions));
    default:
      return writeScalar(value, kind);
  }
}

/** What is in a map or a list is never left out. */
function writeItem(value: unknown, kind: Kind, exceptions: Exceptions): string {
  if (value === undefined || value === null) return 'null';
  if (kind.is === 'list')
    return `[${(value as readonly unknown[]).map((item) => writeItem(item, kind.item, exceptions)).join(',')}]`;
  if (typeof value === 'string') return goString(value);
  return write(value, kind, exceptions) ?? '{}';
}

function writeScalar(value: unknown, kind: ScalarKind): GoJson {
  const kept = kind.zero === 'kept';
  switch (kind.is) {
    case 'boolean':
      return kept ? pointer(value as boolean) : optionalTrue(value as boolean);
    case 'integer':
      return kept ? pointer(value as number) : optionalInteger(value as number);
    case 'number':
      return optionalFloat32(value as number);
    case 'bytes':
      return optionalBytes(value as number);
    case 'duration':
      return kept ? durationPointer(value as number) : optionalDuration(value as number);
    case 'mode':
      return `"0${(value as number).toString(8)}"`;
    default:
      return optionalString(String(value));
  }
}
