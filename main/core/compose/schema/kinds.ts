import type { Paths } from '../../paths.ts';
import type { Reporter } from '../report.ts';
import type { ListNode, MapNode, Node, Path, ScalarNode } from '../tree.ts';

/*
 * The vocabulary in which the schema is written: for every key what may stand there, its short syntax, how files are
 * merged there, and which paths are relative. One walk (canonical.ts), one merge (merge.ts) and one conversion
 * (decode.ts) read it, so a key is described in one place only.
 */

/** What a short or odd form is turned into the long one with. */
export interface ShortContext {
  readonly reporter: Reporter;
  readonly paths: Paths;
  readonly path: Path;
  readonly home: string | undefined;
  /** Paths stay as they are written. */
  readonly keepPaths?: boolean;
  /** Asks for room for `count` more ports; false when the project has too many. */
  readonly takePorts: (count: number) => boolean;
  /** Whether a null that says nothing was met. */
  readonly met?: { nothing: boolean };
}

export type ScalarType = 'string' | 'number' | 'integer' | 'boolean' | 'null';

/** Which file system rule a string follows. Empty, `file-or-folder` is the folder itself; the others stay empty. */
export type PathRule = 'file' | 'file-or-folder' | 'context';

export interface ScalarKind {
  readonly is: 'string' | 'boolean' | 'integer' | 'number' | 'bytes' | 'duration' | 'mode' | 'any';
  /** Types that may be written; a string that stands for the value is fine where 'string' is among them. */
  readonly accepts: readonly ScalarType[];
  readonly oneOf?: readonly string[];
  /** The whole text must match; `wanted` says what that is. */
  readonly pattern?: {
    readonly test: RegExp;
    readonly wanted: string;
    /** docker compose lets other text pass and the engine refuses it: said, but no reason to refuse the file. */
    readonly only?: 'warned';
  };
  /** Lowest and highest. */
  readonly range?: readonly [number, number];
  readonly path?: PathRule;
  /** Nothing here or in the plan needs to know the text, so it may have the mark of a value that is only looked up later. */
  readonly opaque?: true;
  /** False and 0 differ from "not said", and are printed. */
  readonly zero?: 'kept';
}

export interface ListKind {
  readonly is: 'list';
  readonly item: Kind;
  /** A lone value is a list of one. */
  readonly single?: true;
  /** A lone string is split into words as a shell would (command, entrypoint), or becomes `CMD-SHELL` (healthcheck). */
  readonly line?: 'words' | 'health';
  /** May be null, and stays so (command, entrypoint). */
  readonly nullable?: true;
  /** The same item twice in one file is refused (elsewhere it is only dropped). */
  readonly repeats?: 'refused';
  /** An empty string among the items says nothing. */
  readonly empty?: 'dropped';
  /** `matching`: the later list counts, each item on top of the earlier one of the same identity. */
  readonly merge?: 'replace' | 'matching';
  /** What makes two items the same: the later one takes the earlier one's place (interop.md 21 and 22). */
  readonly identity?: (item: Node) => string | undefined;
}

export interface DictKind {
  readonly is: 'dict';
  readonly value: Kind;
  /** How a list stands for a mapping: `A=1`, `host:ip` (or `=`), or bare names. */
  readonly fromList?: 'equals' | 'hosts' | 'names';
  readonly keys?: { readonly test: RegExp; readonly wanted: string };
  /** The model has a list of `key=value`, or of `key` where there is no value (ssh). */
  readonly model?: 'pairs';
  /** Names that may stand in a list without a value; not said: all. */
  readonly alone?: readonly string[];
  /** The same line twice in a list is refused. */
  readonly repeats?: 'refused';
  /** A space before the `=` of a list's item is a mistake; elsewhere the name really ends in a space. */
  readonly spaced?: 'refused';
  /** Null is a mistake in every file, not only where no other file says more. */
  readonly said?: true;
  /** Mapping that a bare name becomes. */
  readonly nameValue?: (at: ScalarNode) => Node;
  /** May be null, which is an empty one. */
  readonly nullable?: true;
  /** A key without a value has the empty string (labels); elsewhere it has none (variables). */
  readonly nulls?: 'empty';
  readonly merge?: 'replace';
}

export interface ObjectKind {
  readonly is: 'object';
  /** For messages: `a service`, `a port`. */
  readonly title: string;
  /** In the order in which docker compose prints them. */
  readonly keys: ReadonlyMap<string, Kind>;
  readonly required?: readonly string[];
  /** `x-…` keys are not allowed here (the specification's own exceptions). */
  readonly closed?: true;
  /** Unknown keys are passed over, with a warning: the specification's schema forgot to refuse them. */
  readonly loose?: true;
  readonly nullable?: true;
  /** The scalar short form. Several nodes are given back where one item stands for many (port ranges). */
  readonly short?: (node: ScalarNode, context: ShortContext) => Node | readonly Node[] | undefined;
  /** Keys that only the short form makes: nobody may write them. */
  readonly made?: readonly string[];
  /** Last touch on the long form: checks between keys, defaults. */
  readonly finish?: (node: MapNode, context: ShortContext) => MapNode;
  /** Which scalars the short form takes. */
  readonly accepts?: readonly ScalarType[];
  readonly merge?: 'replace' | 'same-driver';
}
export type Kind = ScalarKind | ListKind | DictKind | ObjectKind;

export const string: ScalarKind = { is: 'string', accepts: ['string'] };
export const stringOrNull: ScalarKind = { is: 'string', accepts: ['string', 'null'] };
/** A string for which a number may be written, as in `published: 80`. */
export const stringOrNumber: ScalarKind = { is: 'string', accepts: ['string', 'number', 'integer'] };
/** A value of a label, variable or option. */
export const anyText: ScalarKind = { is: 'string', accepts: ['string', 'number', 'integer', 'boolean', 'null'] };
/** Text that is handed on as it is, so that it may hold what only the keychain has. */
export const handedOn = (kind: ScalarKind): ScalarKind => ({ ...kind, opaque: true });
export const boolean: ScalarKind = { is: 'boolean', accepts: ['boolean', 'string'] };
export const integer: ScalarKind = { is: 'integer', accepts: ['integer', 'string'] };
export const number: ScalarKind = { is: 'number', accepts: ['number', 'integer', 'string'] };
export const bytes: ScalarKind = { is: 'bytes', accepts: ['number', 'integer', 'string'] };
export const wholeBytes: ScalarKind = { ...bytes, accepts: ['integer', 'string'] };
export const duration: ScalarKind = { is: 'duration', accepts: ['string'], zero: 'kept' };
export const mode: ScalarKind = { is: 'mode', accepts: ['integer', 'number', 'string'], zero: 'kept' };
export const any: ScalarKind = { is: 'any', accepts: ['string', 'number', 'integer', 'boolean', 'null'] };
export const file: ScalarKind = { ...string, path: 'file' };

export function kept(kind: ScalarKind): ScalarKind {
  return { ...kind, zero: 'kept' };
}

export function oneOf(...options: readonly string[]): ScalarKind {
  return { ...string, oneOf: options };
}

const itself = (item: Node): string | undefined => (item.kind === 'scalar' ? String(item.value) : undefined);

/** Items are appended when files are merged. */
export function list(item: Kind, options: Omit<ListKind, 'is' | 'item'> = {}): ListKind {
  return { is: 'list', item, ...options };
}

/** A list of strings that holds each of them once. */
export function set(item: Kind = string, options: Omit<ListKind, 'is' | 'item' | 'identity'> = {}): ListKind {
  return { is: 'list', item, identity: itself, ...options };
}

/** A list of strings in which repeating one is an error. */
export function strictSet(item: Kind = string): ListKind {
  return { ...set(item), repeats: 'refused' };
}

/** Environment variables and build arguments: `A=1` lists and mappings alike. */
export const variables: DictKind = { is: 'dict', value: handedOn(anyText), fromList: 'equals', spaced: 'refused' };
/** Labels and what is written like them. */
export const mapping: DictKind = { is: 'dict', value: handedOn(anyText), fromList: 'equals', nulls: 'empty' };

export function dict(value: Kind, options: Omit<DictKind, 'is' | 'value'> = {}): DictKind {
  return { is: 'dict', value, ...options };
}

export function object(
  title: string,
  keys: Readonly<Record<string, Kind>>,
  options: Omit<ObjectKind, 'is' | 'title' | 'keys'> = {},
): ObjectKind {
  return { is: 'object', title, keys: new Map(Object.entries(keys)), ...options };
}

/** Names of services, networks, … in the file. */
/** Range of what is counted. */
export const COUNT: readonly [number, number] = [0, Number.MAX_SAFE_INTEGER];

export const USER_KEY = { test: /^[a-zA-Z0-9._-]+$/, wanted: 'letters, digits, `.`, `_` and `-`' };

/** Text under `key` of a long form, for identities. */
export function textAt(item: Node, key: string): string {
  const value = item.kind === 'map' ? item.entries.get(key)?.value : undefined;
  return value?.kind === 'scalar' && value.value !== null ? String(value.value) : '';
}

export type { ListNode };
