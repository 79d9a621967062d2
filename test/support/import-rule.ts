import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';

/*
 * Who may import whom: the table of docs/architecture.md as data. The compiler's project references hold the same
 * between rooms; this adds packages, Node's own modules and globals, which a tsconfig lets in.
 */

export interface Room {
  readonly name: string;
  /** Folder or file, relative to the repository. The longest one that fits decides. */
  readonly path: string;
  /** Rooms, or single files of rooms, that it may import besides itself. */
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
  /** May import `node:*` and use Node's globals. */
  readonly node: boolean;
}

const ports = 'main/services/ports.ts';
const everything = ['contract', 'core', 'services', 'rpc', 'docker', 'platform', 'hosts/shared'];

export const rooms: readonly Room[] = [
  { name: 'contract', path: 'preload/contract', rooms: [], packages: ['zod'], node: false },
  { name: 'preload', path: 'preload', rooms: ['contract'], packages: ['electron'], node: false },
  { name: 'core', path: 'main/core', rooms: ['contract'], packages: ['js-yaml', 'yaml', 'zod'], node: false },
  { name: 'services', path: 'main/services', rooms: ['contract', 'core'], packages: ['zod'], node: false },
  { name: 'rpc', path: 'main/rpc', rooms: ['contract', 'core', 'services'], packages: ['zod'], node: false },
  {
    name: 'docker',
    path: 'main/docker',
    rooms: ['contract', 'core', ports],
    packages: ['dockerode', 'docker-modem', '@balena/dockerignore', 'tar-fs', 'tar-stream', 'zod'],
    node: true,
  },
  {
    name: 'platform',
    path: 'main/platform',
    rooms: ['contract', 'core', ports],
    packages: ['@peculiar/x509', 'keytar', 'reflect-metadata', 'ws', 'zod'],
    node: true,
  },
  { name: 'hosts/shared', path: 'main/hosts/shared', rooms: everything, packages: ['zod'], node: true },
  { name: 'hosts/web', path: 'main/hosts/web', rooms: everything, packages: ['ws', 'zod'], node: true },
  {
    name: 'hosts/cli',
    path: 'main/hosts/cli',
    rooms: [...everything, 'hosts/web'],
    packages: ['commander', 'lean-qr', 'yaml', 'zod'],
    node: true,
  },
  { name: 'hosts/electron', path: 'main/hosts/electron', rooms: everything, packages: ['electron'], node: true },
  {
    name: 'renderer',
    path: 'renderer',
    rooms: ['contract'],
    packages: [
      '@base-ui/react',
      '@tanstack/react-virtual',
      'ansi-sequence-parser',
      'lean-qr',
      'react',
      'react-dom',
      'zod',
      'zustand',
    ],
    node: false,
  },
];

/** Globals that tie a room to Node, to the clock or to chance. */
const nodeGlobals = ['process', 'Buffer', '__dirname', '__filename', 'require'];
const impure = ['Date.now', 'Math.random', 'performance.now', 'crypto.randomUUID'];

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

function roomOf(path: string): Room | undefined {
  return rooms
    .filter((room) => path === room.path || path.startsWith(`${room.path}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}

/** Every breach in a file, as sentences that begin with `path:line`. */
export function violations({ path, text }: SourceFile): readonly string[] {
  const room = roomOf(path);
  if (room === undefined) return [`${path}:1 is in no room of the import table`];
  const at = (offset: number) => `${path}:${text.slice(0, offset).split('\n').length}`;
  const parsed = parseSync(path, text);
  const found = parsed.errors.map((error) => `${path}:1 cannot be parsed: ${error.message}`);
  for (const { name, offset } of importsOf(parsed, text)) {
    const breach = breachOf(room, path, name);
    if (breach !== undefined) found.push(`${at(offset)} ${breach}`);
  }
  for (const { name, offset } of globalsOf(parsed.program)) {
    if (!room.node && nodeGlobals.includes(name)) found.push(`${at(offset)} ${room.name} uses Node's ${name}`);
    if (room.name === 'core' && impure.includes(name)) found.push(`${at(offset)} core uses ${name}: hand it in`);
  }
  return found;
}

/** Kebab-case, with dots for what tools read: `plan.test.ts`, `vite-env.d.ts`. */
export const hasKebabName = (path: string): boolean =>
  /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)+$/.test(posix.basename(path));

interface Named {
  readonly name: string;
  readonly offset: number;
}

function importsOf({ module }: ReturnType<typeof parseSync>, text: string): readonly Named[] {
  const fixed = module.staticImports.map(({ moduleRequest }) => ({
    name: moduleRequest.value,
    offset: moduleRequest.start,
  }));
  const passedOn = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ moduleRequest }) =>
      moduleRequest ? [{ name: moduleRequest.value, offset: moduleRequest.start }] : [],
    );
  const lazy = module.dynamicImports.map(({ moduleRequest }) => ({
    name: text.slice(moduleRequest.start, moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
    offset: moduleRequest.start,
  }));
  return [...fixed, ...passedOn, ...lazy];
}

function breachOf(room: Room, path: string, name: string): string | undefined {
  if (name.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(path), name));
    const other = roomOf(target);
    if (other === undefined)
      return isResource(name) ? undefined : `${room.name} imports ${target}, which is in no room`;
    const allowed = other.name === room.name || room.rooms.includes(other.name) || room.rooms.includes(target);
    return allowed ? undefined : `${room.name} imports ${other.name} (${target})`;
  }
  if (name.startsWith('node:')) return room.node ? undefined : `${room.name} imports ${name}`;
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  return room.packages.includes(packageName) ? undefined : `${room.name} imports the package ${packageName}`;
}

/** Vite turns these into an address or a text. */
const isResource = (name: string): boolean => /\.(?:css|svg|png|json)(?:\?\w+)?$/.test(name);

/** Free names and `object.member` of free objects; a property or a variable that merely has such a name is none. */
function globalsOf(program: unknown): readonly Named[] {
  const found: Named[] = [];
  const declared = new Set<unknown>();
  visit(program, (node) => {
    if (node.type === 'VariableDeclarator' && isNode(node.id)) declared.add(node.id.name);
    if (node.type === 'Identifier' && typeof node.name === 'string')
      found.push({ name: node.name, offset: node.start });
    if (node.type === 'MemberExpression' && isNode(node.object) && isNode(node.property) && node.computed !== true) {
      found.push({ name: `${String(node.object.name)}.${String(node.property.name)}`, offset: node.start });
    }
  });
  return found.filter(({ name }) => !declared.has(name));
}

interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}
const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value;

function visit(value: unknown, see: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
    return;
  }
  if (!isNode(value)) return;
  see(value);
  for (const [key, child] of Object.entries(value)) {
    // `x.process`, `{ process: 1 }` and `{ process() {} }` name a property, not the global.
    const isPropertyName = (key === 'property' || key === 'key') && value.computed !== true && value.shorthand !== true;
    if (!isPropertyName) visit(child, see);
  }
}
