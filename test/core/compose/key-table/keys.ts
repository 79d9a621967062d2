import type { Kind, ObjectKind } from '../../../../main/core/compose/schema/kinds.ts';
import { composeFile } from '../../../../main/core/compose/schema/top.ts';

/* Every key that the schema knows, as a path: `services.*.ports[].target`. `*` is a name of the user's, `[]` an item. */

export interface Key {
  readonly path: string;
  readonly kind: Kind;
  /** The objects around it, from the file's own on. */
  readonly parents: readonly { readonly path: string; readonly kind: ObjectKind }[];
}

export function schemaKeys(): readonly Key[] {
  const found: Key[] = [];
  const intoObject = (kind: ObjectKind, path: string, parents: Key['parents']) => {
    const around = [...parents, { path, kind }];
    for (const [name, value] of kind.keys) {
      if (kind.made?.includes(name)) continue;
      const own = path === '' ? name : `${path}.${name}`;
      found.push({ path: own, kind: value, parents: around });
      into(value, own, around);
    }
  };
  const into = (kind: Kind, path: string, parents: Key['parents']): void => {
    if (kind.is === 'object') intoObject(kind, path, parents);
    else if (kind.is === 'list') into(kind.item, `${path}[]`, parents);
    else if (kind.is === 'dict') into(kind.value, `${path}.*`, parents);
  };
  intoObject(composeFile, '', []);
  return found;
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'yes or no',
  bytes: 'size',
  mode: 'file mode',
};

/** What may be written there, and as what it is kept. */
export function describeKind(kind: Kind): string {
  switch (kind.is) {
    case 'object':
      return `${kind.accepts === undefined ? 'object' : 'object, or short'}${kind.nullable === true ? ', or nothing' : ''}`;
    case 'dict':
      return `${kind.model === 'pairs' ? 'list of `key=value`' : `map to ${plural(kind.value)}`}${kind.fromList === undefined ? '' : ', or list'}`;
    case 'list':
      return `list of ${plural(kind.item)}${kind.identity === undefined ? '' : ', each once'}${kind.line === undefined ? '' : ', or a line'}${kind.single === true ? ', or one' : ''}${kind.merge === undefined ? '' : '; the later file’s counts'}`;
    case 'duration':
      return 'duration, in nanoseconds';
    default: {
      const options = kind.oneOf === undefined ? '' : `: ${kind.oneOf.map((option) => `\`${option}\``).join(' ')}`;
      const path = kind.path === undefined ? '' : ', made absolute';
      return `${words[kind.is] ?? kind.is}${options}${path}`;
    }
  }
}

function plural(kind: Kind): string {
  if (kind.is === 'object') return 'objects';
  if (kind.is === 'list') return 'lists';
  if (kind.is === 'string') return kind.path === undefined ? 'text' : 'paths';
  return `${kind.is}s`;
}
