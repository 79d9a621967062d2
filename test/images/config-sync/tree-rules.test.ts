import { describe, expect, it } from 'vitest';
import {
  memberFiles,
  memberFolders,
  toMemberPath,
} from '../../../resources/images/common/team-configuration/member-paths.mjs';
import {
  checkSizes,
  checkTree,
  toPrintable,
  treeLimits,
} from '../../../resources/images/common/team-configuration/tree-rules.mjs';

const file = (path: string, mode = '100644') => ({ mode, oid: 'a'.repeat(40), path });
const reasonsOf = (...paths: readonly string[]) =>
  checkTree(paths.map((path) => file(path))).map(({ reason }) => reason);

/** What somebody who may push could try, by what it is refused for. */
const hostilePaths: Readonly<Record<string, readonly string[]>> = {
  traversal: ['..', '../x', 'claude/../../x', 'claude/hooks/..', './x', 'claude/./x'],
  absolute: ['/etc/passwd', 'claude//x', 'claude/', '//host/share'],
  'git-folder': [
    '.git/config',
    'claude/.git/hooks/pre-commit',
    '.GIT/config',
    '.Git',
    'git~1/config',
    'GIT~2/x',
    'claude/hooks/.gIt',
    '.ｇit/x',
  ],
  'control-character': [
    'claude/a\nb',
    'claude/a\tb',
    'claude/\u007f',
    'claude/a\u0085b',
    '.g\u200cit/config',
    // Letters and marks that nobody sees.
    'claude/commands/review\u3164.md',
    'claude/commands/review\ufe0f.md',
    'claude/hooks/\u2800',
    '\ufeff.git/config',
    'claude/commands/\u202egnp.sh',
    'a\u2028b',
    'claude/a\u0000b',
    'claude/\u{e0001}',
  ],
  'windows-name': [
    'C:\\x',
    'C:/x',
    'claude\\..\\x',
    'a:stream',
    '.git::$INDEX_ALLOCATION/config',
    'claude/a.',
    'claude/a ',
    '.git./config',
    '.git /config',
    'claude/...',
    'con',
    'claude/NUL.txt',
    'Aux/x',
    'com1',
    'LPT¹.md',
    'CONIN$',
    'a?',
    'a*b',
    'a"b',
    'a|b',
    '<x>',
  ],
  encoding: ['claude/\ufffd'],
  'too-deep': [Array(17).fill('a').join('/')],
  'path-too-long': [`claude/${'a'.repeat(200)}`, 'é'.repeat(101)],
};
const hostile = Object.entries(hostilePaths).flatMap(([reason, paths]) => paths.map((path) => [reason, path] as const));

describe('the rules for a tree', () => {
  it('take a team’s repository', () => {
    const paths = [
      'README.md',
      '.github/workflows/x.yml',
      '.gitignore',
      '.gitattributes',
      'claude/CLAUDE.md',
      'claude/skills/ä/Ünï code.md',
    ];
    expect(reasonsOf(...paths, 'console/nullable.md', 'claude/hooks/git~x', 'claude/.gitkeep')).toEqual([]);
    expect(checkTree([file('claude/hooks/run.sh', '100755')])).toEqual([]);
  });

  it.each(hostile)('refuse %s: %j', (reason, path) => {
    expect(reasonsOf('claude/CLAUDE.md', path)).toEqual([reason]);
  });

  it('say it in words that can be printed', () => {
    for (const [, path] of hostile) {
      for (const { path: shown, message } of checkTree([file(path)]))
        expect(`${shown}${message}`).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    }
    expect(toPrintable('a\u202eb\n')).toBe('a\\u{202e}b\\u{a}');
  });

  it.each([
    ['120000', 'symlink'],
    ['160000', 'submodule'],
    ['040000', 'mode'],
    ['100664', 'mode'],
    ['100600', 'mode'],
    ['104755', 'mode'],
  ])('refuse an entry with mode %s: %s', (mode, reason) => {
    expect(checkTree([file('claude/x', mode)])).toMatchObject([{ reason, path: 'claude/x' }]);
  });

  it.each([
    ['claude/CLAUDE.md', 'claude/claude.md'],
    ['claude/a', 'Claude/b'],
    ['claude/straße', 'claude/STRASSE'],
    ['claude/é', 'claude/e\u0301'],
    ['claude/ﬁx', 'claude/fix'],
    ['claude/K', 'claude/\u212a'],
    ['claude/x', 'claude/x'],
    ['claude/x', 'claude/x/y'],
    ['claude/x/y', 'claude/x'],
    ['claude/X', 'claude/x/y'],
  ])('refuse two names that are one on some machine: %s and %s', (one, other) => {
    expect(reasonsOf(one, other)).toEqual(['collision']);
  });

  it('refuse too many files, and tell of many flaws only the first', () => {
    const many = Array.from({ length: treeLimits.files + 1 }, (_, index) => `claude/${index}`);
    expect(reasonsOf(...many.slice(1))).toEqual([]);
    expect(reasonsOf(...many)).toEqual(['too-many-files']);
    expect(reasonsOf(...many.slice(1).map((path) => `${path}.`))).toHaveLength(20);
  });

  it('refuse what is too big, alone or together, and what was left at the remote for its size', () => {
    const one = { ...file('claude/one'), oid: '1'.repeat(40) };
    const sized = (size: number | null) => checkSizes([one], new Map([[one.oid, size]])).map(({ reason }) => reason);
    expect(sized(treeLimits.file)).toEqual([]);
    expect(sized(treeLimits.file + 1)).toEqual(['file-too-big']);
    expect(sized(null)).toEqual(['file-too-big']);
    expect(checkSizes([one], new Map())).toHaveLength(1);
    // The same content eleven times is eleven files on a member's disk.
    const copies = Array.from({ length: 11 }, () => one);
    expect(checkSizes(copies.slice(1), new Map([[one.oid, treeLimits.file]]))).toEqual([]);
    expect(checkSizes(copies, new Map([[one.oid, treeLimits.file]]))).toMatchObject([{ reason: 'tree-too-big' }]);
  });
});

describe('what a member gets', () => {
  it('is what mirrors Claude Code’s configuration folder', () => {
    for (const name of memberFiles) expect(toMemberPath(`claude/${name}`)).toBe(name);
    for (const name of memberFolders) expect(toMemberPath(`claude/${name}/a/b.md`)).toBe(`${name}/a/b.md`);
  });

  it.each([
    'README.md',
    'CLAUDE.md',
    'claude',
    'claude/.credentials.json',
    'claude/settings.local.json',
    'claude/projects/x.jsonl',
    'claude/hooks',
    'claude/CLAUDE.md/x',
    'Claude/CLAUDE.md',
    'claude/claude.md',
    'x/claude/CLAUDE.md',
    '/claude/CLAUDE.md',
    'claude/constructor/x',
  ])('is not %s', (path) => {
    expect(toMemberPath(path)).toBeNull();
  });

  it('is never a hostile path: none passes both', () => {
    for (const [, path] of hostile) {
      for (const tried of [path, `claude/hooks/${path}`]) expect(checkTree([file(tried)]), tried).not.toEqual([]);
    }
  });
});
