import { hasMark, marksIn, sourceText } from '../opaque.ts';
import type { Mistake } from './report.ts';
import { goNumber } from './scalars.ts';
import type { Kind, ObjectKind, ScalarKind, ScalarType, ShortContext } from './schema/kinds.ts';
import { didYouMean } from './suggest.ts';
import type { Node, Path, ScalarNode } from './tree.ts';
import { parseBytes, parseDuration } from './units.ts';

/* Scalars against the schema: the type that is written, then the value it stands for. */

export function typeOf(node: ScalarNode): ScalarType {
  if (node.value === null) return 'null';
  if (typeof node.value === 'boolean') return 'boolean';
  if (typeof node.value === 'string') return 'string';
  return node.float === true || !Number.isInteger(node.value) ? 'number' : 'integer';
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  null: 'nothing',
  bytes: 'a size such as `512m`',
  duration: 'a duration such as `1m30s`',
  mode: 'a file mode such as `0440`',
  list: 'a list',
  map: 'a mapping',
  dict: 'a mapping',
};

function written(node: Node): string {
  if (node.kind !== 'scalar') return NAMES[node.kind] ?? node.kind;
  if (node.timestamp) return 'a date';
  if (node.value === null) return 'nothing';
  return `${typeOf(node) === 'string' ? 'text' : (NAMES[typeOf(node)] ?? '')} (\`${shorten(String(node.value))}\`)`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function wanted(kind: Kind): string {
  if (kind.is === 'object') {
    const short = kind.accepts?.includes('string') ? ' or its short form' : '';
    return `a mapping${short}`;
  }
  if (kind.is === 'dict') return kind.fromList === undefined ? 'a mapping' : 'a mapping or a list';
  if (kind.is === 'list') return kind.single || kind.line ? 'a list or a single value' : 'a list';
  return NAMES[kind.is] ?? kind.is;
}

/** `services.web.ports[0]`, or the shape's name at the root of a file. */
export function placeOf(path: Path, kind: ObjectKind): string {
  if (path.length === 0) return kind.title;
  return `\`${pathText(path)}\``;
}

function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** Reports text that has to be known here and that only the keychain has; false when it has none of that. */
export function needsValue(node: Node, { reporter, path }: ShortContext): boolean {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || !hasMark(node.value)) return false;
  const marks = marksIn(node.value);
  for (const { name, source } of marks) {
    if (source === 'missing') reporter.report(requiredVariable(name, node));
    else
      reporter.report({
        rule: 'needs-value',
        message: `\`${pathText(path)}\` has to be known to make a plan, but \`${name}\` (${sourceText(source)}) is looked up only when a step runs`,
        hint: `set ${name} in the environment or in the .env file; from the keychain it can go into environment, command, labels, health checks, hooks, build arguments and driver options`,
        at: node,
        path,
      });
  }
  return marks.length > 0;
}

/** `${NAME:?}` in a place where the project cannot be read without it. */
function requiredVariable(name: string, at: Node): Mistake {
  const hint = `set it in the environment or in the .env file: ${name}=…`;
  return { rule: 'undefined-variable', message: `required variable \`${name}\` is not set`, hint, at };
}

export function wrongType(node: Node, kind: Kind, context: ShortContext): undefined {
  const isText = kind.is === 'string' && node.kind === 'scalar' && node.value !== null;
  context.reporter.report({
    rule: 'wrong-type',
    message: `\`${pathText(context.path)}\` must be ${wanted(kind)}, not ${written(node)}`,
    hint: isText ? 'put it in quotes' : undefined,
    at: node,
    path: context.path,
  });
  return undefined;
}

function badValue(node: ScalarNode, kind: ScalarKind, context: ShortContext, hint?: string): undefined {
  const message = `\`${pathText(context.path)}\` must be ${NAMES[kind.is] ?? kind.is}, not \`${shorten(String(node.value))}\``;
  context.reporter.report({ rule: 'bad-value', message, hint, at: node, path: context.path });
  return undefined;
}

/** YAML 1.1 words that are strings here but mean a boolean where one is expected (interop.md 2). */
const WORDS: Readonly<Record<string, boolean>> = { y: true, yes: true, on: true, n: false, no: false, off: false };

function toBoolean(node: ScalarNode, kind: ScalarKind, context: ShortContext): ScalarNode | undefined {
  if (typeof node.value === 'boolean') return node;
  const text = String(node.value).toLowerCase();
  if (text === 'true' || text === 'false') return { ...node, value: text === 'true' };
  const word = WORDS[text];
  if (word === undefined) return badValue(node, kind, context, 'write `true` or `false`');
  const message = `\`${String(node.value)}\` is taken for ${word}`;
  const hint = `write \`${word}\``;
  context.reporter.report({ severity: 'warning', rule: 'yaml-1.1', message, hint, at: node, path: context.path });
  return { ...node, value: word };
}

function toNumber(node: ScalarNode, kind: ScalarKind, context: ShortContext): ScalarNode | undefined {
  const text = String(node.value).trim();
  if (typeof node.value === 'string' && kind.oneOf?.includes(text)) return { ...node, value: -1 };
  const value =
    typeof node.value === 'number' ? node.value : /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  const fits = kind.is !== 'integer' || Number.isInteger(value) || kind.accepts.includes('number');
  if (!Number.isFinite(value) || !fits) return badValue(node, kind, context);
  if (kind.range !== undefined && (value < kind.range[0] || value > kind.range[1])) {
    const most = kind.range[1] === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${kind.range[1]}`;
    return badValue(node, kind, context, `at least ${kind.range[0]}${most}`);
  }
  return { ...node, value: kind.is === 'integer' ? Math.trunc(value) : value };
}

function toText(node: ScalarNode): string | null {
  if (typeof node.value !== 'number') return node.value === null ? null : String(node.value);
  return node.exact ?? goNumber(node.value, typeOf(node) === 'number');
}

function badText(
  node: ScalarNode,
  text: string,
  meant: string,
  { reporter, path }: ShortContext,
  more: Pick<Mistake, 'hint' | 'severity'> = {},
): undefined {
  const message = `\`${pathText(path)}\` must be ${meant}, not \`${shorten(text)}\``;
  reporter.report({ rule: 'bad-value', message, at: node, path, ...more });
  return undefined;
}

function checkText(node: ScalarNode, kind: ScalarKind, context: ShortContext): ScalarNode | undefined {
  const text = toText(node);
  if (text !== null && kind.oneOf !== undefined && !kind.oneOf.includes(text)) {
    const options = kind.oneOf.map((option) => `\`${option}\``).join(', ');
    return badText(node, text, `one of ${options}`, context, { hint: didYouMean(text, kind.oneOf) });
  }
  if (text !== null && kind.pattern !== undefined && !kind.pattern.test.test(text)) {
    const { wanted: meant, only } = kind.pattern;
    if (only !== 'warned') return badText(node, text, meant, context);
    badText(node, text, meant, context, { severity: 'warning', hint: 'the engine will refuse it' });
  }
  return text === node.value ? node : { ...node, value: text };
}

/** The value as the model holds it: sizes in bytes, durations in nanoseconds, octal modes as numbers. */
export function castScalar(node: ScalarNode, kind: ScalarKind, context: ShortContext): ScalarNode | undefined {
  if (kind.opaque !== true && needsValue(node, context)) return { ...node, broken: true };
  const type = typeOf(node);
  // What a variable was put into is text, whatever it stands for.
  const accepted =
    kind.accepts.includes(type) ||
    (type === 'integer' && kind.accepts.includes('number')) ||
    // 1e3 and 2.0 are whole numbers to a JSON schema.
    (kind.is !== 'string' && Number.isInteger(node.value) && kind.accepts.includes('integer')) ||
    (node.interpolated === true && type === 'string');
  if (node.timestamp || !accepted) return wrongType(node, kind, context);
  if (node.value === null) return node;
  switch (kind.is) {
    case 'boolean':
      return toBoolean(node, kind, context);
    case 'integer':
    case 'number':
      return toNumber(node, kind, context);
    case 'bytes': {
      const value = typeof node.value === 'number' ? node.value : parseBytes(String(node.value));
      if (value === undefined) return badValue(node, kind, context);
      const [least] = kind.range ?? [];
      if (least !== undefined && typeof node.value === 'number' && value < least) {
        return badValue(node, kind, context, `at least ${least}`);
      }
      return { ...node, value };
    }
    case 'duration': {
      const value = parseDuration(String(node.value));
      return value === undefined ? badValue(node, kind, context) : { ...node, value };
    }
    case 'mode': {
      const text = String(node.value);
      const value =
        typeof node.value === 'number'
          ? node.value
          : /^(?:0o?)?[0-7]+$/.test(text)
            ? Number.parseInt(text.replace('o', ''), 8)
            : undefined;
      return value === undefined ? badValue(node, kind, context) : { ...node, value };
    }
    default:
      return checkText(node, kind, context);
  }
}
